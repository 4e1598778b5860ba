using ActorLogArchive.Actors.Collection.Ledger;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// One connection to the archive: asks the ledger for a batch, connects when it has one, works it off, reports, asks again;
/// after a failure it backs off. The I/O runs as one task at a time; what a task of an earlier life tells is ignored.
/// </summary>
internal sealed class ConnectionActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    // An archive ends idle connections without much ado: one that was idle for longer is tried before work is put on it.
    private static readonly TimeSpan SurelyOpen = TimeSpan.FromSeconds(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly int _number;
    private readonly Guid _incarnation;
    private readonly IActorRef _ledger;
    private readonly UploadOptions _options;
    private readonly SharedByConnections _shared;
    private readonly AccountGate _gate;
    private readonly RemoteFolders _folders;
    private readonly TimeProvider _clock;
    private readonly IArchiveTransport _transport;
    private readonly UploadSession _session;
    private long _operation;
    private CollectionProtocol.WorkAssigned? _work;
    private DateTimeOffset _workSince;
    private int _maxFiles;
    private bool _isBusy;
    private bool _isConnected;
    private bool _hasConnected;
    private DateTimeOffset _lastUsed;
    private ConnectionStatus _status;

    public ConnectionActor(int number, Guid incarnation, IActorRef ledger, UploadOptions options, Func<IArchiveTransport> transport, SharedByConnections shared, TimeProvider clock)
    {
        _number = number;
        _incarnation = incarnation;
        _ledger = ledger;
        _options = options;
        _shared = shared;
        _gate = shared.Gate;
        _folders = shared.Folders;
        _clock = clock;
        _transport = transport();
        _maxFiles = options.BatchFiles;
        _session = new UploadSession(_transport, shared, options, clock);
        _status = new ConnectionStatus(number, ConnectionState.Idle, clock.GetUtcNow(), 0, null, null, null);

        Receive<CollectionProtocol.WorkAssigned>(OnWorkAssigned);
        Receive<Connected>(IsCurrent, OnConnected);
        Receive<Uploaded>(IsCurrent, OnUploaded);
        Receive<ArchiveFailed>(IsCurrent, OnNotConnected);
        Receive<Crashed>(IsCurrent, crashed => throw new InvalidOperationException($"connection {_number} failed unexpectedly", crashed.Cause));
        Receive<CollectionProtocol.AskForWork>(_ => RequestWork());
        Receive<CollectionProtocol.Retire>(_ => OnRetire());
        Receive<CollectionProtocol.LedgerStarted>(_ => _shared.IsRetiring && _work is null, _ => Context.Stop(Self));
        Receive<CollectionProtocol.LedgerStarted>(_ => { });
        Receive<KeepAlive>(_ => OnKeepAlive());
        Receive<CollectionProtocol.ProbeArchive>(_ => OnProbe());
        Receive<Probed>(IsCurrent, OnProbed);
        Receive<KeptAlive>(IsCurrent, OnKeptAlive);
        Receive<TryAgain>(_ => OnTryAgain());
        Receive<TaskResult>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(int number, Guid incarnation, IActorRef ledger, UploadOptions options, Func<IArchiveTransport> transport, SharedByConnections shared, TimeProvider clock) =>
        Akka.Actor.Props.Create(() => new ConnectionActor(number, incarnation, ledger, options, transport, shared, clock));

    protected override void PreStart()
    {
        StartTimers();
        RequestWork();
    }

    protected override void PreRestart(Exception reason, object message)
    {
        _log.Error(reason, "connection {0} crashed and is started anew", _number);
        _ledger.Tell(CollectionProtocol.ReleaseWork.Instance);
        base.PreRestart(reason, message);
    }

    // Not at once: what made it crash may do so again.
    protected override void PostRestart(Exception reason)
    {
        StartTimers();
        var wait = _options.Backoff.WaitAfter(FailureCause.Unreachable, 1, Random.Shared.NextDouble());
        Tell(ConnectionState.BackingOff, 1, (reason.InnerException ?? reason).Message, FailureCause.Unreachable, wait);
        Timers.StartSingleTimer("again", TryAgain.Instance, wait);
    }

    protected override void PostStop()
    {
        SetConnected(false);
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

    private void StartTimers()
    {
        Timers.StartPeriodicTimer("ask", CollectionProtocol.AskForWork.Instance, AskAgainAfter);
        Timers.StartPeriodicTimer("keep-alive", KeepAlive.Instance, _options.KeepAlive);
    }

    private void RequestWork()
    {
        if (_shared.IsRetiring)
            _ledger.Tell(CollectionProtocol.GetIncarnation.Instance);
        else if (_status.State == ConnectionState.Idle && !_options.Control.IsPaused)
            _ledger.Tell(new CollectionProtocol.RequestWork(_incarnation, _maxFiles));
    }

    // It ends when the ledger, having read all that was told before, answers: were it to end at once, the ledger might hear of
    // that before it hears what became of the batch, and give the same files out again.
    private void OnRetire()
    {
        if (_work is null)
            RequestWork();
    }

    private void OnWorkAssigned(CollectionProtocol.WorkAssigned work)
    {
        if (_status.State != ConnectionState.Idle || _isBusy || _shared.IsRetiring || _options.Control.IsPaused)
        {
            HandBack(work);
            return;
        }

        if (_gate.TryPass() is { } closed)
        {
            HandBack(work);
            BackOff(closed.Cause, closed.Failures, closed.Wait);
            return;
        }

        (_work, _workSince) = (work, _clock.GetUtcNow());
        Tell(_isConnected ? ConnectionState.Uploading : ConnectionState.Connecting, _status.Failures, _status.LastError, _status.LastCause, null);
        var isAgain = _hasConnected;
        var (self, isOpen, isSurelyOpen) = (Self, _isConnected, _isConnected && _workSince - _lastUsed < SurelyOpen);
        Run(async (operation, stop) =>
        {
            if (!isSurelyOpen && !(isOpen && await IsAliveAsync(stop).ConfigureAwait(false)))
            {
                await _transport.ConnectAsync(stop).ConfigureAwait(false);
                if (isAgain)
                    _folders.Clear();
                self.Tell(new Connected(operation, await RoundTripAsync(stop).ConfigureAwait(false)));
            }

            return new Uploaded(operation, await _session.RunAsync(work.Jobs, work.Folders, stop).ConfigureAwait(false));
        });
    }

    private void OnConnected(Connected connected)
    {
        SetConnected(true);
        Context.Parent.Tell(new CollectionProtocol.RoundTripMeasured(Self, connected.RoundTrip));
        _hasConnected = true;
        Tell(ConnectionState.Uploading, _status.Failures, _status.LastError, _status.LastCause, null);
    }

    private void OnNotConnected(ArchiveFailed failed)
    {
        HandBack(_work!);
        OnFault(failed.Cause);
    }

    private void OnUploaded(Uploaded uploaded)
    {
        _ledger.Tell(new CollectionProtocol.BatchFinished(_incarnation, _work!.BatchId, uploaded.Result.Jobs, uploaded.Result.FoldersLeft));
        foreach (var problem in uploaded.Result.FolderProblems)
            _log.Warning("an empty folder could not be made in the archive: {0}", problem);
        if (uploaded.Result.Fault is { } fault)
        {
            // Only a whole batch counts: over a connection that never lasts for a long one, short ones still get through.
            if (fault.EndsConnection)
                _maxFiles = Math.Max(1, _maxFiles / 4);
            OnFault(fault);
            return;
        }

        if (_status.LastError is not null)
            _log.Info("connection {0} to the archive works again", _number);
        (_work, _isBusy, _lastUsed) = (null, false, _clock.GetUtcNow());
        _gate.Open(_workSince);
        _maxFiles = Math.Min(_options.BatchFiles, _maxFiles * 2);
        Tell(ConnectionState.Idle, 0, null, null, null);
        RequestWork();
    }

    private void OnKeepAlive()
    {
        if (_status.State != ConnectionState.Idle || _isBusy || !_isConnected)
            return;
        Run(async (operation, stop) => new KeptAlive(operation, await IsAliveAsync(stop).ConfigureAwait(false)));
    }

    // That the archive ended an idle connection is no error: the next batch makes a new one.
    private void OnKeptAlive(KeptAlive kept)
    {
        _isBusy = false;
        _lastUsed = _clock.GetUtcNow();
        if (!kept.IsAlive)
            SetConnected(false);
        RequestWork();
    }

    // Asked for when nothing else tells whether the archive is there. Where the archive refused the sign-in, it is there: trying again for a
    // probe would only bring the ban nearer, and a refusal that is held back as a brake on guessing would pass for silence.
    private void OnProbe()
    {
        var isRefused = _status.LastCause is { } cause && UploaderActor.IsAnswer(cause);
        if (_status.State != ConnectionState.Idle || _isBusy || _shared.IsRetiring || (!_isConnected && (isRefused || _gate.TryPass() is not null)))
        {
            Context.Parent.Tell(new CollectionProtocol.ArchiveProbed(null, WasTried: false));
            return;
        }

        var (isOpen, isAgain, since) = (_isConnected, _hasConnected, _clock.GetUtcNow());
        Run(async (operation, stop) =>
        {
            using var patience = new CancellationTokenSource(_options.ProbePatience, _clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
            try
            {
                var isNew = !isOpen || !await IsAliveAsync(both.Token).ConfigureAwait(false);
                if (isNew)
                {
                    patience.CancelAfter(_options.ConnectPatience);
                    await _transport.ConnectAsync(both.Token).ConfigureAwait(false);
                    if (isAgain)
                        _folders.Clear();
                }

                return new Probed(operation, null, isNew, since);
            }
            catch (ArchiveException fault)
            {
                return new Probed(operation, fault, true, since);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                return new Probed(operation, new ArchiveException(ArchiveFault.Timeout, "the archive gives no sign of life: it does not answer in time"), true, since);
            }
        });
    }

    private void OnProbed(Probed probed)
    {
        Context.Parent.Tell(new CollectionProtocol.ArchiveProbed(probed.Failure));
        if (probed.Failure is { } fault)
        {
            OnFault(fault);
            return;
        }

        _isBusy = false;
        _lastUsed = _clock.GetUtcNow();
        if (probed.IsNew)
        {
            SetConnected(true);
            _hasConnected = true;
            _gate.Open(probed.Since);
        }

        if (_status.LastError is not null)
            Tell(ConnectionState.Idle, 0, null, null, null);
        RequestWork();
    }

    private void OnTryAgain()
    {
        Tell(ConnectionState.Idle, _status.Failures, _status.LastError, _status.LastCause, null);
        RequestWork();
    }

    // The shorter of two: a busy node must not be taken for a long way.
    private async Task<TimeSpan> RoundTripAsync(CancellationToken stop)
    {
        var shortest = TimeSpan.MaxValue;
        for (var i = 0; i < 2; i++)
        {
            var since = _clock.GetTimestamp();
            await _transport.KeepAliveAsync(stop).ConfigureAwait(false);
            var elapsed = _clock.GetElapsedTime(since);
            shortest = elapsed < shortest ? elapsed : shortest;
        }

        return shortest;
    }

    private async Task<bool> IsAliveAsync(CancellationToken stop)
    {
        try
        {
            await _transport.KeepAliveAsync(stop).ConfigureAwait(false);
            return true;
        }
        catch (ArchiveException e)
        {
            return !e.EndsConnection;
        }
    }

    private void HandBack(CollectionProtocol.WorkAssigned work) => _ledger.Tell(new CollectionProtocol.BatchFinished(
        _incarnation, work.BatchId, [.. work.Jobs.Select(job => new FinishedJob(job, new JobOutcome.HandedBack()))], work.Folders));

    private void OnFault(ArchiveException fault)
    {
        (_work, _isBusy, _lastUsed) = (null, false, _clock.GetUtcNow());
        if (fault.EndsConnection)
            SetConnected(false);
        if (_gate.Close(fault, _workSince) is { } closed)
        {
            BackOff(fault, closed.Failures, closed.Wait);
            return;
        }

        var failures = _status.Failures + 1;
        BackOff(fault, failures, _options.Backoff.WaitAfter(fault.Cause, failures, Random.Shared.NextDouble()));
    }

    private void BackOff(ArchiveException cause, int failures, TimeSpan wait)
    {
        if (_status.LastError != cause.Message)
            _log.Warning("connection {0} to the archive: {1}; next attempt in {2:0.0} s", _number, cause.Message, wait.TotalSeconds);
        Tell(ConnectionState.BackingOff, failures, cause.Message, cause.Cause, wait);
        if (_shared.IsRetiring)
            RequestWork();
        Timers.StartSingleTimer("again", TryAgain.Instance, wait);
    }

    private void SetConnected(bool isConnected)
    {
        if (isConnected != _isConnected)
            _gate.CountSignedIn(isConnected ? 1 : -1);
        _isConnected = isConnected;
    }

    private void Tell(ConnectionState state, int failures, string? error, FailureCause? cause, TimeSpan? retryAfter)
    {
        var now = _clock.GetUtcNow();
        var errorAt = error is null ? (DateTimeOffset?)null : state == ConnectionState.BackingOff ? now : _status.LastErrorAt ?? now;
        _status = new ConnectionStatus(_number, state, now, failures, error, errorAt, now + retryAfter, cause);
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

    private sealed record Connected(long Operation, TimeSpan RoundTrip) : TaskResult(Operation);

    private sealed record Uploaded(long Operation, BatchResult Result) : TaskResult(Operation);

    private sealed record KeptAlive(long Operation, bool IsAlive) : TaskResult(Operation);

    private sealed record Probed(long Operation, ArchiveException? Failure, bool IsNew, DateTimeOffset Since) : TaskResult(Operation);

    private sealed record ArchiveFailed(long Operation, ArchiveException Cause) : TaskResult(Operation);

    private sealed record Crashed(long Operation, Exception Cause) : TaskResult(Operation);

    private sealed record TryAgain
    {
        public static readonly TryAgain Instance = new();
    }

    private sealed record KeepAlive
    {
        public static readonly KeepAlive Instance = new();
    }
}
