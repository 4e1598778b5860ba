using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>What the archive remembers of its agents: the journal of <see cref="FleetActor"/>.</summary>
public interface IFleetEvent : IWireMessage
{
    /// <summary>The agent.</summary>
    string AgentId { get; }
}

/// <summary>The events, and the snapshot.</summary>
public static class FleetEvents
{
    /// <summary>An agent was heard of for the first time.</summary>
    public sealed record AgentFirstSeen(string AgentId, DateTimeOffset At) : IFleetEvent;

    /// <summary>An agent's health changed.</summary>
    public sealed record AgentHealthChanged(string AgentId, FleetProtocol.AgentHealth Health, string Reason, DateTimeOffset At) : IFleetEvent;

    /// <summary>An agent's latest figures, kept now and then.</summary>
    public sealed record AgentFiguresKept(
        string AgentId, FleetProtocol.AgentReport? LastReport, DateTimeOffset? LastReportAt, DateTimeOffset? LastStoredAt) : IFleetEvent;

    /// <summary>An agent was forgotten by an administrator.</summary>
    public sealed record AgentForgotten(string AgentId, DateTimeOffset At) : IFleetEvent;

    /// <summary>All agents at one moment.</summary>
    public sealed record FleetSnapshot(IReadOnlyList<KnownAgent> Agents) : IWireMessage;
}
