using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Web.Views;

/// <summary>How something stands, as a colour with a meaning.</summary>
public enum Tone
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Needs a look.</summary>
    Warn,

    /// <summary>Needs a hand.</summary>
    Bad,

    /// <summary>Neither.</summary>
    Quiet,
}

/// <summary>An agent as a row of the overview, with everything put into words.</summary>
public sealed record AgentRow(
    string Id,
    string Status,
    Tone Tone,
    string Reason,
    string Since,
    string Address,
    string Version,
    long BacklogFiles,
    long BacklogBytes,
    bool HasReport,
    string Rate,
    DateTimeOffset? LastUploadAt,
    string LastUpload,
    string? LastError,
    string LastErrorAge,
    bool FiguresAreOld)
{
    /// <summary>Without a report for this long the figures of an agent are marked as old.</summary>
    public static readonly TimeSpan FiguresKeepFor = TimeSpan.FromSeconds(10);

    /// <summary>What to do about it; null when there is nothing to do.</summary>
    public string? ToDo { get; init; }

    /// <summary>Upload rate as a number, for sorting.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>The health, for sorting and choosing.</summary>
    public FleetProtocol.AgentHealth Health { get; init; }

    /// <summary>Whether uploads are paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether bytes on the node are not in the archive yet.</summary>
    public bool AtRisk => BacklogFiles > 0 || BacklogBytes > 0;

    /// <summary>The row of an agent at a moment.</summary>
    public static AgentRow From(FleetProtocol.AgentView agent, DateTimeOffset now)
    {
        var report = agent.LastReport;
        var lastUpload = Latest(report?.LastUploadAt, agent.LastStoredAt);
        return new AgentRow(
            agent.AgentId,
            Label(agent.Health),
            ToneOf(agent.Health),
            agent.Reason,
            Format.Duration(now - agent.Since),
            report?.Address ?? "",
            report?.Version ?? "",
            report?.BacklogFiles ?? 0,
            report?.BacklogBytes ?? 0,
            report is not null,
            ToneOf(agent.Health) == Tone.Bad ? "–" : Format.Rate(report?.BytesPerSecond ?? 0),
            lastUpload,
            Format.Age(lastUpload, now),
            report?.LastError,
            Format.Age(report?.LastErrorAt, now),
            agent.LastReportAt is { } at && now - at > FiguresKeepFor)
        {
            ToDo = agent.ToDo,
            BytesPerSecond = ToneOf(agent.Health) == Tone.Bad ? 0 : report?.BytesPerSecond ?? 0,
            Health = agent.Health,
            IsPaused = report?.IsPaused ?? false,
        };
    }

    /// <summary>All rows, those that need a hand first.</summary>
    public static IReadOnlyList<AgentRow> From(IEnumerable<FleetProtocol.AgentView> agents, DateTimeOffset now) =>
        [.. agents.OrderBy(agent => Rank(agent.Health)).ThenBy(agent => agent.AgentId, StringComparer.OrdinalIgnoreCase).Select(agent => From(agent, now))];

    /// <summary>Name of a health.</summary>
    public static string Label(FleetProtocol.AgentHealth health) =>
        health switch
        {
            FleetProtocol.AgentHealth.UploadsOnly => "Uploads only",
            FleetProtocol.AgentHealth.SilentFile => "Silent file",
            FleetProtocol.AgentHealth.NeverSeen => "Never seen",
            _ => health.ToString(),
        };

    /// <summary>Colour of a health.</summary>
    public static Tone ToneOf(FleetProtocol.AgentHealth health) => health switch
    {
        FleetProtocol.AgentHealth.Online or FleetProtocol.AgentHealth.UploadsOnly => Tone.Good,
        FleetProtocol.AgentHealth.Failing or FleetProtocol.AgentHealth.Silent or FleetProtocol.AgentHealth.Lagging or FleetProtocol.AgentHealth.SilentFile => Tone.Warn,
        FleetProtocol.AgentHealth.Unreachable => Tone.Bad,
        _ => Tone.Quiet,
    };

    /// <summary>Whether the archive may forget an agent of this health.</summary>
    public static bool CanBeForgotten(FleetProtocol.AgentHealth health) =>
        health is FleetProtocol.AgentHealth.Left or FleetProtocol.AgentHealth.Unreachable or FleetProtocol.AgentHealth.Unknown or FleetProtocol.AgentHealth.UploadsOnly;

    private static int Rank(FleetProtocol.AgentHealth health) => ToneOf(health) switch { Tone.Bad => 0, Tone.Warn => 1, Tone.Good => 2, _ => 3 };

    private static DateTimeOffset? Latest(DateTimeOffset? one, DateTimeOffset? other) =>
        one is { } a && other is { } b ? (a > b ? a : b) : one ?? other;
}
