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

    private const int EventsWorthDeleting = 1000;
    private const int MostNamed = 10;
    private static readonly TimeSpan WriteDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WriteRetryDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StoriesKept = TimeSpan.FromDays(90);
    private static readonly TimeSpan CrashDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly OptionsInUse _inUse;
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly Backlog _backlog;
    private readonly UnfinishedFiles _unfinished = new();
    private readonly UploadNews _news = new();
    private readonly List<IActorRef> _writeWaiters = [];
    private CollectionOptions _options;
    private LedgerState _state = new();
    private LedgerWriter _writer = new(null);
    private long _deleted;
    private IActorRef? _scanner;
    private int _walk;
    private DateOnly _storiesSwept;
    private string? _note;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LedgerActor(OptionsInUse inUse)
    {
        _inUse = inUse;
        _options = inUse.Options;
        _backlog = new Backlog(_options);

        Recover<SnapshotOffer>(OnSnapshotOffer);
        Recover<ILedgerEvent>(happened => LastSequenceNr > _writer.Sequence, Apply);
        Recover<ILedgerEvent>(_ => { });
        Recover<RecoveryCompleted>(_ => OnRecovered());

        Command<CollectionProtocol.ReportScan>(OnReportScan);
        Command<CollectionProtocol.RequestWork>(OnRequestWork);
        Command<CollectionProtocol.BatchFinished>(OnBatchFinished);
        Command<CollectionProtocol.ReleaseWork>(_ => TakeBack(Sender, CrashDelay));
        Command<Terminated>(terminated => TakeBack(terminated.ActorRef, TimeSpan.Zero));
        Command<CollectionProtocol.GetIncarnation>(_ => Sender.Tell(new CollectionProtocol.LedgerStarted(_incarnation)));
        Command<CollectionProtocol.GetLedger>(_ => Sender.Tell(new CollectionProtocol.LedgerView(_news.Into(_state.Figures()) with { Note = _note }, _backlog.InHand.Count)));
        Command<CollectionProtocol.BeginRun>(OnBeginRun);
        Command<CollectionProtocol.Drain>(_ => OnDrain());
        Command<CollectionProtocol.StopDraining>(stop => EndDrain(stop.Reason));
        Command<CollectionProtocol.WriteDown>(_ => OnWriteDown());
        Command<ArchiveCheckProtocol.GetFolders>(get => Sender.Tell(ExpectedFolders.Of(_state, _backlog.InHand, get.Folders)));
        Command<ArchiveCheckProtocol.GetNextFolders>(get => Sender.Tell(ExpectedFolders.Next(_state, _backlog.InHand, get.After, get.Share)));
        Command<ArchiveCheckProtocol.ReportLost>(OnReportLost);
        Command<RetentionProtocol.GetRemovable>(get => Sender.Tell(RemovableFiles.Of(_state, _backlog, get)));
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
                var store = LedgerStore.Open(file);
                _writer = new LedgerWriter(store);
                _note = store.Note("started-over-at") is { } at ? $"the ledger was damaged ({store.Note("started-over-reason")}) and began anew at {at}; the old one is {store.Note("started-over-set-aside")}" : null;
                _state = store.Load();
                _writer.Follow(_state);
            }
            catch (Exception e)
            {
                TellFailure(e, DatabaseDamage.IsUnreadable(e), DatabaseDamage.Ledger);
                throw;
            }
        }

        base.PreStart();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _writer.Close();
        base.PostStop();
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        TellFailure(cause, DatabaseDamage.IsDamage(cause), DatabaseDamage.Journal);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        // The callback of a rejected event never runs: what was decided would be lost without a word.
        TellFailure(cause, DatabaseDamage.IsDamage(cause), DatabaseDamage.Journal);
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        TellFailure(reason, DatabaseDamage.IsUnreadable(reason), DatabaseDamage.Journal, DatabaseDamage.Snapshots);
        base.OnRecoveryFailure(reason, message);
    }

    private void TellFailure(Exception cause, bool isDamage, params IReadOnlyList<string> databases) =>
        Context.System.EventStream.Publish(new CollectionProtocol.LedgerFailed(cause.GetBaseException().Message, Now) { Damaged = isDamage ? databases : [] });

    // Written by versions that had no store.
    private void OnSnapshotOffer(SnapshotOffer offer)
    {
        if (offer.Metadata.SequenceNr <= _writer.Sequence)
            return;
        _state = LedgerState.FromSnapshot((LedgerSnapshot)offer.Snapshot);
        _writer.Follow(_state);
        _writer.NoteAll(_state, offer.Metadata.SequenceNr);
    }

    private void OnRecovered()
    {
        if (_writer.Sequence > LastSequenceNr)
        {
            // The journal was lost or is an older one: its numbers begin anew, and the rows would be taken for newer than its events.
            _log.Warning("the journal ends at event {0}, the ledger has {1}: what happened in between is looked for on the node and in the archive", LastSequenceNr, _writer.Sequence);
            _writer.ResetSequence(LastSequenceNr);
        }

        _log.Info("ledger recovered: {0} files archived, {1} pending", _state.Totals.ArchivedFiles, _state.Totals.PendingFiles);
        _backlog.OfferAll(_state);
        TellSetAside();
        ScheduleWrite();
        Timers.StartPeriodicTimer("sweep", SweepDue.Instance, SweepInterval);
        Context.System.EventStream.Publish(new CollectionProtocol.LedgerStarted(_incarnation));
    }

    private void OnApplySettings(CollectionProtocol.ApplySettings apply)
    {
        _inUse.Options = _options = apply.Options;
        _backlog.Use(_state, _options);
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
        _backlog.IsScanUnderWay = !report.IsLast;
        _walk += report.Part == 0 && report.Scan.IsBaseline ? 1 : 0;
        var found = report.Scan.IsBaseline ? report.Scan.Found.SelectMany(group => group.Files).Select(file => file.Path).ToList() : [];
        _state.Mark(found, _walk);

        // Whether something is gone only the whole walk can tell.
        var scan = report is { IsLast: true, Scan.IsBaseline: true } ? report.Scan with { Unnamed = [.. _state.Unmarked(_walk)] } : report.Scan;
        (scan, var toFinish) = _unfinished.Postpone(_state, scan);
        var events = LedgerDecisions.Decide(_state, scan, Now);
        _backlog.AddFolders(report.BareFolders.Select(_backlog.Selection.RemotePathOf));
        var scanner = Sender;
        Store(events, () =>
        {
            _state.Mark(found, _walk);
            foreach (var item in events.OfType<FilesSeen>().SelectMany(seen => seen.Files))
            {
                _backlog.OfferNow(_state, item.Path);
                _options.Cadence.Note(item.Path, new DateTimeOffset(item.Modified, TimeSpan.Zero));
            }

            foreach (var path in events.OfType<FilesVanished>().SelectMany(vanished => vanished.Paths))
                _options.Cadence.Forget(path);
            _news.NotePending(_state.Totals.PendingFiles, Now);
            foreach (var path in toFinish)
                _backlog.OfferNow(_state, path);
            if (report.IsLast)
                _backlog.ReleaseWaiting();
            scanner.Tell(new CollectionProtocol.ScanRecorded(report.ScanId, report.Part));
            Dispatch();
        });
    }

    private void OnRequestWork(CollectionProtocol.RequestWork request)
    {
        if (request.Incarnation != _incarnation)
            return;

        if (_backlog.TryAdd(Sender, request.MaxFiles))
            Context.Watch(Sender);
        Dispatch();
    }

    private void OnBatchFinished(CollectionProtocol.BatchFinished finished)
    {
        if (finished.Incarnation != _incarnation || !_backlog.TryFinish(Sender, finished.BatchId))
            return;
        _backlog.AddFolders(finished.FoldersLeft);
        CrashPoint.Pass("agent.before-outcome");
        Store(LedgerDecisions.Decide(_state, new RecordOutcomes(finished.Jobs, _options.Upload.Backoff), Now), () =>
        {
            CrashPoint.Pass("agent.after-outcome");
            var now = Now;
            var lookAgain = new List<string>();
            foreach (var (job, outcome) in finished.Jobs)
            {
                _backlog.InHand.Remove(job);
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
                _backlog.OfferNow(_state, item.Path);
            _backlog.ReleaseWaiting();
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
                _backlog.Drain?.Count(job.Path, archived.BytesSent);
                if (!job.IsSeal && !archived.IsPartial)
                    _news.Note(job.Path, archived.Content.Length, archived.BytesSent, now);
                break;
            case JobOutcome.Failed failed:
                _backlog.Drain?.CountFailure(job.Path);
                _log.Warning("{0} could not be archived: {1}", LocalName.Printable(job.LocalPath), failed.Message);
                break;
            case JobOutcome.Missing or JobOutcome.NotAsSeen:
                lookAgain.Add(job.Path);
                break;
        }

        _backlog.OfferAfter(_state, job, outcome);
    }

    private void OnReportLost(ArchiveCheckProtocol.ReportLost report)
    {
        var paths = ExpectedFolders.StillExpected(_state, _backlog.InHand, report.Files);
        Store(LedgerDecisions.Decide(_state, new RecordLost(paths), Now), () =>
        {
            var again = paths.Count(path => _state.Find(path) is { Pending: true });
            if (again > 0)
                _log.Warning("the archive lacks {0} files, or parts of them, that it had: they are sent again ({1})", again, Named(paths.Where(path => _state.Find(path) is { Pending: true })));
            if (paths.Count > again)
                _log.Error("the archive lacks {0} files, or parts of them, that it had, and the node has them no more ({1})", paths.Count - again, Named(paths.Where(path => _state.Find(path) is not { Pending: true })));
            foreach (var path in paths)
                _backlog.OfferNow(_state, path);
            Dispatch();
        });
    }

    private void OnRecordRemoval(RetentionProtocol.RecordRemoval removal)
    {
        var files = RemovableFiles.Still(_state, _backlog.InHand, removal.Files);
        var asker = Sender;
        Store([.. files.Select(file => file.Path).Chunk(LedgerDecisions.EventSize).Select(chunk => new FilesDeleted(Now, removal.Reason, chunk))], () =>
            asker.Tell(new RetentionProtocol.RemovalRecorded(files)));
    }

    private static string Named(IEnumerable<string> paths) => string.Join(", ", paths.Take(MostNamed));

    private void TakeBack(IActorRef connection, TimeSpan delay)
    {
        if (_backlog.TryTakeBack(_state, connection, delay))
            Dispatch();
    }

    private void Dispatch()
    {
        while (_backlog.TakeWork(_state) is (var connection, var work))
            Begin(connection, work);
        var now = Now;
        if (_backlog.NextAt is { } next)
            Timers.StartSingleTimer("retry", RetryDue.Instance, next > now ? next - now : TimeSpan.Zero);
        CheckDrained();
    }

    // Told only once it is in the journal: should the node rename a file whose upload is cut off, it is known where to look for it.
    private void Begin(IActorRef connection, CollectionProtocol.WorkAssigned work)
    {
        if (work.Jobs.Count == 0)
        {
            connection.Tell(work);
            return;
        }

        var left = work.Jobs.Count;
        var now = Now;
        PersistAllAsync(work.Jobs.Select(job => job.Path).Chunk(LedgerDecisions.EventSize).Select(chunk => new UploadsBegan(now, chunk)), began =>
        {
            Apply(began);
            if ((left -= began.Paths.Count) == 0)
                connection.Tell(work);
        });
    }

    private void OnBeginRun(CollectionProtocol.BeginRun run)
    {
        _backlog.Drain = new DrainRun(run.Attempts);
        foreach (var path in _state.Pending.ToList())
            _backlog.OfferNow(_state, path);
        Dispatch();
    }

    private void OnDrain()
    {
        if (_backlog.Drain is not { } drain)
            return;
        drain.Asker = Sender;
        CheckDrained();
    }

    private void CheckDrained()
    {
        if (_backlog.Drain is { Asker: not null } drain && _backlog.IsAtRest && !_unfinished.HasPostponed && _state.Pending.All(drain.IsExhausted))
            EndDrain(null);
    }

    private void EndDrain(string? reason)
    {
        if (_backlog.Drain is not { } drain)
            return;
        _backlog.Drain = null;
        drain.Asker?.Tell(new CollectionProtocol.Drained(drain.Summary(_state, reason)));
    }

    private void Apply(ILedgerEvent happened)
    {
        _writer.Note(_state, happened, LastSequenceNr);
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
        if (_backlog.IsClockSetBack)
            Dispatch();
        Store(LedgerDecisions.Decide(_state, new ForgetVanished(_options.ForgetAfter, _backlog.InHand.Paths), Now), () => { });
        var today = DateOnly.FromDateTime(Now.UtcDateTime);
        if (_storiesSwept != today && !_writer.IsWriting)
        {
            _storiesSwept = today;
            _writer.ForgetStories(Now - StoriesKept);
        }
    }

    private void ScheduleWrite()
    {
        if (!_writer.HasChanges || _writer.IsWriting)
            return;
        if (_writer.IsWorthWriting)
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
        if (_writer.IsWriting)
            return;
        if (!_writer.HasChanges)
        {
            AnswerWriteWaiters();
            return;
        }

        Timers.Cancel("write");
        _writer.WriteAsync(_state).PipeTo(Self, success: () => Written.Instance, failure: e => new NotWritten(e));
    }

    private void OnWritten(Written written)
    {
        _writer.Succeed();
        if (_writer.Sequence - _deleted >= EventsWorthDeleting || _writeWaiters.Count > 0)
        {
            _deleted = _writer.Sequence;
            DeleteMessages(_deleted);
        }

        // Who waits wants all that was told before, and some of it may have come during this write.
        if (_writeWaiters.Count > 0)
            WriteChanges();
        ScheduleWrite();
    }

    private void OnNotWritten(NotWritten failure)
    {
        _log.Warning("the ledger's rows could not be written, the journal keeps all events: {0}", failure.Cause.GetBaseException().Message);
        if (DatabaseDamage.IsDamage(failure.Cause))
            TellFailure(failure.Cause, isDamage: true, DatabaseDamage.Ledger);
        _writer.Fail();
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
