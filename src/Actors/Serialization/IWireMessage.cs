namespace ActorLogArchive.Actors.Serialization;

/// <summary>
/// Marks every type that crosses the network or is written to a journal. Bound to <see cref="WireSerializer"/>; a type
/// without it that reaches a serializer is an error, not a fallback.
/// </summary>
public interface IWireMessage;
