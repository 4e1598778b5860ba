using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// Keeps the catalog what the tree is: writes what the FTP server reports, in batches, and walks the whole tree at each start
/// in the background, because a kill may have lost what was reported. The only writer of the database, one task at a time.
/// </summary>
public sealed class CatalogActor : ReceiveActor, IWithTimers
{
    private const int FoldersAWalk = 32;
    private const int AttemptsABatch = 3;

    // A walk that finds more than a few files is not news of files, but of the catalog.
    private const int MostTold = 100;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CatalogOptions _options;
    private readonly CatalogStore _store;
    private readonly Stack<FtpPath> _toWalk = new();
    private Queue<CatalogChange> _pending = new();
    private bool _isWriting;
    private bool _batchIsDue;
    private bool _walkedLast;
    private bool _droppedChanges;
    private int _failures;
    private string? _lastError;
    private IActorRef? _events;
    private IReadOnlyList<FtpPath> _walking = [];
    private WalkTally _walk = WalkTally.None;
    private readonly HashSet<FtpPath> _walked = [];
    private readonly Dictionary<long, Reader> _readers = [];
    private long _lastReader;
    private long _taken;
    private long _written;

    /// <summary>Creates the actor; use <see cref="CatalogHosting.WithCatalog"/>.</summary>
    public CatalogActor(CatalogStore store, CatalogOptions options)
    {
        _store = store;
        _options = options;
        Receive<FtpEventsDropped>(OnDropped);
        Receive<FtpServerEvent>(Take);
        Receive<FtpServerProtocol.FileSetAside>(Take);
        Receive<CatalogProtocol.LookAgain>(again => again.Paths.Select(path => new CatalogChange.Touched(path)).ToList().ForEach(Enqueue));
        Receive<CatalogProtocol.Reconcile>(_ => Reconcile());
        Receive<CatalogProtocol.GetStatus>(_ => Sender.Tell(Status));
        Receive<CatalogProtocol.EventsComeFrom>(source => _events = source.Server);
        Receive<CatalogProtocol.Settle>(Settle);
        Receive<FtpServerProtocol.EventsTold>(told => Told(told.Id));
        Receive<BatchIsDue>(_ => WriteDue());
        Receive<Retry>(_ => WriteNext());
        Receive<Written>(OnWritten);
        Receive<Walked>(OnWalked);
        Receive<WriteFailed>(OnFailed);
        Receive<SetAside>(OnSetAside);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        // Subscribed before the walk begins: what the walk has passed already is told by an event.
        foreach (var type in (Type[])[typeof(FtpTransferBegan), typeof(FtpTransferProgressed), typeof(FtpHashTold), typeof(FtpTransferCompleted), typeof(FtpTransferAborted), typeof(FtpRenamed), typeof(FtpDeleted), typeof(FtpDirectoryMade), typeof(FtpModifiedTimeSet), typeof(FtpEventsDropped), typeof(FtpServerProtocol.FileSetAside)])
        {
            Context.System.EventStream.Subscribe(Self, type);
        }

        _store.Writer = Self;
        BeginWalk();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _store.Writer = null;
        Context.System.EventStream.Unsubscribe(Self);
    }

    private CatalogProtocol.CatalogStatus Status => new(_store.Rebuilding, _pending.Count, _toWalk.Count, _lastError)
    {
        StartedAt = _walk.StartedAt,
        EndedAt = _walk.EndedAt,
        FoldersCompared = _walk.Folders,
        FilesCompared = _walk.Files,
        RowsCorrected = _walk.Corrected,
        Provider = _store.Provider,
    };

    private void Take(object message)
    {
        switch (message)
        {
            case FtpTransferBegan { Kind: not FtpTransferKind.Retrieve } began:
                _store.BeingWritten[began.Path.Value] = true;
                break;
            case FtpTransferCompleted { Kind: not FtpTransferKind.Retrieve } completed:
                _store.BeingWritten.TryRemove(completed.Path.Value, out _);
                break;
            case FtpTransferAborted { Kind: not FtpTransferKind.Retrieve } aborted:
                _store.BeingWritten.TryRemove(aborted.Path.Value, out _);
                break;
        }

        if (CatalogChange.Of(message) is { } change)
        {
            Enqueue(change);
        }
    }

    private void Enqueue(CatalogChange change)
    {
        if (_pending.Count >= _options.MaxPending)
        {
            _written += _pending.Count;
            _pending.Clear();
            _droppedChanges = true;
            _log.Warning("More than {0} changes wait to be written to the catalog: they are dropped and the tree is walked instead", _options.MaxPending);
        }

        _pending.Enqueue(change);
        _taken++;
        if (_pending.Count >= _options.BatchSize)
        {
            WriteDue();
        }
        else if (!Timers.IsTimerActive(nameof(BatchIsDue)))
        {
            Timers.StartSingleTimer(nameof(BatchIsDue), BatchIsDue.Instance, _options.BatchDelay);
        }
    }

