namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>What to do with a file, given what the archive has at its path.</summary>
internal enum UploadStep
{
    /// <summary>Nothing is there: send all.</summary>
    Store,

    /// <summary>The archive has a prefix: send the rest.</summary>
    Append,

    /// <summary>The archive has all of it.</summary>
    Keep,

    /// <summary>The archive has something, perhaps a prefix: compare first.</summary>
    Compare,

    /// <summary>The archive has something else: rename that to a version, then send all.</summary>
    StoreBesideOlder,
}

/// <summary>Pure decisions of an upload.</summary>
internal static class UploadPlan
{
    /// <summary>First decision, by sizes.</summary>
    /// <param name="local">Bytes of the file.</param>
    /// <param name="remote">Bytes in the archive; null for nothing.</param>
    /// <param name="isContinuation">Whether the file is known to continue what the archive has: its head and tail agree with the ledger, and so does the size in the archive.</param>
    public static UploadStep Choose(long local, long? remote, bool isContinuation) => remote switch
    {
        null => UploadStep.Store,
        { } size when local < size => UploadStep.StoreBesideOlder,
        { } size when isContinuation || size == 0 => size == local ? UploadStep.Keep : UploadStep.Append,
        _ => UploadStep.Compare,
    };

    /// <summary>Second decision, after the hashes were compared; <paramref name="isPrefix"/> is null when the archive has no hashes.</summary>
    public static UploadStep Choose(long local, long remote, bool? isPrefix) =>
        isPrefix != true ? UploadStep.StoreBesideOlder
        : local == remote ? UploadStep.Keep
        : UploadStep.Append;
}
