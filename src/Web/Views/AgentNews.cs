using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Web.Views;

/// <summary>Works live events into a list of agents.</summary>
public static class AgentNews
{
    /// <summary>The list after the events: changed agents replaced, new ones added, forgotten ones gone.</summary>
    public static IReadOnlyList<FleetProtocol.AgentView> Apply(IReadOnlyList<FleetProtocol.AgentView> agents, IReadOnlyList<BridgeProtocol.LiveEvent> happened)
    {
        if (!happened.Any(news => news is BridgeProtocol.AgentUpdated or BridgeProtocol.AgentRemoved))
            return agents;

        var byId = agents.ToDictionary(agent => agent.AgentId);
        foreach (var news in happened)
        {
            if (news is BridgeProtocol.AgentUpdated updated)
                byId[updated.Agent.AgentId] = updated.Agent;
            else if (news is BridgeProtocol.AgentRemoved removed)
                byId.Remove(removed.AgentId);
        }

        return [.. byId.Values];
    }
}
