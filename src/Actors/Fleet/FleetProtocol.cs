using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>What an agent and the archive tell each other, and what the archive knows of its agents.</summary>
public static class FleetProtocol
{
    /// <summary>Name of <see cref="FleetActor"/> below <c>/user</c>: agents address it by path.</summary>
    public const string ActorName = "fleet";

    /// <summary>Begin of an optional cluster role that names an agent (<c>agent-id:agent01</c>), known before its first report.</summary>
    public const string AgentIdRolePrefix = "agent-id:";

    /// <summary>Cluster role of archive nodes.</summary>
    public const string ArchiveRole = "archive";

    /// <summary>Cluster role of agents.</summary>
    public const string AgentRole = "agent";

    /// <summary>An agent's figures at one moment, sent to every archive address it knows each <c>report-interval</c>.</summary>
    /// <param name="AgentId">Setting <c>log-archive.agent.id</c>.</param>
    /// <param name="Address">The agent's cluster address, as <c>host:port</c>.</param>
    /// <param name="Version">Product version.</param>
    /// <param name="StartedAt">When the process started.</param>
    /// <param name="At">When the figures were taken, by the agent's clock.</param>
    /// <param name="BacklogFiles">Files with bytes that are not archived yet.</param>
    /// <param name="BacklogBytes">Those bytes.</param>
    /// <param name="ArchivedFiles">Files known to be archived.</param>
    /// <param name="ArchivedBytes">Their bytes.</param>
    /// <param name="BytesPerSecond">Upload rate over the last seconds.</param>
    /// <param name="LastUploadAt">When a file was last archived.</param>
    /// <param name="LastError">The latest error that still stands; null when all is well.</param>
    /// <param name="LastErrorAt">When it happened.</param>
    /// <param name="Roots">Watched folders with their patterns, one line each.</param>
    /// <param name="IsPaused">Whether uploads are paused.</param>
    /// <param name="BandwidthLimit">Bytes per second that uploads may take now; null for any number.</param>
    /// <param name="OldestPendingAge">For how long the oldest pending byte has waited, by the agent's clock; null when nothing is pending or it was not told.</param>
    /// <param name="OldestPendingPath">The file it is in.</param>
    /// <param name="ErrorCause">Kind of <paramref name="LastError"/>: <c>Unreachable</c>, <c>NoAccount</c>, <c>OverQuota</c> …; null when it was not told.</param>
    /// <param name="Details">What the agent's page shows beyond; null when it was not told.</param>
    public sealed record AgentReport(
        string AgentId,
        string Address,
        string Version,
        DateTimeOffset StartedAt,
        DateTimeOffset At,
        long BacklogFiles,
        long BacklogBytes,
        long ArchivedFiles,
        long ArchivedBytes,
        double BytesPerSecond,
        DateTimeOffset? LastUploadAt,
        string? LastError,
        DateTimeOffset? LastErrorAt,
        IReadOnlyList<string> Roots,
        bool IsPaused = false,
        long? BandwidthLimit = null,
        TimeSpan? OldestPendingAge = null,
        string? OldestPendingPath = null,
        string? ErrorCause = null,
        AgentDetails? Details = null) : IWireMessage;

    /// <summary>
    /// Answer to a report. Another incarnation than the archive member the agent sees, or not being a member, means the
    /// archive was restarted and the agent has to rejoin.
    /// </summary>
    /// <param name="Incarnation">Uid of the archive's actor system.</param>
    /// <param name="IsMember">Whether the sender is a member of the archive's cluster.</param>
    public sealed record ReportAnswer(long Incarnation, bool IsMember) : IWireMessage;

    /// <summary>Name of <see cref="ArchiveLinkActor"/> below <c>/user</c>: the archive addresses it by path.</summary>
    public const string LinkName = "archive-link";

    /// <summary>What an agent can be told to do.</summary>
    public enum AgentCommandKind
    {
        /// <summary>Begin no file until told to resume.</summary>
        Pause,

        /// <summary>Go on.</summary>
        Resume,

        /// <summary>Walk the folders now.</summary>
        Rescan,

        /// <summary>Keep to a bandwidth in place of that of the settings.</summary>
        Bandwidth,
    }

    /// <summary>Asks the fleet to have an agent do something. Answered by <see cref="AgentCommandDone"/> or <see cref="AgentCommandRefused"/>.</summary>
    /// <param name="AgentId">Which.</param>
    /// <param name="Kind">What.</param>
    /// <param name="BytesPerSecond">The bandwidth: 0 for any, null for that of the agent's settings.</param>
    public sealed record CommandAgent(string AgentId, AgentCommandKind Kind, long? BytesPerSecond);

    /// <summary>The command on its way to the agent. Only an archive member is obeyed.</summary>
    public sealed record AgentCommand(AgentCommandKind Kind, long? BytesPerSecond) : IWireMessage;

    /// <summary>The agent has done it; a walk has been begun.</summary>
    /// <param name="IsPaused">Whether uploads are paused now.</param>
    /// <param name="BandwidthLimit">Bytes per second that uploads may take now; null for any number.</param>
    public sealed record AgentCommandDone(bool IsPaused, long? BandwidthLimit) : IWireMessage;

    /// <summary>Why it is not done, or not known to be.</summary>
    public enum CommandRefusal
    {
        /// <summary>The agent did not want it.</summary>
        Refused,

        /// <summary>There is no such agent.</summary>
        Unknown,

        /// <summary>It is not in the cluster, or cannot be reached.</summary>
        Unreachable,

        /// <summary>It did not answer in time; it may still do it.</summary>
        TimedOut,
    }

    /// <summary>It was not done.</summary>
    public sealed record AgentCommandRefused(CommandRefusal Cause, string Reason) : IWireMessage;

