namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>A file of the node, as it is at this moment.</summary>
public sealed record NodeFileFacts(FileId Id, long Size, DateTimeOffset Modified);

/// <summary>Looks at files of the node as the scanner does.</summary>
public static class NodeFiles
{
    /// <summary>What a path leads to; null when it leads to no file.</summary>
    public static NodeFileFacts? Look(string path)
    {
        var file = NodeFile.ProbeContent(path);
        return file.Kind == NodeFileKind.Regular ? new NodeFileFacts(file.Id, file.Size, new DateTimeOffset(file.Modified, TimeSpan.Zero)) : null;
    }
}
