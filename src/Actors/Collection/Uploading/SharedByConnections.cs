namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>What the connections of an uploader have in common; each part is safe for concurrent use.</summary>
internal sealed record SharedByConnections(RemoteFolders Folders, TransferMeter Meter, AccountGate Gate);
