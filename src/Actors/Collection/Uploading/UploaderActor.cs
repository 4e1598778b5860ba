using ActorLogArchive.Actors.Collection.Verifying;
using Akka.Actor;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// Supervises the connections to the archive. They belong to one incarnation of the ledger: when the ledger starts anew, they
/// are ended before new ones begin, so that no path is ever in two hands.
/// </summary>
public sealed class UploaderActor : ReceiveActor
{
    private readonly IActorRef _ledger;
    private readonly UploadOptions _options;
    private readonly Func<IArchiveTransport> _transport;
    private readonly TimeProvider _clock;
    private readonly TransferMeter _meter;
    private readonly Dictionary<IActorRef, ConnectionStatus> _connections = [];
    private readonly List<IActorRef> _stopWaiters = [];
    private DateTimeOffset _lastWorked = DateTimeOffset.MinValue;
    private RemoteFolders? _folders;
    private Guid _incarnation;
    private bool _isStopped;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public UploaderActor(IActorRef ledger, UploadOptions options, Func<IArchiveTransport> transport, TimeProvider clock)
    {
        _ledger = ledger;
        _options = options;
        _transport = transport;
        _clock = clock;
        _meter = new TransferMeter(clock);

        Receive<CollectionProtocol.LedgerStarted>(OnLedgerStarted);
        Receive<CollectionProtocol.ConnectionChanged>(OnConnectionChanged);
        Receive<CollectionProtocol.GetUploaderStatus>(_ => Sender.Tell(Status()));
        Receive<CollectionProtocol.PauseUploads>(_ => Control(control => control.IsPaused = true));
        Receive<CollectionProtocol.ResumeUploads>(_ => Control(control => control.IsPaused = false));
        Receive<CollectionProtocol.SetBandwidth>(set => Control(control => control.Bandwidth.Override = set.BytesPerSecond));
        Receive<ArchiveCheckProtocol.FoldersLackFiles>(lack =>
        {
            foreach (var folder in lack.Folders)
                _folders?.Forget(folder);
        });
        Receive<CollectionProtocol.StopUploads>(_ => OnStopUploads());
        Receive<Terminated>(OnTerminated);
    }

    /// <summary>An uploader for a ledger.</summary>
    public static Props Props(IActorRef ledger, UploadOptions options, Func<IArchiveTransport> transport, TimeProvider clock) =>
        Akka.Actor.Props.Create(() => new UploaderActor(ledger, options, transport, clock));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(CollectionProtocol.LedgerStarted));
        Context.System.EventStream.Subscribe(Self, typeof(ArchiveCheckProtocol.FoldersLackFiles));
        _ledger.Tell(CollectionProtocol.GetIncarnation.Instance);
    }

    /// <inheritdoc/>
    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

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

    private void StartConnections()
    {
        if (_connections.Count > 0 || _isStopped || _incarnation == Guid.Empty)
            return;

        // What connections of another time did last is not certain: list anew.
        var events = Context.System.EventStream;
        _folders = new RemoteFolders((folder, at, items) => events.Publish(new ArchiveCheckProtocol.FolderListed(folder, at, items)), _clock);
        var shared = new SharedByConnections(_folders, _meter, new AccountGate(_options.Backoff, _clock));
        for (var number = 1; number <= _options.Connections; number++)
        {
            var connection = Context.ActorOf(ConnectionActor.Props(number, _incarnation, _ledger, _options, _transport, shared, _clock));
            Context.Watch(connection);
            _connections.Add(connection, new ConnectionStatus(number, ConnectionState.Idle, _clock.GetUtcNow(), 0, null, null, null));
        }
    }

    private void OnConnectionChanged(CollectionProtocol.ConnectionChanged changed)
    {
        if (!_connections.ContainsKey(changed.Connection))
            return;
        _connections[changed.Connection] = changed.Status;
        if (changed.Status is { State: ConnectionState.Idle, Failures: 0 })
            _lastWorked = changed.Status.Since;
        if (changed.Status.State == ConnectionState.BackingOff && _connections.Values.All(status => status.Failures > 0))
        {
            Context.System.EventStream.Publish(new CollectionProtocol.ArchiveUnreachable(
                _connections.Values.Min(status => status.Failures), changed.Status.LastError ?? "no connection"));
        }
    }

    private void Control(Action<UploadControl> change)
    {
        change(_options.Control);
        foreach (var connection in _connections.Keys)
            connection.Tell(CollectionProtocol.AskForWork.Instance);
        Sender.Tell(new CollectionProtocol.UploadsControlled(_options.Control.IsPaused, _options.Control.Bandwidth.Rate));
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
        [.. _connections.Values.OrderBy(status => status.Number).Select(WithoutOldError)], _meter.BytesPerSecond(), _meter.Total, _options.Control.IsPaused, _options.Control.Bandwidth.Rate);

    // A connection that failed has nothing to do once the others have done it: then its error stands no longer.
    private ConnectionStatus WithoutOldError(ConnectionStatus status) =>
        status.State == ConnectionState.Idle && status.LastErrorAt < _lastWorked ? status with { Failures = 0, LastError = null, LastErrorAt = null, LastCause = null } : status;
}
