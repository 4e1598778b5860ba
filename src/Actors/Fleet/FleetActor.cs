using Akka.Actor;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>Health of all agents, from cluster membership and their reports.</summary>
public sealed class FleetActor : ReceiveActor;
