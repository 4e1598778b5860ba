using System.Globalization;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>An agent's place in the cluster, as this node sees it.</summary>
public enum AgentMembership
{
    /// <summary>Not a member since this node started.</summary>
    None,

    /// <summary>A member that can be reached.</summary>
    Reachable,

    /// <summary>A member that cannot be reached.</summary>
    Unreachable,

    /// <summary>Left in good order.</summary>
    Left,

    /// <summary>Removed without having left: downed after it could not be reached.</summary>
    Removed,
}

/// <summary>All that an agent's health is judged by. Times are this node's.</summary>
/// <param name="Membership">Its place in the cluster.</param>
/// <param name="MembershipSince">Since when it has that place; null when it never had one since this node started.</param>
/// <param name="LastReportAt">When its last report arrived, since this node started.</param>
/// <param name="StandingError">The error that its last report names.</param>
/// <param name="LastStoredAt">When it last stored a file over FTP, since this node started.</param>
/// <param name="EverReported">Whether a report of it ever arrived, before this node's start as well.</param>
/// <param name="Before">Its health as last known.</param>
public sealed record AgentEvidence(
    AgentMembership Membership,
    DateTimeOffset? MembershipSince,
    DateTimeOffset? LastReportAt,
    string? StandingError,
    DateTimeOffset? LastStoredAt,
    bool EverReported,
    FleetProtocol.AgentHealth Before)
{
    /// <summary>The agent.</summary>
    public string AgentId { get; init; } = "";

    /// <summary>Kind of <see cref="StandingError"/>.</summary>
    public string? Cause { get; init; }

    /// <summary>For how long the oldest pending byte had waited when the last report was made.</summary>
    public TimeSpan? OldestPendingAge { get; init; }

    /// <summary>The file it is in.</summary>
    public string? OldestPendingPath { get; init; }

    /// <summary>Whether uploads are paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Files that used to grow and have stopped, some of them.</summary>
    public IReadOnlyList<QuietFile> Quiet { get; init; } = [];

    /// <summary>How many there are.</summary>
    public int QuietCount { get; init; }
}

/// <summary>An agent's health.</summary>
/// <param name="Health">The state.</param>
/// <param name="Reason">Why, one sentence.</param>
/// <param name="Cause">Kind of what fails; null when nothing does.</param>
/// <param name="ToDo">What to do about it, one sentence; null when there is nothing to do.</param>
public sealed record HealthVerdict(FleetProtocol.AgentHealth Health, string Reason, string? Cause, string? ToDo)
{
    /// <summary>State and reason.</summary>
    public void Deconstruct(out FleetProtocol.AgentHealth health, out string reason) => (health, reason) = (Health, Reason);
}

/// <summary>How health is judged.</summary>
/// <param name="ReportInterval">How often agents are expected to report.</param>
/// <param name="LagLimit">How long a byte may wait before its agent counts as lagging.</param>
public sealed record HealthLimits(TimeSpan ReportInterval, TimeSpan LagLimit)
{
    /// <summary>The default of <see cref="LagLimit"/>.</summary>
    public static readonly TimeSpan DefaultLagLimit = TimeSpan.FromMinutes(5);
}

/// <summary>Health from evidence, with the reason in one sentence. The reason changes with the health only, never with the clock alone.</summary>
public static class HealthRules
{
    /// <summary>Reports missing in a row before an agent counts as silent.</summary>
    public const int MissingReports = 3;

    // How long a file stored over FTP says that its agent is alive.
    private static readonly TimeSpan StoredLately = TimeSpan.FromMinutes(1);

    /// <summary>Judges an agent by the default limit of lagging.</summary>
    public static HealthVerdict Evaluate(AgentEvidence evidence, TimeSpan reportInterval, DateTimeOffset now) =>
        Evaluate(evidence, new HealthLimits(reportInterval, HealthLimits.DefaultLagLimit), now);

    /// <summary>Judges an agent.</summary>
    /// <param name="evidence">What is known.</param>
    /// <param name="limits">What is expected of it.</param>
    /// <param name="now">The time.</param>
    public static HealthVerdict Evaluate(AgentEvidence evidence, HealthLimits limits, DateTimeOffset now)
    {
        var (health, reason) = Judge(evidence, limits, now);
        return health == FleetProtocol.AgentHealth.Failing
            ? new HealthVerdict(health, reason, evidence.Cause, HealthAdvice.ForCause(evidence.Cause, evidence.AgentId))
            : new HealthVerdict(health, reason, null, ToDo(health, evidence));
    }

    /// <summary>The view of an account that no agent is known of: none ever came, or it was forgotten.</summary>
    public static HealthVerdict NeverSeen(string agentId, bool isDisabled) => new(
        FleetProtocol.AgentHealth.NeverSeen,
        isDisabled ? "its FTP account is disabled, and no agent is known of it" : "its FTP account exists; its agent has not come yet, or was forgotten",
        null,
        HealthAdvice.For(FleetProtocol.AgentHealth.NeverSeen, agentId));

