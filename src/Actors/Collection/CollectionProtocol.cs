using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting;
using Akka.Actor;

namespace ActorLogArchive.Actors.Collection;

/// <summary>What the actors of the agent's side tell each other, and what the host can ask them. All of it stays in the process.</summary>
public static class CollectionProtocol
{
    /// <summary>Asks AgentStatusActor for an <see cref="AgentStatus"/>.</summary>
    public sealed record GetStatus
    {
        /// <summary>The only one.</summary>
        public static readonly GetStatus Instance = new();
    }

    /// <summary>
    /// Asks RunOnceActor for one complete walk and the upload of all that is pending, with a few attempts each. Answered
    /// by <see cref="RunOnceCompleted"/>, however it ends.
    /// </summary>
    public sealed record RunOnce
    {
        /// <summary>The only one.</summary>
        public static readonly RunOnce Instance = new();
    }

    /// <summary>The run is over.</summary>
    public sealed record RunOnceCompleted(RunSummary Summary)
    {
        /// <summary>Databases whose damage ended it, by the names in <see cref="DatabaseDamage"/>.</summary>
        public IReadOnlyList<string> Damaged { get; init; } = [];
    }

    /// <summary>Asks ScannerActor for a complete walk now. Answered by <see cref="ScanFinished"/> once the ledger has taken in what was found.</summary>
    public sealed record ScanNow
    {
        /// <summary>The only one.</summary>
        public static readonly ScanNow Instance = new();
    }

    /// <summary>A walk is done and recorded.</summary>
    public sealed record ScanFinished(ScanStatus Scan);

    /// <summary>
    /// Tells Ledger-, Uploader-, Scanner- and AgentStatusActor, in this order, to go by other options from their next safe point
    /// on: nothing that is under way is broken off. Agent id, files of the ledger and the status, and the control of the uploads are
    /// the same as before. Answered by <see cref="SettingsApplied"/>; may be told again.
    /// </summary>
    /// <param name="Options">All options.</param>
    /// <param name="Transport">Makes transports; the same function as before leaves the connections as they are.</param>
    public sealed record ApplySettings(CollectionOptions Options, Func<IArchiveTransport> Transport);

    /// <summary>The options are in use.</summary>
    public sealed record SettingsApplied
    {
        /// <summary>The only one.</summary>
        public static readonly SettingsApplied Instance = new();
    }

    /// <summary>Asks ScannerActor to report these files anew, as they are now.</summary>
    public sealed record LookAgain(IReadOnlyList<string> Paths);

    /// <summary>Asks ScannerActor for its <see cref="ScanStatus"/>.</summary>
    public sealed record GetScanStatus
    {
        /// <summary>The only one.</summary>
        public static readonly GetScanStatus Instance = new();
    }

    /// <summary>
    /// Tells LedgerActor a part of what a scan found, folders without files among it. Answered by <see cref="ScanRecorded"/>. The
    /// files of one folder are in one part, unless they alone are more than a part holds; what vanished, and what could not be
    /// read, comes with the last one.
    /// </summary>
    /// <param name="ScanId">The scan; another one than before: parts of that one that are missing do not come any more.</param>
    /// <param name="Part">0, 1, 2 …</param>
    /// <param name="IsLast">Whether the scan ends with it.</param>
    /// <param name="Scan">What was found.</param>
    /// <param name="BareFolders">Archive paths of folders without files.</param>
    public sealed record ReportScan(long ScanId, int Part, bool IsLast, RecordScan Scan, IReadOnlyList<string> BareFolders);

    /// <summary>What the part told is in the journal.</summary>
    public sealed record ScanRecorded(long ScanId, int Part);

    /// <summary>Asks LedgerActor to tell its <see cref="LedgerStarted"/>.</summary>
    public sealed record GetIncarnation
    {
        /// <summary>The only one.</summary>
        public static readonly GetIncarnation Instance = new();
    }

    /// <summary>
    /// The ledger has recovered; published on the event stream as well. What an earlier incarnation gave out is void: scanner
    /// and uploader start over with the new one.
    /// </summary>
    public sealed record LedgerStarted(Guid Incarnation);

    /// <summary>The journal failed and the ledger stopped; it is started again after a while. Published on the event stream.</summary>
    public sealed record LedgerFailed(string Reason, DateTimeOffset At)
    {
        /// <summary>Its databases that are damaged, by the names in <see cref="DatabaseDamage"/>: trying again does not help, setting them aside does.</summary>
        public IReadOnlyList<string> Damaged { get; init; } = [];
    }

    /// <summary>
    /// Asks LedgerActor for at most so many jobs, from a connection that has none. Answered by <see cref="WorkAssigned"/> as soon
    /// as there are some.
    /// </summary>
    public sealed record RequestWork(Guid Incarnation, int MaxFiles);

