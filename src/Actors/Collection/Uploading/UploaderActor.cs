using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Verifying;
using Akka.Actor;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// Supervises the connections to the archive. They belong to one incarnation of the ledger: when the ledger starts anew, they
/// are ended before new ones begin, so that no path is ever in two hands.
/// </summary>
public sealed class UploaderActor : ReceiveActor, IWithTimers
{
    // Within that, sending a small file costs more than waiting for it.
    private static readonly TimeSpan NearRoundTrip = TimeSpan.FromMilliseconds(15);

    private static readonly TimeSpan ProbeTick = TimeSpan.FromSeconds(1);

    // It is known by then that the archive is away; connections with work try by themselves.
    private static readonly TimeSpan ProbeAgainAfter = TimeSpan.FromSeconds(5);

    private readonly IActorRef _ledger;
    private readonly InUse _inUse;
    private readonly TimeProvider _clock;
    private readonly TransferMeter _meter;
    private readonly HeldFiles _held;
    private readonly Dictionary<IActorRef, ConnectionStatus> _connections = [];
    private readonly List<IActorRef> _stopWaiters = [];
    private SharedByConnections? _shared;
    private DateTimeOffset _lastWorked = DateTimeOffset.MinValue;
    private Guid _incarnation;
    private UploadOptions _startedWith;
    private bool _isStopped;
    private DateTimeOffset _provenAt = DateTimeOffset.MinValue;
    private DateTimeOffset? _probeSentAt;
    private DateTimeOffset? _probeFailedAt;
    private long _provenTotal;
    private LinkFailure? _linkFailure;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public UploaderActor(IActorRef ledger, InUse inUse, TimeProvider clock)
    {
        _ledger = ledger;
        _inUse = inUse;
        _startedWith = inUse.Options;
        _clock = clock;
        _meter = new TransferMeter(clock);
        _held = new HeldFiles(clock);

        Receive<CollectionProtocol.LedgerStarted>(OnLedgerStarted);
        Receive<CollectionProtocol.ConnectionChanged>(OnConnectionChanged);
        Receive<CollectionProtocol.RoundTripMeasured>(OnRoundTripMeasured);
        Receive<CollectionProtocol.GetUploaderStatus>(_ => Sender.Tell(Status()));
        Receive<CollectionProtocol.PauseUploads>(_ => Control(control => control.IsPaused = true));
        Receive<CollectionProtocol.ResumeUploads>(_ => Control(control => control.IsPaused = false));
        Receive<CollectionProtocol.SetBandwidth>(set => Control(control => control.Bandwidth.Override = set.BytesPerSecond));
        Receive<ArchiveCheckProtocol.FoldersLackFiles>(lack =>
        {
            foreach (var folder in lack.Folders)
                _shared?.Folders.Forget(folder);
        });
        Receive<CollectionProtocol.ApplySettings>(OnApplySettings);
        Receive<CollectionProtocol.ArchiveProbed>(OnArchiveProbed);
        Receive<ProbeDue>(_ => OnProbeDue());
        Receive<CollectionProtocol.StopUploads>(_ => OnStopUploads());
        Receive<Terminated>(OnTerminated);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>An uploader for a ledger.</summary>
    public static Props Props(IActorRef ledger, UploadOptions options, Func<IArchiveTransport> transport, TimeProvider clock) =>
        Props(ledger, new InUse { Options = options, Transport = transport }, clock);

    private static Props Props(IActorRef ledger, InUse inUse, TimeProvider clock) => Akka.Actor.Props.Create(() => new UploaderActor(ledger, inUse, clock));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(CollectionProtocol.LedgerStarted));
        Context.System.EventStream.Subscribe(Self, typeof(ArchiveCheckProtocol.FoldersLackFiles));
        _ledger.Tell(CollectionProtocol.GetIncarnation.Instance);
        if (_inUse.Options.ProbeInterval > TimeSpan.Zero)
            Timers.StartPeriodicTimer("probe", ProbeDue.Instance, ProbeTick);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _held.Dispose();
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

