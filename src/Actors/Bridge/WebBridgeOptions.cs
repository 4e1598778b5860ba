namespace ActorLogArchive.Actors.Bridge;

/// <summary>Settings of <see cref="WebBridgeActor"/>.</summary>
public sealed record WebBridgeOptions
{
    /// <summary>Subscribed channels at once; the channel of a further one is completed with an error.</summary>
    public int MaxSubscribers { get; init; } = 500;

    /// <summary>Shortest time between two <see cref="BridgeProtocol.SessionsChanged"/>.</summary>
    public TimeSpan SessionsInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
