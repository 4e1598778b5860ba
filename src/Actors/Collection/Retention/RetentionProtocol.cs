using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Collection.Retention;

/// <summary>What retention and the ledger tell each other. All of it stays in the process.</summary>
internal static class RetentionProtocol
{
    /// <summary>
    /// Asks LedgerActor for files that are archived, durable and compared as a whole, with one name and nothing pending, those written
    /// longest ago first. Answered by <see cref="Removable"/>.
    /// </summary>
    /// <param name="ModifiedBefore">Last written before this time, UTC ticks.</param>
    /// <param name="Roots">Of these watched folders.</param>
    /// <param name="Except">Paths that were found to have to stay.</param>
    /// <param name="Most">How many at most.</param>
    public sealed record GetRemovable(long ModifiedBefore, IReadOnlySet<string> Roots, IReadOnlySet<string> Except, int Most);

    /// <summary>Files that may go.</summary>
    public sealed record Removable(IReadOnlyList<RemovableFile> Files);

    /// <summary>
    /// Tells LedgerActor that files are about to be removed from the node. Answered by <see cref="RemovalRecorded"/> with those of
    /// which this is in the journal: what changed meanwhile is not among them.
    /// </summary>
    public sealed record RecordRemoval(string Reason, IReadOnlyList<RemovableFile> Files);

    /// <summary>These may be removed now.</summary>
    public sealed record RemovalRecorded(IReadOnlyList<RemovableFile> Files);

    /// <summary>A file that may go.</summary>
    /// <param name="Path">Below the agent's folder in the archive.</param>
    /// <param name="Root">The watched folder.</param>
    /// <param name="LocalPath">Where it is.</param>
    /// <param name="RemotePath">Full path in the archive.</param>
    /// <param name="Content">What the archive has: the whole file, as it was last seen.</param>
    public sealed record RemovableFile(string Path, string Root, string LocalPath, string RemotePath, ArchivedContent Content);
}
