using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>
/// What has been archived, and what is to be done: event-sourced. Connections pull jobs; what they hold is known here only, so
/// that after a crash everything that is not in the journal as archived is simply pending again.
/// </summary>
public sealed class LedgerActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>Under this id events are kept.</summary>
    public const string LedgerId = "ledger";

    private const int MaxEventsBetweenSnapshots = 1000;
    private static readonly TimeSpan LookAgainDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CrashDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CollectionOptions _options;
    private readonly RetryDelays _retry;
    private readonly JobSelection _selection;
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly UploadQueue _queue = new();
    private readonly JobsInHand _inHand = new();
    private readonly Dictionary<IActorRef, CollectionProtocol.WorkAssigned> _assigned = [];
    private readonly List<(IActorRef Connection, int MaxFiles)> _idle = [];

    // Folders without files, to be made in the archive. They hold no bytes that could be lost, so the journal knows nothing of
    // them: the first walk after a start tells of all of them again.
    private readonly HashSet<string> _bareFolders = new(StringComparer.Ordinal);
    private readonly List<IActorRef> _snapshotWaiters = [];
    private LedgerState _state = LedgerState.Empty;
    private IActorRef? _scanner;
    private DrainRun? _drain;
    private readonly HashSet<string> _foundBefore = new(StringComparer.Ordinal);
    private long _scanId;
    private bool _isScanUnderWay;
    private long _lastBatch;
    private int _eventsSinceSnapshot;
    private long _filesSinceSnapshot;
    private bool _isSnapshotRunning;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LedgerActor(CollectionOptions options)
    {
        _options = options;
        _retry = new RetryDelays(options.Upload.RetryDelay, options.Upload.MaxRetryDelay);
        _selection = new JobSelection(options.AgentId, options.Roots);

        Recover<SnapshotOffer>(offer => _state = LedgerState.FromSnapshot((LedgerSnapshot)offer.Snapshot));
        Recover<ILedgerEvent>(Apply);
        Recover<RecoveryCompleted>(_ => OnRecovered());

        Command<CollectionProtocol.ReportScan>(OnReportScan);
        Command<CollectionProtocol.RequestWork>(OnRequestWork);
        Command<CollectionProtocol.BatchFinished>(OnBatchFinished);
        Command<CollectionProtocol.ReleaseWork>(_ => TakeBack(Sender, Now + CrashDelay));
        Command<Terminated>(terminated => TakeBack(terminated.ActorRef, Now));
        Command<CollectionProtocol.GetIncarnation>(_ => Sender.Tell(new CollectionProtocol.LedgerStarted(_incarnation)));
        Command<CollectionProtocol.GetLedger>(_ => Sender.Tell(new CollectionProtocol.LedgerView(_state, _inHand.Count)));
        Command<CollectionProtocol.BeginRun>(OnBeginRun);
        Command<CollectionProtocol.Drain>(_ => OnDrain());
        Command<CollectionProtocol.StopDraining>(stop => EndDrain(stop.Reason));
        Command<CollectionProtocol.TakeSnapshot>(_ => OnTakeSnapshot());
        Command<RetryDue>(_ => Dispatch());
        Command<SweepDue>(_ => Store(LedgerDecisions.Decide(_state, new ForgetVanished(_options.ForgetAfter, _inHand.Paths), Now), () => { }));
        Command<SaveSnapshotSuccess>(OnSnapshotSaved);
        Command<SaveSnapshotFailure>(failure => OnSnapshotEnded(failure.Cause));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failure => _log.Warning("old events could not be deleted: {0}", failure.Cause.Message));
        Command<DeleteSnapshotsFailure>(failure => _log.Warning("old snapshots could not be deleted: {0}", failure.Cause.Message));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public override string PersistenceId => LedgerId;

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    /// <summary>A ledger that is started again, with growing delay, when its journal fails.</summary>
    public static Props Props(CollectionOptions options) => BackoffSupervisor.Props(
        Backoff.OnStop(Akka.Actor.Props.Create(() => new LedgerActor(options)), "ledger", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), 0.2, maxNrOfRetries: -1));

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        TellFailure(cause);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        // The callback of a rejected event never runs: what was decided would be lost without a word.
        TellFailure(cause);
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        TellFailure(reason);
        base.OnRecoveryFailure(reason, message);
    }

    private void TellFailure(Exception cause) =>
        Context.System.EventStream.Publish(new CollectionProtocol.LedgerFailed(cause.GetBaseException().Message, Now));

    private void OnRecovered()
    {
        _log.Info("ledger recovered: {0} files archived, {1} pending", _state.Totals.ArchivedFiles, _state.Totals.PendingFiles);
        var now = Now;
        foreach (var path in _state.Pending)
            Offer(_state.Files[path], now);
        Timers.StartPeriodicTimer("sweep", SweepDue.Instance, SweepInterval);
        Context.System.EventStream.Publish(new CollectionProtocol.LedgerStarted(_incarnation));
    }

    private void OnReportScan(CollectionProtocol.ReportScan report)
    {
        _scanner = Sender;
        if (report.ScanId != _scanId)
            _foundBefore.Clear();
        _scanId = report.ScanId;

        // Whether something is gone only the whole walk can tell.
        var scan = report.IsLast ? report.Scan with { FoundBefore = _foundBefore } : report.Scan with { IsBaseline = false };
        var events = LedgerDecisions.Decide(_state, scan, Now);
        if (report.IsLast)
            _foundBefore.Clear();
        else if (report.Scan.IsBaseline)
            _foundBefore.UnionWith(report.Scan.Found.SelectMany(group => group.Files).Select(file => file.Path));
        _isScanUnderWay = !report.IsLast;
        _bareFolders.UnionWith(report.BareFolders.Select(_selection.RemotePathOf));
        var scanner = Sender;
        Store(events, () =>
        {
            foreach (var item in events.OfType<FilesSeen>().SelectMany(seen => seen.Files))
                OfferNow(item.Path);
            if (report.IsLast)
                _queue.ReleaseWaiting();
            scanner.Tell(new CollectionProtocol.ScanRecorded(report.ScanId, report.Part));
            Dispatch();
        });
    }

    private void OnRequestWork(CollectionProtocol.RequestWork request)
    {
        if (request.Incarnation != _incarnation)
            return;

        // One that has been given something asks only because the jobs are still on their way to it.
        if (!_assigned.ContainsKey(Sender) && !_idle.Exists(idle => idle.Connection.Equals(Sender)))
        {
            _idle.Add((Sender, request.MaxFiles));
            Context.Watch(Sender);
        }

        Dispatch();
    }

    private void OnBatchFinished(CollectionProtocol.BatchFinished finished)
    {
        if (finished.Incarnation != _incarnation || !_assigned.TryGetValue(Sender, out var work) || work.BatchId != finished.BatchId)
            return;

        // Released only once the outcome is in the journal: until then nobody else may have the path.
        _assigned.Remove(Sender);
        _bareFolders.UnionWith(finished.FoldersLeft);
        Store(LedgerDecisions.Decide(_state, new RecordOutcomes(finished.Jobs, _retry), Now), () =>
        {
            var now = Now;
            var lookAgain = new List<string>();
            foreach (var (job, outcome) in finished.Jobs)
            {
                _inHand.Remove(job);
                AfterOutcome(job, outcome, now, lookAgain);
            }

            if (lookAgain.Count > 0)
                _scanner?.Tell(new CollectionProtocol.LookAgain(lookAgain));
            _queue.ReleaseWaiting();
            Dispatch();
        });
    }

    private void AfterOutcome(UploadJob job, JobOutcome outcome, DateTimeOffset now, List<string> lookAgain)
    {
        switch (outcome)
        {
            case JobOutcome.Archived archived:
                _drain?.Count(job.Path, archived.BytesSent);
                break;
            case JobOutcome.Failed failed:
                _drain?.CountFailure(job.Path);
                _log.Warning("{0} could not be archived: {1}", LocalName.Printable(job.LocalPath), failed.Message);
                break;
            case JobOutcome.Missing or JobOutcome.NotAsSeen:
                lookAgain.Add(job.Path);
                break;
        }

        if (_state.Find(job.Path) is { Pending: true } entry)
            Offer(entry, outcome is JobOutcome.NotAsSeen ? now + LookAgainDelay : now);
    }

    private void TakeBack(IActorRef connection, DateTimeOffset notBefore)
    {
        _idle.RemoveAll(idle => idle.Connection.Equals(connection));
        if (!_assigned.Remove(connection, out var work))
            return;
        _bareFolders.UnionWith(work.Folders);
        foreach (var job in work.Jobs)
        {
            _inHand.Remove(job);
            if (_state.Find(job.Path) is { Pending: true } entry)
                Offer(entry, notBefore);
        }

        _queue.ReleaseWaiting();
        Dispatch();
    }

    private void OfferNow(string path)
    {
        var now = Now;
        if (_state.Find(path) is { Pending: true } entry && !_inHand.HasPath(path))
            _queue.Offer(entry.Path, now, now);
    }

    private void Offer(LedgerEntry entry, DateTimeOffset notBefore)
    {
        var at = entry.Failure is { } failure && failure.NextAttempt > notBefore && !(_drain?.IsFirstAttempt(entry.Path) ?? false) ? failure.NextAttempt : notBefore;
        _queue.Offer(entry.Path, at, Now);
    }

    private void Dispatch()
    {
        var now = Now;
        _queue.Advance(now);
        while (_idle.Count > 0 && TakeWork(_idle[0].MaxFiles) is { } work)
        {
            var connection = _idle[0].Connection;
            _idle.RemoveAt(0);
            _assigned.Add(connection, work);
            connection.Tell(work);
        }

        if (_queue.NextAt is { } next)
            Timers.StartSingleTimer("retry", RetryDue.Instance, next > now ? next - now : TimeSpan.Zero);
        CheckDrained();
    }

    private CollectionProtocol.WorkAssigned? TakeWork(int maxFiles)
    {
        var jobs = TakeBatch(maxFiles);
        var folders = _bareFolders.Take(maxFiles).ToList();
        _bareFolders.ExceptWith(folders);
        return jobs.Count + folders.Count == 0 ? null : new CollectionProtocol.WorkAssigned(++_lastBatch, jobs, folders);
    }

    private List<UploadJob> TakeBatch(int maxFiles)
    {
        // A short queue is shared among the connections instead of going to the first one.
        var files = Math.Clamp((_queue.ReadyCount + _options.Upload.Connections - 1) / _options.Upload.Connections, 1, maxFiles);
        var bytes = 0L;
        var jobs = new List<UploadJob>(files);
        while (jobs.Count < files && bytes < _options.Upload.BatchBytes && _queue.TryTake(out var path))
        {
            if (_state.Find(path) is not { Pending: true } entry || (_drain?.IsExhausted(path) ?? false))
                continue;
            if (_selection.TrySelect(_state, entry, _inHand, _isScanUnderWay, out var mustWait) is { } job)
            {
                _inHand.Add(job);
                jobs.Add(job);
                bytes += entry.PendingBytes;
            }
            else if (mustWait)
            {
                _queue.Wait(path);
            }
        }

        return jobs;
    }

    private void OnBeginRun(CollectionProtocol.BeginRun run)
    {
        _drain = new DrainRun(run.Attempts);
        foreach (var path in _state.Pending)
            OfferNow(path);
        Dispatch();
    }

    private void OnDrain()
    {
        if (_drain is null)
            return;
        _drain.Asker = Sender;
        CheckDrained();
    }

    private void CheckDrained()
    {
        if (_drain is { Asker: not null } drain && _inHand.Count == 0 && _bareFolders.Count == 0 && _assigned.Count == 0 && _state.Pending.All(drain.IsExhausted))
            EndDrain(null);
    }

    private void EndDrain(string? reason)
    {
        if (_drain is not { } drain)
            return;
        _drain = null;
        drain.Asker?.Tell(new CollectionProtocol.Drained(drain.Summary(_state, reason)));
    }

    private void Apply(ILedgerEvent happened)
    {
        _state = LedgerDecisions.Apply(_state, happened);
        _eventsSinceSnapshot++;
        _filesSinceSnapshot += LedgerDecisions.FileCount(happened);
    }

    private void Store(IReadOnlyList<ILedgerEvent> events, Action then)
    {
        if (events.Count == 0)
        {
            then();
            return;
        }

        var left = events.Count;
        PersistAll(events, happened =>
        {
            Apply(happened);
            if (--left > 0)
                return;
            then();

            // Writing all of a big state costs more than a few events: a snapshot pays once as much has changed as there is.
            if (_eventsSinceSnapshot >= MaxEventsBetweenSnapshots || _filesSinceSnapshot >= Math.Max(20_000, _state.Files.Count))
                StartSnapshot();
        });
    }

    private void OnTakeSnapshot()
    {
        if (_eventsSinceSnapshot == 0 && !_isSnapshotRunning)
        {
            Sender.Tell(new CollectionProtocol.SnapshotDone());
            return;
        }

        _snapshotWaiters.Add(Sender);
        StartSnapshot();
    }

    private void StartSnapshot()
    {
        if (_isSnapshotRunning)
            return;
        _isSnapshotRunning = true;
        _eventsSinceSnapshot = 0;
        _filesSinceSnapshot = 0;
        SaveSnapshot(_state.ToSnapshot());
    }

    private void OnSnapshotSaved(SaveSnapshotSuccess saved)
    {
        DeleteMessages(saved.Metadata.SequenceNr);
        DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
        OnSnapshotEnded(null);
    }

    private void OnSnapshotEnded(Exception? cause)
    {
        if (cause is not null)
            _log.Warning("snapshot of the ledger could not be written, the journal keeps all events: {0}", cause.Message);
        _isSnapshotRunning = false;
        foreach (var waiter in _snapshotWaiters)
            waiter.Tell(new CollectionProtocol.SnapshotDone());
        _snapshotWaiters.Clear();
    }

    private sealed record RetryDue
    {
        public static readonly RetryDue Instance = new();
    }

    private sealed record SweepDue
    {
        public static readonly SweepDue Instance = new();
    }
}
