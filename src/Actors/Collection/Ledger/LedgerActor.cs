using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Collection.Verifying;
using ActorLogArchive.Actors.Hosting;
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

    // A write is worth its flush after this; the journal has everything meanwhile.
    private const int ChangesWorthWriting = 5000;
    private const int EventsWorthDeleting = 1000;
    private const int MostNamed = 10;
    private static readonly TimeSpan WriteDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WriteRetryDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SealRetryDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RotatedRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StoriesKept = TimeSpan.FromDays(90);
    private static readonly TimeSpan LookAgainDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CrashDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ClockSlack = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly OptionsInUse _inUse;
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly JobsInHand _inHand = new();
    private readonly Dictionary<IActorRef, CollectionProtocol.WorkAssigned> _assigned = [];
    private readonly List<(IActorRef Connection, int MaxFiles)> _idle = [];

    // Folders without files, to be made in the archive. They hold no bytes that could be lost, so the journal knows nothing of
    // them: the first walk after a start tells of all of them again.
    private readonly HashSet<string> _bareFolders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seals = new(StringComparer.Ordinal);
    private readonly UnfinishedFiles _unfinished = new();
    private readonly UploadNews _news = new();
    private readonly LedgerProjection _projection = new();
    private readonly List<IActorRef> _writeWaiters = [];
    private CollectionOptions _options;
    private Dictionary<string, WatchedRoot> _roots;
    private JobSelection _selection;
    private UploadQueue _queue;
    private LedgerState _state = new();
    private LedgerStore? _store;
    private Task _writing = Task.CompletedTask;
    private LedgerChanges? _inWriting;
    private long _written;
    private long _deleted;
    private IActorRef? _scanner;
    private DrainRun? _drain;
    private bool _isScanUnderWay;
    private long _lastBatch;
    private int _walk;
    private DateOnly _storiesSwept;
    private DateTimeOffset _latest;
    private string? _note;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LedgerActor(OptionsInUse inUse)
    {
        _inUse = inUse;
        var options = _options = inUse.Options;
        _roots = options.Roots.ToDictionary(root => root.Path, StringComparer.Ordinal);
        _queue = new UploadQueue(options.Upload.Order, options.Upload.SliceBytes);
        _selection = new JobSelection(options.AgentId, options.Roots);

        Recover<SnapshotOffer>(OnSnapshotOffer);
        Recover<ILedgerEvent>(happened => LastSequenceNr > _written, Apply);
        Recover<ILedgerEvent>(_ => { });
        Recover<RecoveryCompleted>(_ => OnRecovered());

        Command<CollectionProtocol.ReportScan>(OnReportScan);
        Command<CollectionProtocol.RequestWork>(OnRequestWork);
        Command<CollectionProtocol.BatchFinished>(OnBatchFinished);
        Command<CollectionProtocol.ReleaseWork>(_ => TakeBack(Sender, Now + CrashDelay));
        Command<Terminated>(terminated => TakeBack(terminated.ActorRef, Now));
        Command<CollectionProtocol.GetIncarnation>(_ => Sender.Tell(new CollectionProtocol.LedgerStarted(_incarnation)));
        Command<CollectionProtocol.GetLedger>(_ => Sender.Tell(new CollectionProtocol.LedgerView(_news.Into(_state.Figures()) with { Note = _note }, _inHand.Count)));
        Command<CollectionProtocol.BeginRun>(OnBeginRun);
        Command<CollectionProtocol.Drain>(_ => OnDrain());
        Command<CollectionProtocol.StopDraining>(stop => EndDrain(stop.Reason));
        Command<CollectionProtocol.WriteDown>(_ => OnWriteDown());
        Command<ArchiveCheckProtocol.GetFolders>(get => Sender.Tell(ExpectedFolders.Of(_state, _inHand, get.Folders)));
        Command<ArchiveCheckProtocol.GetNextFolders>(get => Sender.Tell(ExpectedFolders.Next(_state, _inHand, get.After, get.Share)));
        Command<ArchiveCheckProtocol.ReportLost>(OnReportLost);
        Command<RetentionProtocol.GetRemovable>(get => Sender.Tell(RemovableFiles.Of(_state, _inHand, _selection, _roots, get)));
        Command<RetentionProtocol.RecordRemoval>(OnRecordRemoval);
        Command<CollectionProtocol.ApplySettings>(OnApplySettings);
        Command<RetryDue>(_ => Dispatch());
        Command<SweepDue>(_ => OnSweepDue());
        Command<WriteDue>(_ => WriteChanges());
        Command<Written>(OnWritten);
        Command<NotWritten>(OnNotWritten);
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
    public static Props Props(CollectionOptions options) => Props(new OptionsInUse(options));

    private static Props Props(OptionsInUse inUse) => BackoffSupervisor.Props(
        Backoff.OnStop(Akka.Actor.Props.Create(() => new LedgerActor(inUse)), "ledger", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), 0.2, maxNrOfRetries: -1));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (_options.LedgerFile is { } file)
        {
            try
            {
                _store = LedgerStore.Open(file);
                _written = _store.Sequence;
                _note = _store.Note("started-over-at") is { } at ? $"the ledger was damaged ({_store.Note("started-over-reason")}) and began anew at {at}; the old one is {_store.Note("started-over-set-aside")}" : null;
                _state = _store.Load();
            }
            catch (Exception e)
            {
                TellFailure(e);
                throw;
            }
        }

        base.PreStart();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        // A write that is under way ends first; what was not written is in the journal.
        if (_store is { } store)
            _writing.ContinueWith(_ => store.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        base.PostStop();
    }

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
        Context.System.EventStream.Publish(new CollectionProtocol.LedgerFailed(cause.GetBaseException().Message, Now) { IsDamaged = DatabaseDamage.IsDamage(cause) });

    // Written by versions that had no store.
    private void OnSnapshotOffer(SnapshotOffer offer)
    {
        if (offer.Metadata.SequenceNr <= _written)
            return;
        _state = LedgerState.FromSnapshot((LedgerSnapshot)offer.Snapshot);
        _projection.NoteAll(_state, offer.Metadata.SequenceNr);
    }

    private void OnRecovered()
    {
        if (_written > LastSequenceNr)
        {
            // The journal was lost or is an older one: its numbers begin anew, and the rows would be taken for newer than its events.
            _log.Warning("the journal ends at event {0}, the ledger has {1}: what happened in between is looked for on the node and in the archive", LastSequenceNr, _written);
            _written = LastSequenceNr;
            _store?.ResetSequence(_written);
        }

        _log.Info("ledger recovered: {0} files archived, {1} pending", _state.Totals.ArchivedFiles, _state.Totals.PendingFiles);
        OfferAll();
        TellSetAside();
        ScheduleWrite();
        Timers.StartPeriodicTimer("sweep", SweepDue.Instance, SweepInterval);
        Context.System.EventStream.Publish(new CollectionProtocol.LedgerStarted(_incarnation));
    }

    private void OfferAll()
    {
        var now = Now;
        foreach (var entry in _state.PendingEntries.Where(entry => !_inHand.HasJob(entry.Path)))
            Offer(entry, now);
        foreach (var entry in _state.UnsealedEntries.Where(entry => !_inHand.HasJob(entry.Path)))
            OfferSeal(entry, isRotated: false);
    }

    // What is in the hands of connections goes on; all else is put into a new queue, by the new order and times. Of folders
    // that are not watched any more the selection gives nothing out.
    private void OnApplySettings(CollectionProtocol.ApplySettings apply)
    {
        _inUse.Options = _options = apply.Options;
        _roots = _options.Roots.ToDictionary(root => root.Path, StringComparer.Ordinal);
        _selection = new JobSelection(_options.AgentId, _options.Roots);
        _queue = new UploadQueue(_options.Upload.Order, _options.Upload.SliceBytes);
        _seals.Clear();
        OfferAll();
        Sender.Tell(CollectionProtocol.SettingsApplied.Instance);
        Dispatch();
    }

    // What is not known any more is found by the first walk, and compared with the archive by size and hash before it is sent.
    private void TellSetAside()
    {
        foreach (var damaged in _options.SetAside)
        {
            _note = $"{Path.GetFileName(damaged.File)} was damaged ({damaged.Reason}) and set aside as {damaged.SetAside}; what it knew is compared with the archive anew";
            _log.Warning("{0}", _note);
        }

        var events = _options.SetAside.Select(damaged => new LedgerStartedOver(Now, $"{Path.GetFileName(damaged.File)}: {damaged.Reason}", damaged.SetAside)).ToList();
        Store(events, () => { });
    }

    private void OnReportScan(CollectionProtocol.ReportScan report)
    {
        _scanner = Sender;
        _isScanUnderWay = !report.IsLast;
        _walk += report.Part == 0 && report.Scan.IsBaseline ? 1 : 0;
        var found = report.Scan.IsBaseline ? report.Scan.Found.SelectMany(group => group.Files).Select(file => file.Path).ToList() : [];
        _state.Mark(found, _walk);

        // Whether something is gone only the whole walk can tell.
        var scan = report is { IsLast: true, Scan.IsBaseline: true } ? report.Scan with { Unnamed = [.. _state.Unmarked(_walk)] } : report.Scan;
        (scan, var toFinish) = _unfinished.Postpone(_state, scan);
        var events = LedgerDecisions.Decide(_state, scan, Now);
        _bareFolders.UnionWith(report.BareFolders.Select(_selection.RemotePathOf));
        var scanner = Sender;
        Store(events, () =>
        {
            _state.Mark(found, _walk);
            foreach (var item in events.OfType<FilesSeen>().SelectMany(seen => seen.Files))
            {
                OfferNow(item.Path);
                _options.Cadence.Note(item.Path, new DateTimeOffset(item.Modified, TimeSpan.Zero));
            }

            foreach (var path in events.OfType<FilesVanished>().SelectMany(vanished => vanished.Paths))
                _options.Cadence.Forget(path);
            _news.NotePending(_state.Totals.PendingFiles, Now);
            foreach (var path in toFinish)
                OfferNow(path);
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
        CrashPoint.Pass("agent.before-outcome");
        Store(LedgerDecisions.Decide(_state, new RecordOutcomes(finished.Jobs, _options.Upload.Backoff), Now), () =>
        {
            CrashPoint.Pass("agent.after-outcome");
            var now = Now;
            var lookAgain = new List<string>();
            foreach (var (job, outcome) in finished.Jobs)
            {
                _inHand.Remove(job);
                AfterOutcome(job, outcome, now, lookAgain);
            }

            _news.NotePending(_state.Totals.PendingFiles, now);
            if (lookAgain.Count > 0)
                _scanner?.Tell(new CollectionProtocol.LookAgain(lookAgain));
            RecordPostponed(finished.Jobs);
        });
    }

    // What a scan told of files that had lost their name, once no more of them can be sent.
    private void RecordPostponed(IReadOnlyList<FinishedJob> jobs)
    {
        foreach (var (job, _) in jobs.Where(job => job.Outcome is JobOutcome.Archived { IsKeptOpen: true }))
            _unfinished.Add(job.Path, job.SeenId);
        var ended = _unfinished.Finish([.. jobs.Where(job => IsEnded(job, _state.Find(job.Job.Path))).Select(job => job.Job.Path)]);
        IReadOnlyList<ILedgerEvent> events = ended is null ? [] : LedgerDecisions.Decide(_state, ended, Now);
        Store(events, () =>
        {
            foreach (var item in events.OfType<FilesSeen>().SelectMany(seen => seen.Files))
                OfferNow(item.Path);
            _queue.ReleaseWaiting();
            Dispatch();
        });
    }

    // What took the name of a file must not wait for ever for one that cannot be sent.
    private static bool IsEnded(FinishedJob job, LedgerEntry? entry) => job.Outcome switch
    {
        JobOutcome.Archived archived => !archived.IsKeptOpen,
        JobOutcome.Failed => entry?.Failure?.Attempts >= JobSelection.PatientAttempts,
        JobOutcome.HandedBack => false,
        _ => true,
    };

    private void AfterOutcome(UploadJob job, JobOutcome outcome, DateTimeOffset now, List<string> lookAgain)
    {
        switch (outcome)
        {
            case JobOutcome.Archived archived:
                _drain?.Count(job.Path, archived.BytesSent);
                if (!job.IsSeal && !archived.IsPartial)
                    _news.Note(job.Path, archived.Content.Length, archived.BytesSent, now);
                foreach (var source in job.MoveFrom)
                    OfferNow(source.Path);
                break;
            case JobOutcome.Failed failed:
                _drain?.CountFailure(job.Path);
                _log.Warning("{0} could not be archived: {1}", LocalName.Printable(job.LocalPath), failed.Message);
                break;
            case JobOutcome.Missing or JobOutcome.NotAsSeen:
                lookAgain.Add(job.Path);
                break;
        }

        _seals.Remove(job.Path);
        if (_state.Find(job.Path) is not { } entry)
            return;
        if (entry.Pending)
            Offer(entry, outcome is JobOutcome.NotAsSeen ? now + LookAgainDelay : now, outcome is JobOutcome.Archived { IsPartial: true });
        else if (job.IsSeal && outcome is not JobOutcome.Archived)
            OfferSeal(entry, isRotated: false, outcome is JobOutcome.HandedBack ? now : now + SealRetryDelay);
        else
            OfferSeal(entry, outcome is JobOutcome.Archived { MovedFrom: not null });
    }

    private void OnReportLost(ArchiveCheckProtocol.ReportLost report)
    {
        var paths = ExpectedFolders.StillExpected(_state, _inHand, report.Files);
        Store(LedgerDecisions.Decide(_state, new RecordLost(paths), Now), () =>
        {
            var again = paths.Count(path => _state.Find(path) is { Pending: true });
            if (again > 0)
                _log.Warning("the archive lacks {0} files, or parts of them, that it had: they are sent again ({1})", again, Named(paths.Where(path => _state.Find(path) is { Pending: true })));
            if (paths.Count > again)
                _log.Error("the archive lacks {0} files, or parts of them, that it had, and the node has them no more ({1})", paths.Count - again, Named(paths.Where(path => _state.Find(path) is not { Pending: true })));
            foreach (var path in paths)
                OfferNow(path);
            Dispatch();
        });
    }

    private void OnRecordRemoval(RetentionProtocol.RecordRemoval removal)
    {
        var files = RemovableFiles.Still(_state, _inHand, removal.Files);
        var asker = Sender;
        Store([.. files.Select(file => file.Path).Chunk(LedgerDecisions.EventSize).Select(chunk => new FilesDeleted(Now, removal.Reason, chunk))], () =>
            asker.Tell(new RetentionProtocol.RemovalRecorded(files)));
    }

    private static string Named(IEnumerable<string> paths) => string.Join(", ", paths.Take(MostNamed));

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
        // Also while the path is in hand as the source of a rename: then it waits for that to end. A job of its own offers it again.
        if (_state.Find(path) is { Pending: true } entry && !_inHand.HasJob(path))
            Offer(entry with { Failure = null }, now);
    }

    // Compared as a whole once it has come to rest; sent in one go it has been already.
    private void OfferSeal(LedgerEntry entry, bool isRotated, DateTimeOffset notBefore = default)
    {
        if (entry.IsWhole || entry.Pending || entry.Archived is null || entry.GoneAt is not null || !_roots.TryGetValue(entry.Root, out var root))
            return;
        var rest = isRotated && root.SealAfter > RotatedRest ? RotatedRest : root.SealAfter;
        var due = new DateTimeOffset(entry.Modified, TimeSpan.Zero) + rest;
        _seals.Add(entry.Path);
        _queue.Offer(Queued(entry), due > notBefore ? due : notBefore, Now);
    }

    private void Offer(LedgerEntry entry, DateTimeOffset notBefore, bool isContinued = false)
    {
        _seals.Remove(entry.Path);
        if (_roots.TryGetValue(entry.Root, out var root) && root.Settle > TimeSpan.Zero)
        {
            var quiet = new DateTimeOffset(entry.Modified, TimeSpan.Zero) + root.Settle;
            notBefore = quiet > notBefore ? quiet : notBefore;
        }

        var at = entry.Failure is { } failure && failure.NextAttempt > notBefore && !(_drain?.IsFirstAttempt(entry.Path) ?? false) ? failure.NextAttempt : notBefore;
        _queue.Offer(Queued(entry) with { IsContinued = isContinued }, at, Now);
    }

    private QueuedFile Queued(LedgerEntry entry) => new(entry.Path, entry.Root, _roots.GetValueOrDefault(entry.Root)?.Priority ?? 0, entry.PendingBytes, entry.Modified);

    private void Dispatch()
    {
        var now = Now;

        // Set back, the clock would keep all that is delayed for as long again: it is tried now, and waits anew if it must.
        _queue.Advance(now + ClockSlack < _latest ? DateTimeOffset.MaxValue : now);
        _latest = now;
        while (_idle.Count > 0 && TakeWork(_idle[0].MaxFiles) is { } work)
        {
            var connection = _idle[0].Connection;
            _idle.RemoveAt(0);
            _assigned.Add(connection, work);
            Begin(connection, work, now);
        }

        if (_queue.NextAt is { } next)
            Timers.StartSingleTimer("retry", RetryDue.Instance, next > now ? next - now : TimeSpan.Zero);
        CheckDrained();
    }

    // Told only once it is in the journal: should the node rename a file whose upload is cut off, it is known where to look for it.
    private void Begin(IActorRef connection, CollectionProtocol.WorkAssigned work, DateTimeOffset now)
    {
        if (work.Jobs.Count == 0)
        {
            connection.Tell(work);
            return;
        }

        var left = work.Jobs.Count;
        PersistAllAsync(work.Jobs.Select(job => job.Path).Chunk(LedgerDecisions.EventSize).Select(chunk => new UploadsBegan(now, chunk)), began =>
        {
            Apply(began);
            if ((left -= began.Paths.Count) == 0)
                connection.Tell(work);
        });
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
            if (_state.Find(path) is not { } entry || (entry.Pending && (_drain?.IsExhausted(path) ?? false)))
                continue;
            if (_selection.TrySelect(_state, entry, _inHand, _seals.Contains(path), _isScanUnderWay, out var mustWait) is { } job)
            {
                _inHand.Add(job);
                jobs.Add(job);
                bytes += Math.Min(entry.PendingBytes, _options.Upload.SliceBytes);
            }
            else if (mustWait)
            {
                _queue.Wait(Queued(entry));
            }
        }

        return jobs;
    }

    private void OnBeginRun(CollectionProtocol.BeginRun run)
    {
        _drain = new DrainRun(run.Attempts);
        foreach (var path in _state.Pending.ToList())
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
        if (_drain is { Asker: not null } drain && _inHand.Count == 0 && !_unfinished.HasPostponed && _bareFolders.Count == 0 && _assigned.Count == 0 && _state.Pending.All(drain.IsExhausted))
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
        if (_store is not null)
            _projection.Note(_state, happened, LastSequenceNr);
        LedgerDecisions.Apply(_state, happened);
        if (!IsRecovering)
            ScheduleWrite();
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
            if (--left == 0)
                then();
        });
    }

    private void OnSweepDue()
    {
        if (Now + ClockSlack < _latest)
            Dispatch();
        Store(LedgerDecisions.Decide(_state, new ForgetVanished(_options.ForgetAfter, _inHand.Paths), Now), () => { });
        var today = DateOnly.FromDateTime(Now.UtcDateTime);
        if (_store is { } store && _storiesSwept != today && _inWriting is null)
        {
            _storiesSwept = today;
            var before = Now - StoriesKept;
            _writing = _writing.ContinueWith(_ => store.ForgetStories(before), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void ScheduleWrite()
    {
        if (_store is null || _projection.IsEmpty || _inWriting is not null)
            return;
        if (_projection.Count >= ChangesWorthWriting)
            WriteChanges();
        else if (!Timers.IsTimerActive("write"))
            Timers.StartSingleTimer("write", WriteDue.Instance, WriteDelay);
    }

    private void OnWriteDown()
    {
        _writeWaiters.Add(Sender);
        WriteChanges();
    }

    private void WriteChanges()
    {
        if (_inWriting is not null)
            return;
        if (_store is not { } store || _projection.IsEmpty)
        {
            AnswerWriteWaiters();
            return;
        }

        Timers.Cancel("write");
        var changes = _inWriting = _projection.Take(_state);
        var write = _writing.ContinueWith(_ => store.Write(changes), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _writing = write;
        write.PipeTo(Self, success: () => Written.Instance, failure: e => new NotWritten(e));
    }

    private void OnWritten(Written written)
    {
        _written = _inWriting!.Sequence;
        _inWriting = null;
        if (_written - _deleted >= EventsWorthDeleting || _writeWaiters.Count > 0)
        {
            _deleted = _written;
            DeleteMessages(_written);
        }

        // Who waits wants all that was told before, and some of it may have come during this write.
        if (_writeWaiters.Count > 0)
            WriteChanges();
        ScheduleWrite();
    }

    private void OnNotWritten(NotWritten failure)
    {
        _log.Warning("the ledger's rows could not be written, the journal keeps all events: {0}", failure.Cause.GetBaseException().Message);
        _projection.PutBack(_inWriting!);
        _inWriting = null;
        AnswerWriteWaiters();
        Timers.StartSingleTimer("write", WriteDue.Instance, WriteRetryDelay);
    }

    private void AnswerWriteWaiters()
    {
        foreach (var waiter in _writeWaiters)
            waiter.Tell(new CollectionProtocol.WrittenDown());
        _writeWaiters.Clear();
    }

    private sealed record WriteDue
    {
        public static readonly WriteDue Instance = new();
    }

    private sealed record Written
    {
        public static readonly Written Instance = new();
    }

    private sealed record NotWritten(Exception Cause);

    private sealed record RetryDue
    {
        public static readonly RetryDue Instance = new();
    }

    private sealed record SweepDue
    {
        public static readonly SweepDue Instance = new();
    }
}