    private void OnLedgerStarted(CollectionProtocol.LedgerStarted started)
    {
        if (started.Incarnation == _incarnation)
            return;
        _incarnation = started.Incarnation;
        foreach (var connection in _connections.Keys)
            Context.Stop(connection);
        StartConnections();
    }

    // The new connections begin when the last of the old ones has ended: what these are doing to a folder, the others' list of
    // it does not tell. So none does more than its file in hand.
    private void OnApplySettings(CollectionProtocol.ApplySettings apply)
    {
        _inUse.Options = apply.Options.Upload;
        if (apply.Transport != _inUse.Transport)
        {
            _inUse.Transport = apply.Transport;
            _shared?.Retire();
            foreach (var connection in _connections.Keys)
                connection.Tell(CollectionProtocol.Retire.Instance);
        }

        Sender.Tell(CollectionProtocol.SettingsApplied.Instance);
    }

    private void StartConnections()
    {
        if (_connections.Count > 0 || _isStopped || _incarnation == Guid.Empty)
            return;

        // What connections of another time did last is not certain: list anew.
        var events = Context.System.EventStream;
        var folders = new RemoteFolders((folder, at, items) => events.Publish(new ArchiveCheckProtocol.FolderListed(folder, at, items)), _clock);
        var shared = _shared = new SharedByConnections(folders, _meter, new AccountGate(_inUse.Options.Backoff, _clock), _held);
        _startedWith = _inUse.Options;
        AddConnections(shared, _inUse.Options.Connections);
    }

    private void AddConnections(SharedByConnections shared, int upTo)
    {
        for (var number = _connections.Count + 1; number <= upTo; number++)
        {
            var connection = Context.ActorOf(ConnectionActor.Props(number, _incarnation, _ledger, _startedWith, _inUse.Transport, shared, _clock));
            Context.Watch(connection);
            _connections.Add(connection, new ConnectionStatus(number, ConnectionState.Idle, _clock.GetUtcNow(), 0, null, null, null));
        }
    }

    // They stay: one that is not needed connects no more, and its session ends for want of use.
    private void OnRoundTripMeasured(CollectionProtocol.RoundTripMeasured measured)
    {
        if (_shared is not { IsRetiring: false } shared || _isStopped || !_connections.ContainsKey(measured.Connection))
            return;
        var wanted = _startedWith.Connections * (measured.RoundTrip / NearRoundTrip);
        AddConnections(shared, (int)Math.Min(Math.Ceiling(wanted), _startedWith.MaxConnections));
    }

    private void OnConnectionChanged(CollectionProtocol.ConnectionChanged changed)
    {
        if (!_connections.ContainsKey(changed.Connection))
            return;
        _connections[changed.Connection] = changed.Status;
        if (changed.Status is { State: ConnectionState.Idle, Failures: 0 })
        {
            _lastWorked = changed.Status.Since;
            Prove();
        }

        // A refusal is a sign of life, too.
        if (changed.Status is { State: ConnectionState.BackingOff, LastCause: { } cause } && IsAnswer(cause))
            Prove();
        if (changed.Status.State == ConnectionState.BackingOff && _connections.Values.All(status => status.Failures > 0))
        {
            Context.System.EventStream.Publish(new CollectionProtocol.ArchiveUnreachable(
                _connections.Values.Min(status => status.Failures), changed.Status.LastError ?? "no connection"));
        }
    }

    /// <summary>A connection that failed for one of these was told so by the archive, or did not get that far by its own choice.</summary>
    internal static bool IsAnswer(FailureCause cause) => cause is not (FailureCause.Unreachable or FailureCause.Timeout);

    private void Prove() => (_provenAt, _linkFailure) = (_clock.GetUtcNow(), null);

