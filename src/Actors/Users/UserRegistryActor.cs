using Akka.Actor;

namespace ActorLogArchive.Actors.Users;

/// <summary>Event-sourced accounts.</summary>
public sealed class UserRegistryActor : ReceiveActor;