    private void OnDropped(FtpEventsDropped dropped)
    {
        if (dropped.Changes > 0)
        {
            _store.BeingWritten.Clear();
            _log.Warning("{0} changes of the tree were not told: the tree is walked instead", dropped.Changes);
            BeginWalk();
        }
    }

    // Asked for twice it is the same walk: whoever asks again wants to see its end, not its beginning.
    private void Reconcile()
    {
        if (!_store.Rebuilding)
        {
            BeginWalk();
        }

        Sender.Tell(Status);
    }

    private void Settle(CatalogProtocol.Settle settle)
    {
        AnswerReaders();
        var id = ++_lastReader;
        _readers.Add(id, new Reader(Sender, settle.Folder, Context.System.Scheduler.Now + _options.ReaderPatience));
        if (_events is null)
        {
            Told(id);
        }
        else
        {
            _events.Tell(new FtpServerProtocol.TellEvents(id));
        }
    }

    // Now all that happened before the question has been taken; it has to be written, too.
    private void Told(long id)
    {
        if (!_readers.TryGetValue(id, out var reader))
        {
            return;
        }

        _readers[id] = reader with { WaitsFor = _taken };
        if (_store.Rebuilding && reader.Folder is { } folder && !_walked.Contains(folder))
        {
            _toWalk.Push(folder);
        }

        _batchIsDue |= _pending.Count > 0;
        AnswerReaders();
        WriteNext();
    }

    private void AnswerReaders()
    {
        var now = Context.System.Scheduler.Now;
        foreach (var (id, reader) in _readers)
        {
            var isWritten = reader.WaitsFor <= _written && (reader.Folder is not { } folder || !_store.Rebuilding || (_walked.Contains(folder) && !_walking.Contains(folder)));
            if (isWritten || reader.Until < now)
            {
                _readers.Remove(id);
                reader.Asker.Tell(CatalogProtocol.Settled.Instance);
            }
        }
    }

    private void BeginWalk()
    {
        _store.Rebuilding = true;
        _walked.Clear();
        _walk = new WalkTally(_options.TimeProvider.GetUtcNow(), null, 0, 0, 0);
        _toWalk.Clear();
        _toWalk.Push(FtpPath.Root);
        WriteNext();
    }

    private void WriteDue()
    {
        _batchIsDue = true;
        WriteNext();
    }

    // Batches and steps of the walk take turns, so that neither waits for the other's end.
    private void WriteNext()
    {
        if (_isWriting || Timers.IsTimerActive(nameof(Retry)))
        {
            return;
        }

        if (_batchIsDue && _pending.Count > 0 && (_walkedLast || _toWalk.Count == 0))
        {
            _walkedLast = false;
            CrashPoint.Pass("archive.before-catalog");
            WriteBatch();
        }
        else if (_toWalk.Count > 0)
        {
            _walkedLast = true;
            Walk();
        }
    }

    private void WriteBatch()
    {
        var changes = new List<CatalogChange>(Math.Min(_options.BatchSize, _pending.Count));
        while (changes.Count < _options.BatchSize && _pending.TryDequeue(out var change))
        {
            changes.Add(change);
        }

        _batchIsDue = _pending.Count > 0;
        var store = _store;
        Run(
            () => store.Write(batch =>
            {
                batch.Apply(changes);
                batch.Flush();
                return new Written(changes.Count, [.. batch.Changed], batch.ToWalk);
            }),
            changes,
            []);
    }

    private void Walk()
    {
        var folders = new List<FtpPath>();
        while (folders.Count < FoldersAWalk && _toWalk.TryPop(out var folder))
        {
            if (_walked.Add(folder))
            {
                folders.Add(folder);
            }
        }

        if (folders.Count == 0)
        {
            EndWalkOrGoOn();
            return;
        }

        var store = _store;
        _walking = folders;
        Run(() => store.Write(batch => WalkFolders(batch, folders)), [], folders);
    }

    private static Walked WalkFolders(CatalogBatch batch, IReadOnlyList<FtpPath> folders)
    {
        var (found, errors) = (new List<FtpPath>(), new List<string>());
        foreach (var folder in folders)
        {
            try
            {
                found.AddRange(batch.Reconcile(folder));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // One folder that cannot be read must not hide the others; its rows stay as they are.
                errors.Add($"{folder}: {error.Message}");
            }
        }

        batch.Flush();
        return new Walked(found, errors, batch.FilesCompared, batch.RowsCorrected, [.. batch.Changed]);
    }

