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

    /// <summary>Creates the actor; use <see cref="CatalogHosting.WithCatalog"/>.</summary>
    public CatalogActor(CatalogStore store, CatalogOptions options)
    {
        _store = store;
        _options = options;
        Receive<FtpEventsDropped>(OnDropped);
        Receive<FtpServerEvent>(Take);
        Receive<FtpServerProtocol.FileSetAside>(Take);
        Receive<CatalogProtocol.Reconcile>(_ => BeginWalk());
        Receive<CatalogProtocol.GetStatus>(_ => Sender.Tell(
            new CatalogProtocol.CatalogStatus(_store.Rebuilding, _pending.Count, _toWalk.Count, _lastError)));
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
        foreach (var type in (Type[])[typeof(FtpTransferCompleted), typeof(FtpTransferAborted), typeof(FtpRenamed), typeof(FtpDeleted), typeof(FtpModifiedTimeSet), typeof(FtpEventsDropped), typeof(FtpServerProtocol.FileSetAside)])
        {
            Context.System.EventStream.Subscribe(Self, type);
        }

        BeginWalk();
    }

    /// <inheritdoc/>
    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Take(object message)
    {
        if (CatalogChange.Of(message) is not { } change)
        {
            return;
        }

        if (_pending.Count >= _options.MaxPending)
        {
            _pending.Clear();
            _droppedChanges = true;
            _log.Warning("More than {0} changes wait to be written to the catalog: they are dropped and the tree is walked instead", _options.MaxPending);
        }

        _pending.Enqueue(change);
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
            _log.Warning("{0} changes of the tree were not told: the tree is walked instead", dropped.Changes);
            BeginWalk();
        }
    }

    private void BeginWalk()
    {
        _store.Rebuilding = true;
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
                return new Written([.. batch.Changed], batch.ToWalk);
            }),
            changes,
            []);
    }

    private void Walk()
    {
        var folders = new List<FtpPath>();
        while (folders.Count < FoldersAWalk && _toWalk.TryPop(out var folder))
        {
            folders.Add(folder);
        }

        var store = _store;
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

        return new Walked(found, errors);
    }

    private void Run<T>(Func<T> write, IReadOnlyList<CatalogChange> changes, IReadOnlyList<FtpPath> folders)
    {
        _isWriting = true;
        Task.Run(write).PipeTo(Self, failure: error => new WriteFailed(error, changes, folders));
    }

    private void OnWritten(Written written)
    {
        _isWriting = false;
        _lastError = null;
        foreach (var file in written.Files)
        {
            Context.System.EventStream.Publish(new CatalogProtocol.FileCataloged(file));
        }

        foreach (var folder in written.ToWalk)
        {
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

        foreach (var folder in walked.Found)
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

        if (_toWalk.Count == 0 && _store.Rebuilding)
        {
            _store.Rebuilding = false;
            _log.Info("The catalog agrees with the tree");
        }

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
        }
        else
        {
            _pending = new Queue<CatalogChange>(failed.Changes.Concat(_pending));
        }

        _batchIsDue |= _pending.Count > 0;
        foreach (var folder in failed.Folders)
        {
            _toWalk.Push(folder);
        }

        if (CatalogStore.IsDamage(failed.Error))
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

    private sealed record Written(IReadOnlyList<CatalogFile> Files, IReadOnlyList<FtpPath> ToWalk);

    private sealed record Walked(IReadOnlyList<FtpPath> Found, IReadOnlyList<string> Errors);

    private sealed record WriteFailed(Exception Error, IReadOnlyList<CatalogChange> Changes, IReadOnlyList<FtpPath> Folders);
}
