using Akka.Actor;
using Akka.Cluster;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>A change of a member, as far as it matters to an agent's health.</summary>
/// <param name="Address">The member's address as <c>host:port</c>.</param>
/// <param name="Uid">Its incarnation.</param>
/// <param name="Membership">Its place in the cluster now.</param>
/// <param name="AgentId">The agent it is, when a role names it.</param>
internal sealed record MemberChange(string Address, long Uid, AgentMembership Membership, string? AgentId);

/// <summary>The agents among the cluster's members, by address. Not for concurrent use.</summary>
internal sealed class FleetMembers
{
    private readonly Dictionary<string, MemberChange> _byAddress = new(StringComparer.Ordinal);
    private readonly HashSet<(string Address, long Uid)> _leaving = [];

    /// <summary>The member at an address; null when there is none.</summary>
    public MemberChange? Find(string address) => _byAddress.GetValueOrDefault(address);

    /// <summary>What a cluster event means; null when it is no agent's or changes nothing.</summary>
    public MemberChange? Note(object clusterEvent)
    {
        var member = clusterEvent switch
        {
            ClusterEvent.IMemberEvent memberEvent => memberEvent.Member,
            ClusterEvent.ReachabilityEvent reachability => reachability.Member,
            _ => null,
        };
        if (member is null || !member.HasRole(FleetProtocol.AgentRole))
        {
            return null;
        }

        var (address, uid) = (HostPort(member.Address), member.UniqueAddress.Uid);
        if (clusterEvent is ClusterEvent.MemberLeft or ClusterEvent.MemberExited)
        {
            _leaving.Add((address, uid));
        }

        var agentId = member.Roles.FirstOrDefault(role => role.StartsWith(FleetProtocol.AgentIdRolePrefix, StringComparison.Ordinal))?[FleetProtocol.AgentIdRolePrefix.Length..];
        var membership = MembershipAfter(clusterEvent, address, uid);
        if (clusterEvent is ClusterEvent.MemberRemoved)
        {
            _leaving.Remove((address, uid));
        }

        return membership is { } changed ? Note(new MemberChange(address, uid, changed, agentId)) : null;
    }

    /// <summary>Takes in a change.</summary>
    /// <returns>The change, or null when it is about an incarnation that another one has followed already.</returns>
    public MemberChange? Note(MemberChange change)
    {
        var isGone = change.Membership is AgentMembership.Left or AgentMembership.Removed;
        if (Find(change.Address) is { } known && known.Uid != change.Uid && (isGone || change.Membership == AgentMembership.Unreachable))
        {
            return null;
        }

        if (isGone)
        {
            _byAddress.Remove(change.Address);
        }
        else
        {
            _byAddress[change.Address] = change;
        }

        return change;
    }

    private AgentMembership? MembershipAfter(object clusterEvent, string address, long uid) => clusterEvent switch
    {
        ClusterEvent.MemberRemoved removed => removed.PreviousStatus == MemberStatus.Exiting || _leaving.Contains((address, uid))
            ? AgentMembership.Left
            : AgentMembership.Removed,
        ClusterEvent.MemberDowned => _leaving.Contains((address, uid)) ? null : AgentMembership.Removed,

        // While another member cannot be reached, nobody can leave completely: one that said goodbye and is gone has left.
        ClusterEvent.UnreachableMember => _leaving.Contains((address, uid)) ? AgentMembership.Left : AgentMembership.Unreachable,
        ClusterEvent.ReachableMember => AgentMembership.Reachable,

        // Rising in the cluster says nothing about being reachable: that is told apart.
        _ => Find(address) is { } known && known.Uid == uid ? null : AgentMembership.Reachable,
    };

    private static string HostPort(Address address) => $"{address.Host}:{address.Port}";
}
