using System.Threading.Channels;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Bridge;

/// <summary>
/// Carries changes from the actors to the web side's channels. A channel is bounded and drops its oldest, so writing never
/// waits; one that refuses was completed by its reader and is forgotten.
/// </summary>
public sealed class WebBridgeActor : ReceiveActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly WebBridgeOptions _options;
    private readonly HashSet<ChannelWriter<BridgeProtocol.LiveEvent>> _channels = [];

    /// <summary>Creates the actor; use <see cref="WebBridgeHosting.WithWebBridge"/>.</summary>
    public WebBridgeActor(WebBridgeOptions options)
    {
        _options = options;
        Receive<BridgeProtocol.Subscribe>(Subscribe);
        Receive<BridgeProtocol.Unsubscribe>(unsubscribe => _channels.Remove(unsubscribe.Channel));
        Receive<FleetProtocol.AgentChanged>(changed => Send(new BridgeProtocol.AgentUpdated(changed.Agent)));
        Receive<FleetProtocol.AgentForgotten>(forgotten => Send(new BridgeProtocol.AgentRemoved(forgotten.AgentId)));
        Receive<FleetHistoryProtocol.FleetHappening>(happening => Send(new BridgeProtocol.FleetHappened(happening)));
        Receive<CatalogProtocol.FileCataloged>(cataloged => Send(new BridgeProtocol.FileArchived(cataloged.File)));
        Receive<UsersProtocol.FtpAccountChanged>(_ => Send(new BridgeProtocol.UsersChanged()));
        Receive<UsersProtocol.FtpAccountRemoved>(_ => Send(new BridgeProtocol.UsersChanged()));
        Receive<FtpServerEvent>(_ => NoteSessions());
        Receive<BridgeProtocol.AnnounceStop>(_ => Send(new BridgeProtocol.ArchiveStopping()));
        Receive<AuditProtocol.AuditGrew>(_ => NoteAudit());
        Receive<TellAudit>(_ => Send(new BridgeProtocol.AuditGrew()));
        Receive<TellSessions>(_ => Send(new BridgeProtocol.SessionsChanged()));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Type[] types =
        [
            typeof(FleetProtocol.AgentChanged), typeof(FleetProtocol.AgentForgotten), typeof(CatalogProtocol.FileCataloged),
            typeof(FleetHistoryProtocol.FleetHappening),
            typeof(UsersProtocol.FtpAccountChanged), typeof(UsersProtocol.FtpAccountRemoved),
            typeof(AuditProtocol.AuditGrew),
            typeof(FtpSessionOpened), typeof(FtpSignedIn), typeof(FtpSessionClosed), typeof(FtpTransferBegan), typeof(FtpTransferProgressed),
        ];
        foreach (var type in types)
        {
            Context.System.EventStream.Subscribe(Self, type);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        foreach (var channel in _channels)
        {
            channel.TryComplete();
        }
    }

    private void Subscribe(BridgeProtocol.Subscribe subscribe)
    {
        if (_channels.Count >= _options.MaxSubscribers && !_channels.Contains(subscribe.Channel))
        {
            _log.Warning("A subscription was refused: there are {0} already", _channels.Count);
            subscribe.Channel.TryComplete(new InvalidOperationException($"there are {_channels.Count} live pages already, no more are allowed"));
            return;
        }

        _channels.Add(subscribe.Channel);
    }

    private void Send(BridgeProtocol.LiveEvent liveEvent) => _channels.RemoveWhere(channel => !channel.TryWrite(liveEvent));

    // Sessions change with every transfer; "ask again" a few times a second is all that a page can use.
    private void NoteSessions()
    {
        if (_channels.Count > 0 && !Timers.IsTimerActive(nameof(TellSessions)))
        {
            Timers.StartSingleTimer(nameof(TellSessions), TellSessions.Instance, _options.SessionsInterval);
        }
    }

    // A batch of entries is as good as one: a page asks again a few times a second at most.
    private void NoteAudit()
    {
        if (_channels.Count > 0 && !Timers.IsTimerActive(nameof(TellAudit)))
        {
            Timers.StartSingleTimer(nameof(TellAudit), TellAudit.Instance, _options.SessionsInterval);
        }
    }

    private sealed record TellAudit
    {
        public static readonly TellAudit Instance = new();
    }

    private sealed record TellSessions
    {
        public static readonly TellSessions Instance = new();
    }
}