    /// <summary>Tells LedgerActor that the connection crashed and has lost the jobs it held.</summary>
    public sealed record ReleaseWork
    {
        /// <summary>The only one.</summary>
        public static readonly ReleaseWork Instance = new();
    }

    /// <summary>Tells a connection to ask the ledger for work, if it has none.</summary>
    public sealed record AskForWork
    {
        /// <summary>The only one.</summary>
        public static readonly AskForWork Instance = new();
    }

    /// <summary>Jobs for a connection.</summary>
    public sealed record WorkAssigned(long BatchId, IReadOnlyList<UploadJob> Jobs, IReadOnlyList<string> Folders);

    /// <summary>What became of a batch; the connection holds none of its jobs any more.</summary>
    public sealed record BatchFinished(Guid Incarnation, long BatchId, IReadOnlyList<FinishedJob> Jobs, IReadOnlyList<string> FoldersLeft);

    /// <summary>Asks LedgerActor for <see cref="LedgerView"/>.</summary>
    public sealed record GetLedger
    {
        /// <summary>The only one.</summary>
        public static readonly GetLedger Instance = new();
    }

    /// <summary>What there is to tell of the ledger, and the jobs in the hands of connections.</summary>
    public sealed record LedgerView(LedgerFigures Figures, int InHand);

    /// <summary>Tells LedgerActor that a single run begins: from now on it counts, and tries each file at most so often.</summary>
    public sealed record BeginRun(int Attempts);

    /// <summary>Asks LedgerActor, after <see cref="BeginRun"/>, for <see cref="Drained"/> once nothing more can be done.</summary>
    public sealed record Drain
    {
        /// <summary>The only one.</summary>
        public static readonly Drain Instance = new();
    }

    /// <summary>Nothing is pending, or what is has used up its attempts.</summary>
    public sealed record Drained(RunSummary Summary);

    /// <summary>Ends a <see cref="Drain"/> early; it is answered as things stand.</summary>
    public sealed record StopDraining(string Reason);

    /// <summary>Asks LedgerActor to write down what has changed, for a quick start. Answered by <see cref="WrittenDown"/>.</summary>
    public sealed record WriteDown
    {
        /// <summary>The only one.</summary>
        public static readonly WriteDown Instance = new();
    }

    /// <summary>It is written, or failed (it is logged, and the journal has everything).</summary>
    public sealed record WrittenDown;

    /// <summary>Asks UploaderActor for <see cref="UploaderStatus"/>.</summary>
    public sealed record GetUploaderStatus
    {
        /// <summary>The only one.</summary>
        public static readonly GetUploaderStatus Instance = new();
    }

    /// <summary>Asks UploaderActor to begin no file until <see cref="ResumeUploads"/>. Answered by <see cref="UploadsControlled"/>.</summary>
    public sealed record PauseUploads;

    /// <summary>Asks UploaderActor to go on. Answered by <see cref="UploadsControlled"/>.</summary>
    public sealed record ResumeUploads;

    /// <summary>
    /// Asks UploaderActor to keep to a bandwidth in place of that of the settings: bytes per second, 0 for any number, null to
    /// go back to the settings. Answered by <see cref="UploadsControlled"/>.
    /// </summary>
    public sealed record SetBandwidth(long? BytesPerSecond);

    /// <summary>How uploads are held back now.</summary>
    public sealed record UploadsControlled(bool IsPaused, long? BandwidthLimit);

    /// <summary>Asks UploaderActor to end its connections. Answered by <see cref="UploadsStopped"/>.</summary>
    public sealed record StopUploads
    {
        /// <summary>The only one.</summary>
        public static readonly StopUploads Instance = new();
    }

    /// <summary>No connection is open any more.</summary>
    public sealed record UploadsStopped;

    /// <summary>Tells a connection that it and those it shares with are to end: see <see cref="SharedByConnections"/>.</summary>
    public sealed record Retire
    {
        /// <summary>The only one.</summary>
        public static readonly Retire Instance = new();
    }

    /// <summary>A connection tells its parent how it is.</summary>
    public sealed record ConnectionChanged(IActorRef Connection, ConnectionStatus Status);

    /// <summary>A connection tells its parent how far away the archive is.</summary>
    public sealed record RoundTripMeasured(IActorRef Connection, TimeSpan RoundTrip);

    /// <summary>Tells a connection that has nothing to do to ask the archive for a sign of life. Answered by <see cref="ArchiveProbed"/>.</summary>
    public sealed record ProbeArchive
    {
        /// <summary>The only one.</summary>
        public static readonly ProbeArchive Instance = new();
    }

    /// <summary>Whether the archive gave a sign of life: null, or why not. <paramref name="WasTried"/> is false when the connection had no time for it.</summary>
    public sealed record ArchiveProbed(ArchiveException? Failure, bool WasTried = true);

    /// <summary>No connection works, and each has failed this often at least. Published on the event stream.</summary>
    public sealed record ArchiveUnreachable(int Failures, string Reason);
}
