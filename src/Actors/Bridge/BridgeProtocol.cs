using System.Threading.Channels;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Bridge;

/// <summary>What <see cref="WebBridgeActor"/> tells the web side.</summary>
public static class BridgeProtocol
{
    /// <summary>A change worth showing.</summary>
    public abstract record LiveEvent;

    /// <summary>An agent's view changed.</summary>
    public sealed record AgentUpdated(FleetProtocol.AgentView Agent) : LiveEvent;

    /// <summary>An agent was forgotten.</summary>
    public sealed record AgentRemoved(string AgentId) : LiveEvent;

    /// <summary>Something happened in the fleet, for the stream of events.</summary>
    public sealed record FleetHappened(FleetHistoryProtocol.FleetHappening Happening) : LiveEvent;

    /// <summary>A file was stored or grew; the catalog knows it already.</summary>
    public sealed record FileArchived(CatalogFile File) : LiveEvent;

    /// <summary>Accounts changed: ask again.</summary>
    public sealed record UsersChanged : LiveEvent;

    /// <summary>The archive is about to stop: the last thing told.</summary>
    public sealed record ArchiveStopping : LiveEvent;

    /// <summary>Tells all channels that the archive is about to stop.</summary>
    public sealed record AnnounceStop
    {
        /// <summary>The only one.</summary>
        public static readonly AnnounceStop Instance = new();
    }

    /// <summary>The audit log has grown: ask again.</summary>
    public sealed record AuditGrew : LiveEvent;

    /// <summary>FTP sessions changed: ask again.</summary>
    public sealed record SessionsChanged : LiveEvent;

    /// <summary>
    /// Subscribes a bounded channel, made with <see cref="BoundedChannelFullMode.DropOldest"/>: a slow page loses old
    /// events, never slows the archive. Ends with <see cref="Unsubscribe"/> or when the channel is completed.
    /// </summary>
    public sealed record Subscribe(ChannelWriter<LiveEvent> Channel);

    /// <summary>Ends a subscription.</summary>
    public sealed record Unsubscribe(ChannelWriter<LiveEvent> Channel);
}