    // Bytes that move and batches that end are signs of life; only without them one is asked for. Where all connections are busy and
    // nothing moves, which hashing a large file may be, one of its own looks whether the archive still answers.
    private void OnProbeDue()
    {
        var now = _clock.GetUtcNow();
        if (_meter.Total != _provenTotal)
        {
            _provenTotal = _meter.Total;
            Prove();
        }

        var options = _inUse.Options;
        if (_isStopped || _connections.Count == 0 || now - _provenAt < options.ProbeInterval || (_probeSentAt is { } sent && now - sent < options.ProbePatience + options.ConnectPatience))
            return;
        if (_probeFailedAt is { } failed && now - failed < ProbeAgainAfter)
            return;
        var idle = _connections.Where(connection => connection.Value.State == ConnectionState.Idle)
            .OrderBy(connection => connection.Value.Number).Select(connection => connection.Key).FirstOrDefault();
        if (idle is not null)
        {
            _probeSentAt = now;
            idle.Tell(CollectionProtocol.ProbeArchive.Instance);
        }
        else if (now - _provenAt >= options.ProbePatience && !_connections.Values.Any(status => status.LastCause is { } cause && IsAnswer(cause)))
        {
            _probeSentAt = now;
            ProbeAsync(_inUse.Transport(), options.ConnectPatience).PipeTo(Self);
        }
    }

    private async Task<CollectionProtocol.ArchiveProbed> ProbeAsync(IArchiveTransport transport, TimeSpan patience)
    {
        await using (transport.ConfigureAwait(false))
        {
            using var enough = new CancellationTokenSource(patience, _clock);
            try
            {
                await transport.ConnectAsync(enough.Token).ConfigureAwait(false);
                return new CollectionProtocol.ArchiveProbed(null);
            }
            catch (ArchiveException fault)
            {
                return new CollectionProtocol.ArchiveProbed(fault);
            }
            catch (OperationCanceledException)
            {
                return new CollectionProtocol.ArchiveProbed(new ArchiveException(ArchiveFault.Timeout, $"the archive did not answer within {patience.TotalSeconds:0.#} s"));
            }
        }
    }

    private void OnArchiveProbed(CollectionProtocol.ArchiveProbed probed)
    {
        _probeSentAt = null;
        if (!probed.WasTried)
            return;
        _probeFailedAt = probed.Failure is null ? null : _clock.GetUtcNow();
        if (probed.Failure is { } fault)
            _linkFailure ??= new LinkFailure(fault.Cause, fault.Message, _clock.GetUtcNow());
        else
            Prove();
    }

    private void Control(Action<UploadControl> change)
    {
        change(_inUse.Options.Control);
        foreach (var connection in _connections.Keys)
            connection.Tell(CollectionProtocol.AskForWork.Instance);
        Sender.Tell(new CollectionProtocol.UploadsControlled(_inUse.Options.Control.IsPaused, _inUse.Options.Control.Bandwidth.Rate));
    }

    private void OnStopUploads()
    {
        _isStopped = true;
        _stopWaiters.Add(Sender);
        foreach (var connection in _connections.Keys)
            Context.Stop(connection);
        AnswerStopWaiters();
    }

    private void OnTerminated(Terminated terminated)
    {
        _connections.Remove(terminated.ActorRef);
        AnswerStopWaiters();
        StartConnections();
    }

    private void AnswerStopWaiters()
    {
        if (_connections.Count > 0 || !_isStopped)
            return;
        foreach (var waiter in _stopWaiters)
            waiter.Tell(new CollectionProtocol.UploadsStopped());
        _stopWaiters.Clear();
    }

    private UploaderStatus Status() => new(
        [.. _connections.Values.OrderBy(status => status.Number).Select(WithoutOldError)], _meter.BytesPerSecond(), _meter.Total, _inUse.Options.Control.IsPaused, _inUse.Options.Control.Bandwidth.Rate)
    {
        Link = _linkFailure,
        InTransfer = _meter.UnderWay,
    };

    // A connection that failed has nothing to do once the others have done it: then its error stands no longer.
    private ConnectionStatus WithoutOldError(ConnectionStatus status) =>
        status.State == ConnectionState.Idle && status.LastErrorAt < _lastWorked ? status with { Failures = 0, LastError = null, LastErrorAt = null, LastCause = null } : status;

    private sealed record ProbeDue
    {
        public static readonly ProbeDue Instance = new();
    }

    /// <summary>What it goes by; it outlives a restart.</summary>
    public sealed class InUse
    {
        /// <summary>How files are sent.</summary>
        public required UploadOptions Options { get; set; }

        /// <summary>Makes the transport of a connection.</summary>
        public required Func<IArchiveTransport> Transport { get; set; }
    }
}
