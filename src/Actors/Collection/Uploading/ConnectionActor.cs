using ActorLogArchive.Actors.Collection.Ledger;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// One connection to the archive: connects with back-off, asks the ledger for a batch, works it off, reports, asks again.
/// The I/O runs as one task at a time; what a task of an earlier life tells is ignored.
/// </summary>
internal sealed class ConnectionActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly int _number;
    private readonly Guid _incarnation;
    private readonly IActorRef _ledger;
    private readonly UploadOptions _options;
    private readonly TimeProvider _clock;
    private readonly IArchiveTransport _transport;
    private readonly UploadSession _session;
    private long _operation;
    private long _batch;
    private int _maxFiles;
    private bool _isBusy;
    private ConnectionStatus _status;

    public ConnectionActor(int number, Guid incarnation, IActorRef ledger, UploadOptions options, Func<IArchiveTransport> transport, RemoteFolders folders, TransferMeter meter, TimeProvider clock)
    {
        _number = number;
        _incarnation = incarnation;
        _ledger = ledger;
        _options = options;
        _clock = clock;
        _transport = transport();
        _maxFiles = options.BatchFiles;
        _session = new UploadSession(_transport, folders, meter, clock);
        _status = new ConnectionStatus(number, ConnectionState.Connecting, clock.GetUtcNow(), 0, null, null, null);

        Receive<ConnectNow>(_ => Connect());
        Receive<Connected>(IsCurrent, _ => OnConnected());
        Receive<CollectionProtocol.WorkAssigned>(OnWorkAssigned);
        Receive<Uploaded>(IsCurrent, OnUploaded);
        Receive<AskAgain>(_ => RequestWork());
        Receive<KeepAlive>(_ => OnKeepAlive());
        Receive<KeptAlive>(IsCurrent, _ => OnKeptAlive());
        Receive<ArchiveFailed>(IsCurrent, failed => BackOff(failed.Cause));
        Receive<Crashed>(IsCurrent, crashed => throw new InvalidOperationException($"connection {_number} failed unexpectedly", crashed.Cause));
        Receive<TaskResult>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(int number, Guid incarnation, IActorRef ledger, UploadOptions options, Func<IArchiveTransport> transport, RemoteFolders folders, TransferMeter meter, TimeProvider clock) =>
        Akka.Actor.Props.Create(() => new ConnectionActor(number, incarnation, ledger, options, transport, folders, meter, clock));

    protected override void PreStart() => Connect();

    protected override void PreRestart(Exception reason, object message)
    {
        _log.Error(reason, "connection {0} crashed and is started anew", _number);
        _ledger.Tell(CollectionProtocol.ReleaseWork.Instance);
        base.PreRestart(reason, message);
    }

    // Not at once: what made it crash may do so again.
    protected override void PostRestart(Exception reason)
    {
        Tell(ConnectionState.BackingOff, failures: 1, reason.InnerException?.Message ?? reason.Message, _options.RetryDelay);
        Timers.StartSingleTimer("connect", ConnectNow.Instance, _options.RetryDelay);
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
        _ = _transport.DisposeAsync().AsTask().ContinueWith(
            static (task, log) => ((ILoggingAdapter)log!).Debug("closing a connection failed: {0}", task.Exception?.GetBaseException().Message),
            _log,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    private bool IsCurrent(TaskResult result) => result.Operation == _operation;

    private void Connect()
    {
        Tell(ConnectionState.Connecting, _status.Failures, _status.LastError, null);
        Run(async (operation, stop) =>
        {
            await _transport.ConnectAsync(stop).ConfigureAwait(false);
            return new Connected(operation);
        });
    }

    private void OnConnected()
    {
        if (_status.LastError is not null)
            _log.Info("connection {0} to the archive works again", _number);
        _isBusy = false;
        Tell(ConnectionState.Idle, 0, null, null);
        RequestWork();
        Timers.StartPeriodicTimer("ask", AskAgain.Instance, AskAgainAfter);
        Timers.StartPeriodicTimer("keep-alive", KeepAlive.Instance, _options.KeepAlive);
    }

    private void RequestWork()
    {
        if (_status.State == ConnectionState.Idle)
            _ledger.Tell(new CollectionProtocol.RequestWork(_incarnation, _maxFiles));
    }

    private void OnWorkAssigned(CollectionProtocol.WorkAssigned work)
    {
        if (_status.State != ConnectionState.Idle || _isBusy)
        {
            HandBack(work);
            return;
        }

        _batch = work.BatchId;
        Tell(ConnectionState.Uploading, 0, null, null);
        Run(async (operation, stop) => new Uploaded(operation, await _session.RunAsync(work.Jobs, work.Folders, stop).ConfigureAwait(false)));
    }

    private void OnUploaded(Uploaded uploaded)
    {
        _isBusy = false;
        _ledger.Tell(new CollectionProtocol.BatchFinished(_incarnation, _batch, uploaded.Result.Jobs, uploaded.Result.FoldersLeft));
        foreach (var problem in uploaded.Result.FolderProblems)
            _log.Warning("an empty folder could not be made in the archive: {0}", problem);
        if (uploaded.Result.Fault is { } fault)
        {
            // Only a whole batch counts: over a connection that never lasts for a long one, short ones still get through.
            _maxFiles = Math.Max(1, _maxFiles / 4);
            BackOff(fault);
            return;
        }

        _maxFiles = Math.Min(_options.BatchFiles, _maxFiles * 2);
        Tell(ConnectionState.Idle, 0, null, null);
        RequestWork();
    }

    private void OnKeepAlive()
    {
        if (_status.State != ConnectionState.Idle || _isBusy)
            return;
        Run(async (operation, stop) =>
        {
            await _transport.KeepAliveAsync(stop).ConfigureAwait(false);
            return new KeptAlive(operation);
        });
    }

    private void OnKeptAlive()
    {
        _isBusy = false;
        RequestWork();
    }

    private void HandBack(CollectionProtocol.WorkAssigned work) => _ledger.Tell(new CollectionProtocol.BatchFinished(
        _incarnation, work.BatchId, [.. work.Jobs.Select(job => new FinishedJob(job, new JobOutcome.HandedBack()))], work.Folders));

    private void BackOff(ArchiveException cause)
    {
        _isBusy = false;
        var failures = _status.Failures + 1;
        var (first, longest) = cause.Fault is ArchiveFault.SignIn or ArchiveFault.Untrusted ? (_options.SignInRetryDelay, _options.MaxRetryDelay) : (_options.RetryDelay, _options.MaxConnectDelay);
        var delay = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 30)));

        // Jitter: after a restart of the archive, a fleet of agents must not come back in the same second.
        var wait = TimeSpan.FromSeconds(delay * (0.75 + (0.5 * Random.Shared.NextDouble())));
        if (_status.LastError != cause.Message)
            _log.Warning("connection {0} to the archive: {1}; next attempt in {2:0.0} s", _number, cause.Message, wait.TotalSeconds);
        Timers.CancelAll();
        Tell(ConnectionState.BackingOff, failures, cause.Message, wait);
        Timers.StartSingleTimer("connect", ConnectNow.Instance, wait);
    }

    private void Tell(ConnectionState state, int failures, string? error, TimeSpan? retryAfter)
    {
        var now = _clock.GetUtcNow();
        var errorAt = error is null ? (DateTimeOffset?)null : error == _status.LastError && state == ConnectionState.Connecting ? _status.LastErrorAt : now;
        _status = new ConnectionStatus(_number, state, now, failures, error, errorAt, now + retryAfter);
        Context.Parent.Tell(new CollectionProtocol.ConnectionChanged(Self, _status));
    }

    private void Run(Func<long, CancellationToken, Task<TaskResult>> work)
    {
        _isBusy = true;
        var operation = ++_operation;
        var stop = _stopped.Token;

        // On the thread pool: the first part of an operation may block on the file system.
        Task.Run(() => work(operation, stop), stop).PipeTo(
            Self,
            failure: e => Unwrap(e) is ArchiveException fault ? new ArchiveFailed(operation, fault) : new Crashed(operation, e));
    }

    private static Exception Unwrap(Exception e) => e is AggregateException { InnerException: { } inner } ? inner : e;

    private abstract record TaskResult(long Operation);

    private sealed record Connected(long Operation) : TaskResult(Operation);

    private sealed record Uploaded(long Operation, BatchResult Result) : TaskResult(Operation);

    private sealed record KeptAlive(long Operation) : TaskResult(Operation);

    private sealed record ArchiveFailed(long Operation, ArchiveException Cause) : TaskResult(Operation);

    private sealed record Crashed(long Operation, Exception Cause) : TaskResult(Operation);

    private sealed record ConnectNow
    {
        public static readonly ConnectNow Instance = new();
    }

    private sealed record AskAgain
    {
        public static readonly AskAgain Instance = new();
    }

    private sealed record KeepAlive
    {
        public static readonly KeepAlive Instance = new();
    }
}
