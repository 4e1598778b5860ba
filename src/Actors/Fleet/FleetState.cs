using System.Collections.Immutable;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>What is remembered of an agent.</summary>
/// <param name="AgentId">Its id.</param>
/// <param name="FirstSeenAt">When it was first heard of.</param>
/// <param name="Health">As last evaluated.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">Since when it is so.</param>
/// <param name="LastReport">Its last figures that were kept.</param>
/// <param name="LastReportAt">When they came.</param>
/// <param name="LastStoredAt">When it last stored a file, as far as it was kept.</param>
/// <param name="History">Its latest changes of health, oldest first.</param>
public sealed record KnownAgent(
    string AgentId,
    DateTimeOffset FirstSeenAt,
    FleetProtocol.AgentHealth Health,
    string Reason,
    DateTimeOffset Since,
    FleetProtocol.AgentReport? LastReport,
    DateTimeOffset? LastReportAt,
    DateTimeOffset? LastStoredAt,
    IReadOnlyList<FleetProtocol.HealthChange> History);

/// <summary>All agents ever seen, but for the forgotten.</summary>
public sealed record FleetState(ImmutableSortedDictionary<string, KnownAgent> Agents)
{
    /// <summary>Changes of health kept for each agent.</summary>
    public const int HistoryLength = 50;

    /// <summary>No agents.</summary>
    public static FleetState Empty { get; } = new(ImmutableSortedDictionary.Create<string, KnownAgent>(StringComparer.Ordinal));

    /// <summary>The state in a snapshot.</summary>
    public static FleetState From(FleetEvents.FleetSnapshot snapshot) =>
        new(Empty.Agents.AddRange(snapshot.Agents.Select(agent => KeyValuePair.Create(agent.AgentId, agent))));

    /// <summary>The snapshot of this state.</summary>
    public FleetEvents.FleetSnapshot ToSnapshot() => new([.. Agents.Values]);

    /// <summary>The state after an event.</summary>
    public static FleetState Apply(FleetState state, IFleetEvent fleetEvent)
    {
        if (fleetEvent is FleetEvents.AgentFirstSeen seen)
        {
            return state.Agents.ContainsKey(seen.AgentId)
                ? state
                : state.With(new KnownAgent(seen.AgentId, seen.At, FleetProtocol.AgentHealth.Unknown, "heard of for the first time", seen.At, null, null, null, []));
        }

        if (!state.Agents.TryGetValue(fleetEvent.AgentId, out var agent))
        {
            return state;
        }

        return fleetEvent switch
        {
            FleetEvents.AgentHealthChanged e => state.With(agent with
            {
                Health = e.Health,
                Reason = e.Reason,
                Since = e.At,
                History = [.. agent.History.TakeLast(HistoryLength - 1), new FleetProtocol.HealthChange(e.Health, e.Reason, e.At)],
            }),
            FleetEvents.AgentFiguresKept e => state.With(agent with { LastReport = e.LastReport, LastReportAt = e.LastReportAt, LastStoredAt = e.LastStoredAt }),
            FleetEvents.AgentForgotten => state with { Agents = state.Agents.Remove(agent.AgentId) },
            _ => state,
        };
    }

    private FleetState With(KnownAgent agent) => this with { Agents = Agents.SetItem(agent.AgentId, agent) };
}