    private void Run<T>(Func<T> write, IReadOnlyList<CatalogChange> changes, IReadOnlyList<FtpPath> folders)
    {
        _isWriting = true;
        Task.Run(write).PipeTo(Self, failure: error => new WriteFailed(error, changes, folders));
    }

    private void Publish(IReadOnlyList<CatalogFile> files)
    {
        // One that is being written is news when its transfer has ended: each transfer is told once.
        foreach (var file in files.Where(file => !_store.BeingWritten.ContainsKey(file.Path)))
        {
            Context.System.EventStream.Publish(new CatalogProtocol.FileCataloged(file));
        }
    }

    private void OnWritten(Written written)
    {
        _isWriting = false;
        _lastError = null;
        _written += written.Changes;
        Publish(written.Files);

        foreach (var folder in written.ToWalk)
        {
            _walked.Remove(folder);
            _toWalk.Push(folder);
        }

        EndWalkOrGoOn();
    }

    private void OnWalked(Walked walked)
    {
        _isWriting = false;
        _lastError = walked.Errors.Count > 0 ? walked.Errors[0] : null;
        foreach (var error in walked.Errors)
        {
            _log.Warning("A folder of the archive cannot be read: {0}", error);
        }

        _walk = _walk with { Folders = _walk.Folders + _walking.Count, Files = _walk.Files + walked.Files, Corrected = _walk.Corrected + walked.Corrected };
        _walking = [];
        Publish(walked.Changed.Count <= MostTold ? walked.Changed : []);
        foreach (var folder in walked.Found.Where(folder => !_walked.Contains(folder)))
        {
            _toWalk.Push(folder);
        }

        EndWalkOrGoOn();
    }

    private void EndWalkOrGoOn()
    {
        _failures = 0;
        if (_toWalk.Count == 0 && _droppedChanges)
        {
            _droppedChanges = false;
            BeginWalk();
            return;
        }

        if (_toWalk.Count == 0)
        {
            _walked.Clear();
        }

        if (_toWalk.Count == 0 && _store.Rebuilding)
        {
            _store.Rebuilding = false;
            _walk = _walk with { EndedAt = _options.TimeProvider.GetUtcNow() };
            _log.Info("The catalog agrees with the tree: {0} files in {1} folders, {2} rows corrected", _walk.Files, _walk.Folders, _walk.Corrected);
        }

        AnswerReaders();
        WriteNext();
    }

    // What was taken goes back in front, and is looked at on disk again when it is written. Changes that cannot be written
    // however often must not hold up all others: they are left to a walk.
    private void OnFailed(WriteFailed failed)
    {
        _lastError = failed.Error.Message;
        _log.Error(failed.Error, "The catalog could not be written");
        if (++_failures % AttemptsABatch == 0)
        {
            _droppedChanges = true;
            _written += failed.Changes.Count;
        }
        else
        {
            _pending = new Queue<CatalogChange>(failed.Changes.Concat(_pending));
        }

        _batchIsDue |= _pending.Count > 0;
        _walking = [];
        foreach (var folder in failed.Folders)
        {
            _walked.Remove(folder);
            _toWalk.Push(folder);
        }

        if (_store.IsDamage(failed.Error))
        {
            _log.Warning("The catalog's database is damaged: it is set aside and made again from the tree");
            var store = _store;
            Run(
                () =>
                {
                    store.SetAsideAndCreate();
                    return SetAside.Instance;
                },
                [],
                []);
            return;
        }

        _isWriting = false;
        Timers.StartSingleTimer(nameof(Retry), Retry.Instance, _options.RetryDelay);
    }

    private void OnSetAside(SetAside _)
    {
        _isWriting = false;
        BeginWalk();
    }

    private sealed record BatchIsDue
    {
        public static readonly BatchIsDue Instance = new();
    }

    private sealed record Retry
    {
        public static readonly Retry Instance = new();
    }

    private sealed record SetAside
    {
        public static readonly SetAside Instance = new();
    }

    private sealed record Written(int Changes, IReadOnlyList<CatalogFile> Files, IReadOnlyList<FtpPath> ToWalk);

    private sealed record Walked(IReadOnlyList<FtpPath> Found, IReadOnlyList<string> Errors, long Files, long Corrected, IReadOnlyList<CatalogFile> Changed);

    private sealed record WalkTally(DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, long Folders, long Files, long Corrected)
    {
        public static readonly WalkTally None = new(null, null, 0, 0, 0);
    }

    /// <summary>Somebody who waits for the catalog to be as far as the tree was when he asked.</summary>
    private sealed record Reader(IActorRef Asker, FtpPath? Folder, DateTimeOffset Until)
    {
        public long WaitsFor { get; init; } = long.MaxValue;
    }

    private sealed record WriteFailed(Exception Error, IReadOnlyList<CatalogChange> Changes, IReadOnlyList<FtpPath> Folders);
}
