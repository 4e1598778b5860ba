using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Web.Security;

/// <summary>Lets those live events through that are of the asker's agents, judged at each event; ends the feed of an account that may not look any more.</summary>
internal sealed class ScopedEvents(ChannelWriter<BridgeProtocol.LiveEvent> channel, CurrentAccess current) : ChannelWriter<BridgeProtocol.LiveEvent>
{
    /// <inheritdoc/>
    public override bool TryWrite(BridgeProtocol.LiveEvent item)
    {
        if (current.Known is not { MustChangePassword: false } access)
        {
            channel.TryComplete();
            return false;
        }

        // What is left out counts as written: a false would end the subscription.
        return !IsFor(access, item) || channel.TryWrite(item);
    }

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => channel.WaitToWriteAsync(cancellationToken);

    /// <inheritdoc/>
    public override bool TryComplete(Exception? error = null) => channel.TryComplete(error);

    // An event of a kind that is not known here may name any agent: only who may see all of them gets it.
    internal static bool IsFor(Access access, BridgeProtocol.LiveEvent happened) => access.Scope.IsAll || happened switch
    {
        BridgeProtocol.AgentUpdated updated => access.Scope.Allows(updated.Agent.AgentId),
        BridgeProtocol.AgentRemoved removed => access.Scope.Allows(removed.AgentId),
        BridgeProtocol.FileArchived archived => access.Scope.Allows(archived.File.Agent),
        BridgeProtocol.FleetHappened happening => access.Scope.Allows(happening.Happening.AgentId),
        BridgeProtocol.ArchiveStopping => true,
        BridgeProtocol.SessionsChanged or BridgeProtocol.UsersChanged => access.Role >= WebRole.Viewer,
        _ => false,
    };
}
