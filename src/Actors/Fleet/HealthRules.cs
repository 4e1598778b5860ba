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
    FleetProtocol.AgentHealth Before);

/// <summary>Health from evidence, with the reason in one sentence. The reason changes with the health only, never with the clock alone.</summary>
public static class HealthRules
{
    /// <summary>Reports missing in a row before an agent counts as silent.</summary>
    public const int MissingReports = 3;

    // How long a file stored over FTP says that its agent is alive.
    private static readonly TimeSpan StoredLately = TimeSpan.FromMinutes(1);

    /// <summary>Judges an agent.</summary>
    /// <param name="evidence">What is known.</param>
    /// <param name="reportInterval">How often it is expected to report.</param>
    /// <param name="now">The time.</param>
    public static (FleetProtocol.AgentHealth Health, string Reason) Evaluate(AgentEvidence evidence, TimeSpan reportInterval, DateTimeOffset now)
    {
        var since = evidence.MembershipSince ?? DateTimeOffset.MinValue;
        var reportsArrive = evidence.LastReportAt is { } at && now - at <= reportInterval * MissingReports;
        return evidence.Membership switch
        {
            AgentMembership.Unreachable => (FleetProtocol.AgentHealth.Unreachable, $"the cluster has not reached it since {Clock(since)}"),
            // A last report may cross the goodbye.
            AgentMembership.Left when !(evidence.LastReportAt > since + (reportInterval * MissingReports)) => Gone(evidence, since, FleetProtocol.AgentHealth.Left, "left the cluster in good order"),
            AgentMembership.Removed when !(evidence.LastReportAt > since) =>
                Gone(evidence, since, FleetProtocol.AgentHealth.Unreachable, "could not be reached and was taken out of the cluster"),
            _ when reportsArrive => Reporting(evidence),
            AgentMembership.Reachable when evidence.LastReportAt is { } last =>
                (FleetProtocol.AgentHealth.Silent, $"is in the cluster, but has not reported since {Clock(last)}"),
            AgentMembership.Reachable when now - since <= reportInterval * MissingReports => (FleetProtocol.AgentHealth.Online, "has joined the cluster; its first report is awaited"),
            AgentMembership.Reachable => (FleetProtocol.AgentHealth.Silent, "is in the cluster, but has never reported"),
            _ => Outside(evidence, reportInterval, now),
        };
    }

    private static (FleetProtocol.AgentHealth Health, string Reason) Reporting(AgentEvidence evidence) => evidence switch
    {
        { StandingError: { } error } => (FleetProtocol.AgentHealth.Failing, $"reports an error: {error}"),
        { Membership: AgentMembership.Reachable } => (FleetProtocol.AgentHealth.Online, "in the cluster and reporting"),
        _ => (FleetProtocol.AgentHealth.Online, "reporting, but not in the cluster yet"),
    };

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