    private static (FleetProtocol.AgentHealth Health, string Reason) Judge(AgentEvidence evidence, HealthLimits limits, DateTimeOffset now)
    {
        var reportInterval = limits.ReportInterval;
        var since = evidence.MembershipSince ?? DateTimeOffset.MinValue;
        var reportsArrive = evidence.LastReportAt is { } at && now - at <= reportInterval * MissingReports;
        return evidence.Membership switch
        {
            AgentMembership.Unreachable => (FleetProtocol.AgentHealth.Unreachable, $"the cluster has not reached it since {Clock(since)}"),
            // A last report may cross the goodbye.
            AgentMembership.Left when !(evidence.LastReportAt > since + (reportInterval * MissingReports)) => Gone(evidence, since, FleetProtocol.AgentHealth.Left, "left the cluster in good order"),
            AgentMembership.Removed when !(evidence.LastReportAt > since) =>
                Gone(evidence, since, FleetProtocol.AgentHealth.Unreachable, "could not be reached and was taken out of the cluster"),
            _ when reportsArrive => Reporting(evidence, limits),
            AgentMembership.Reachable when evidence.LastReportAt is { } last =>
                (FleetProtocol.AgentHealth.Silent, $"is in the cluster, but has not reported since {Clock(last)}{StillStores(evidence, last + (reportInterval * MissingReports))}"),
            AgentMembership.Reachable when now - since <= reportInterval * MissingReports => (FleetProtocol.AgentHealth.Online, "has joined the cluster; its first report is awaited"),
            AgentMembership.Reachable => (FleetProtocol.AgentHealth.Silent, "is in the cluster, but has never reported"),
            _ => Outside(evidence, reportInterval, now),
        };
    }

    private static (FleetProtocol.AgentHealth Health, string Reason) Reporting(AgentEvidence evidence, HealthLimits limits) => evidence switch
    {
        { StandingError: { } error } => (FleetProtocol.AgentHealth.Failing, $"reports an error: {error}"),
        { OldestPendingAge: { } age } when age > limits.LagLimit => (FleetProtocol.AgentHealth.Lagging, Lag(evidence, age)),
        { QuietCount: > 0, Quiet: [var longest, ..] } => (FleetProtocol.AgentHealth.SilentFile, Quiet(longest, evidence.QuietCount)),
        { Membership: AgentMembership.Reachable } => (FleetProtocol.AgentHealth.Online, "in the cluster and reporting"),
        _ => (FleetProtocol.AgentHealth.Online, "reporting, but not in the cluster yet"),
    };

    // To the minute: told to the second it would change with every report.
    private static string Lag(AgentEvidence evidence, TimeSpan age)
    {
        var since = evidence.LastReportAt!.Value.ToUniversalTime() - age;
        var why = evidence.IsPaused ? "uploads are paused, and " : "";
        return $"{why}{(evidence.OldestPendingPath is { } path ? $"bytes of {path}" : "bytes")} have waited to be archived since {since.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}";
    }

    private static string Quiet(QuietFile longest, int count)
    {
        var more = count > 1 ? $" (and {count - 1} more)" : "";
        return $"{longest.Path}{more} used to grow at least every {Span(longest.UsualGap)} and has not since {Clock(longest.LastGrewAt)}";
    }

    private static string StillStores(AgentEvidence evidence, DateTimeOffset after) => evidence.LastStoredAt > after ? "; it still stores files over FTP" : "";

    private static string? ToDo(FleetProtocol.AgentHealth health, AgentEvidence evidence) => health switch
    {
        FleetProtocol.AgentHealth.Lagging when evidence.IsPaused => "Resume the uploads on the agent's page when the reason for the pause is gone.",
        FleetProtocol.AgentHealth.Lagging => $"Look at the speed limits of {evidence.AgentId} and of its account and at the network between; raise them or lag-limit if the backlog is expected.",
        FleetProtocol.AgentHealth.SilentFile => $"Look on node {evidence.AgentId} whether the program that writes the file still runs and still logs there.",
        _ => HealthAdvice.For(health, evidence.AgentId),
    };

    private static string Span(TimeSpan span) => span.TotalSeconds < 90 ? $"{Math.Max(1, Math.Round(span.TotalSeconds)):0} s" : $"{Math.Round(span.TotalMinutes):0} min";

    private static (FleetProtocol.AgentHealth Health, string Reason) Gone(
        AgentEvidence evidence, DateTimeOffset since, FleetProtocol.AgentHealth health, string how) =>
        evidence.LastStoredAt > since
            ? (FleetProtocol.AgentHealth.UploadsOnly, $"{how} at {Clock(since)}, but still stores files over FTP")
            : (health, $"{how} at {Clock(since)}");

    private static (FleetProtocol.AgentHealth Health, string Reason) Outside(AgentEvidence evidence, TimeSpan reportInterval, DateTimeOffset now)
    {
        if (!evidence.EverReported)
        {
            return (FleetProtocol.AgentHealth.UploadsOnly, "stores files over FTP and has never joined the cluster");
        }

        // What it stored while it still reported says nothing about now.
        var reportsEnded = evidence.LastReportAt is { } end ? end + (reportInterval * MissingReports) : DateTimeOffset.MinValue;
        if (now - evidence.LastStoredAt <= StoredLately && evidence.LastStoredAt > reportsEnded)
        {
            return (FleetProtocol.AgentHealth.UploadsOnly, "stores files over FTP, but is not in the cluster");
        }

        if (evidence.LastReportAt is { } last)
        {
            return (FleetProtocol.AgentHealth.Unreachable, $"is not in the cluster and has not reported since {Clock(last)}");
        }

        // A clean goodbye from before this node's restart still stands.
        return evidence.Before == FleetProtocol.AgentHealth.Left
            ? (FleetProtocol.AgentHealth.Left, "left the cluster in good order, before the archive was restarted")
            : (FleetProtocol.AgentHealth.Unknown, "not heard of since the archive was restarted");
    }

    private static string Clock(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