    /// <summary>Asks the fleet to have an agent explain a file. Answered by <see cref="PathExplained"/> or <see cref="AgentCommandRefused"/>.</summary>
    public sealed record ExplainPath(string AgentId, string Path);

    /// <summary>The question on its way to the agent: a path on the node, or one in the archive.</summary>
    public sealed record AgentExplain(string Path) : IWireMessage;

    /// <summary>Why a file is as it is.</summary>
    /// <param name="Path">The file on the node.</param>
    /// <param name="Standing"><c>Archived</c>, <c>Pending</c>, <c>NotCollected</c>, <c>Gone</c> or <c>Unknown</c>.</param>
    /// <param name="Answer">One sentence.</param>
    /// <param name="Advice">What to do; null when there is nothing to do.</param>
    /// <param name="Next">What comes next by itself; null for nothing.</param>
    /// <param name="Facts">What is known, by name; the latest, where it is more than a message holds.</param>
    public sealed record PathExplained(string Path, string Standing, string Answer, string? Advice, string? Next, IReadOnlyList<ExplainedFact> Facts) : IWireMessage;

    /// <summary>A line of what is known of a file.</summary>
    public sealed record ExplainedFact(string Name, string Value);

    /// <summary>
    /// Asks the fleet to have an agent compare its files with the archive. Answered by <see cref="VerificationStarted"/> or
    /// <see cref="AgentCommandRefused"/>; how it goes on and ends is in the agent's reports (<see cref="AgentDetails.Verification"/>).
    /// </summary>
    public sealed record VerifyAgent(string AgentId, bool IsFull);

    /// <summary>The request on its way to the agent.</summary>
    public sealed record AgentVerify(bool IsFull) : IWireMessage;

    /// <summary>The agent compares. <paramref name="WasRunning"/>: it was about it already, and goes on.</summary>
    public sealed record VerificationStarted(DateTimeOffset StartedAt, bool WasRunning) : IWireMessage;

    /// <summary>How an agent is, by evidence.</summary>
    public enum AgentHealth
    {
        /// <summary>Reports arrive, and it is a reachable member.</summary>
        Online,

        /// <summary>Reports arrive and name an error that stands.</summary>
        Failing,

        /// <summary>A reachable member whose reports stopped.</summary>
        Silent,

        /// <summary>It was there and cannot be reached, or was removed without leaving.</summary>
        Unreachable,

        /// <summary>It left in good order.</summary>
        Left,

        /// <summary>Known from before the archive's restart, not heard of since.</summary>
        Unknown,

        /// <summary>Stores files over FTP but never joined the cluster (agents without seeds).</summary>
        UploadsOnly,

        /// <summary>Reports arrive, and bytes have waited for longer than they should.</summary>
        Lagging,

        /// <summary>Reports arrive, and a file that used to grow steadily has stopped.</summary>
        SilentFile,

        /// <summary>An account that could store files, and nobody ever came with it.</summary>
        NeverSeen,
    }

    /// <summary>An agent as the archive sees it.</summary>
    /// <param name="AgentId">Its id.</param>
    /// <param name="Health">By evidence.</param>
    /// <param name="Reason">Why, one sentence.</param>
    /// <param name="Since">Since when it is so.</param>
    /// <param name="FirstSeenAt">When it was first heard of.</param>
    /// <param name="LastReportAt">When its last report arrived, by the archive's clock.</param>
    /// <param name="LastStoredAt">When the archive's own FTP server last took a file of it.</param>
    /// <param name="LastReport">Its last report; null when none is known.</param>
    public sealed record AgentView(
        string AgentId,
        AgentHealth Health,
        string Reason,
        DateTimeOffset Since,
        DateTimeOffset FirstSeenAt,
        DateTimeOffset? LastReportAt,
        DateTimeOffset? LastStoredAt,
        AgentReport? LastReport)
    {
        /// <summary>What to do about it, one sentence; null when there is nothing to do.</summary>
        public string? ToDo { get; init; }

        /// <summary>Kind of what fails, as in <see cref="AgentReport.ErrorCause"/>; null when nothing does.</summary>
        public string? Cause { get; init; }
    }

    /// <summary>Asks for <see cref="FleetView"/>.</summary>
    public sealed record GetFleet
    {
        /// <summary>The only one.</summary>
        public static readonly GetFleet Instance = new();
    }

    /// <summary>All agents ever seen, by id.</summary>
    public sealed record FleetView(IReadOnlyList<AgentView> Agents);

    /// <summary>Asks for <see cref="AgentHistory"/>.</summary>
    public sealed record GetAgentHistory(string AgentId);

    /// <summary>An agent's latest changes of health, oldest first; empty when it is unknown.</summary>
    public sealed record AgentHistory(string AgentId, IReadOnlyList<HealthChange> Changes);

    /// <summary>A change of an agent's health.</summary>
    public sealed record HealthChange(AgentHealth Health, string Reason, DateTimeOffset At);

    /// <summary>Published on the event stream of the archive's actor system when an agent's health changed and that is in the journal.</summary>
    public sealed record HealthChanged(string AgentId, HealthChange Change);

    /// <summary>Published on the event stream of the archive's actor system when an agent's view changed.</summary>
    public sealed record AgentChanged(AgentView Agent);

    /// <summary>Asks the fleet to forget an agent that is gone for good (its files stay). Answered by <see cref="AgentForgotten"/> or <see cref="AgentNotForgotten"/>.</summary>
    public sealed record ForgetAgent(string AgentId);

    /// <summary>The agent is forgotten; also published on the event stream.</summary>
    public sealed record AgentForgotten(string AgentId);

    /// <summary>Refused: unknown, or still a member.</summary>
    public sealed record AgentNotForgotten(string AgentId, string Reason);
}
