namespace ActorLogArchive.Actors.Fleet.History;

/// <summary>What was: health of each agent over 30 days, what came in and what waited over a day, and the latest events.</summary>
public static class FleetHistoryProtocol
{
    /// <summary>Published on the event stream when an agent was heard of for the first time.</summary>
    public sealed record AgentAppeared(string AgentId, DateTimeOffset At);

    /// <summary>Asks the fleet for <see cref="KnownChanges"/>: what its journal remembers, so that nothing is missing after a crash.</summary>
    public sealed record GetKnownChanges
    {
        /// <summary>The only one.</summary>
        public static readonly GetKnownChanges Instance = new();
    }

    /// <summary>The latest changes of all agents.</summary>
    public sealed record KnownChanges(IReadOnlyList<FleetProtocol.HealthChanged> Changes);

    /// <summary>Asks for <see cref="Timeline"/>.</summary>
    public sealed record GetTimeline(string AgentId, DateTimeOffset From, DateTimeOffset To);

    /// <summary>How an agent was, without gaps, oldest first; empty when nothing is known.</summary>
    public sealed record Timeline(string AgentId, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<TimelineSpan> Spans);

    /// <summary>A stretch of time of one health.</summary>
    /// <param name="From">Its begin.</param>
    /// <param name="To">Its end.</param>
    /// <param name="Health">Null: nothing is known, the archive did not run or the agent was not there yet.</param>
    /// <param name="Reason">Why.</param>
    public sealed record TimelineSpan(DateTimeOffset From, DateTimeOffset To, FleetProtocol.AgentHealth? Health, string Reason);

    /// <summary>Asks for <see cref="Activity"/>.</summary>
    public sealed record GetActivity
    {
        /// <summary>The only one.</summary>
        public static readonly GetActivity Instance = new();
    }

    /// <summary>What comes in.</summary>
    /// <param name="At">When this was put together.</param>
    /// <param name="FilesToday">Uploads completed since midnight UTC; null for who may not see all agents.</param>
    /// <param name="BytesToday">Bytes received since midnight UTC; null likewise.</param>
    /// <param name="BytesPerSecond">What arrives now over FTP, over the last seconds.</param>
    /// <param name="Minutes">The last 24 hours by the minute, oldest first; minutes in which the archive did not run are missing.</param>
    /// <param name="Rates">Bytes a second of each agent over the last <see cref="AgentBuckets"/> stretches of <see cref="AgentBucket"/>, oldest first; agents that sent nothing are missing.</param>
    /// <param name="Events">The latest events, newest first.</param>
    /// <param name="StorageFree">Bytes free on the archive's disk; null when it cannot be told.</param>
    /// <param name="StorageTotal">Its size.</param>
    public sealed record Activity(
        DateTimeOffset At,
        long? FilesToday,
        long? BytesToday,
        double BytesPerSecond,
        IReadOnlyList<MinutePoint> Minutes,
        IReadOnlyDictionary<string, IReadOnlyList<float>> Rates,
        IReadOnlyList<FleetHappening> Events,
        long? StorageFree,
        long? StorageTotal)
    {
        /// <summary>Stretches of time kept for each agent.</summary>
        public const int AgentBuckets = 60;

        /// <summary>Length of such a stretch.</summary>
        public static readonly TimeSpan AgentBucket = TimeSpan.FromSeconds(10);
    }

    /// <summary>A minute of the whole archive.</summary>
    /// <param name="At">Its begin.</param>
    /// <param name="Bytes">Bytes received.</param>
    /// <param name="Files">Uploads completed.</param>
    /// <param name="BacklogBytes">Bytes on nodes only, at its end.</param>
    /// <param name="BacklogFiles">Files that wait, at its end.</param>
    public sealed record MinutePoint(DateTimeOffset At, long Bytes, long Files, long BacklogBytes, long BacklogFiles);

    /// <summary>Something that happened, for the stream of events. Published on the event stream.</summary>
    /// <param name="At">When.</param>
    /// <param name="AgentId">Whom it is about.</param>
    /// <param name="Kind"><c>health</c>, <c>appeared</c>, <c>forgotten</c> or <c>upload-failed</c>.</param>
    /// <param name="Text">What, for a person.</param>
    /// <param name="Health">The new health, of kind <c>health</c>.</param>
    public sealed record FleetHappening(DateTimeOffset At, string AgentId, string Kind, string Text, FleetProtocol.AgentHealth? Health);
}
