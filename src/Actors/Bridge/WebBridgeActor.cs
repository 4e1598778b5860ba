using Akka.Actor;

namespace ActorLogArchive.Actors.Bridge;

/// <summary>Carries changes from the actors to the web side's channels.</summary>
public sealed class WebBridgeActor : ReceiveActor;
