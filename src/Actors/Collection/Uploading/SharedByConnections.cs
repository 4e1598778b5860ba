namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>What the connections of an uploader have in common; each part is safe for concurrent use.</summary>
internal sealed record SharedByConnections(RemoteFolders Folders, TransferMeter Meter, AccountGate Gate, HeldFiles Held)
{
    private volatile bool _isRetiring;

    /// <summary>Whether the connections are to end, each when its file in hand is done.</summary>
    public bool IsRetiring => _isRetiring;

    /// <summary>Has them give back the rest of their batches, and end; also one that crashes meanwhile and is started anew.</summary>
    public void Retire() => _isRetiring = true;
}
