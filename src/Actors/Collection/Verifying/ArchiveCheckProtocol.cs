using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Collection.Verifying;

/// <summary>What is told about folders of the archive, to find out whether it still has what it had. All of it stays in the process.</summary>
internal static class ArchiveCheckProtocol
{
    /// <summary>A connection listed a folder, before it made changes there. Published on the event stream.</summary>
    /// <param name="Folder">Full path in the archive.</param>
    /// <param name="At">When the listing was asked for.</param>
    /// <param name="Items">What is there.</param>
    public sealed record FolderListed(string Folder, DateTimeOffset At, IReadOnlyList<ArchiveItem> Items);

    /// <summary>Folders have less than they had: what connections remember of them is void. Published on the event stream.</summary>
    /// <param name="Folders">Full paths in the archive.</param>
    public sealed record FoldersLackFiles(IReadOnlyCollection<string> Folders);

    /// <summary>Asks LedgerActor what some folders are to have. Answered by <see cref="FoldersExpected"/>.</summary>
    /// <param name="Folders">Paths below the agent's folder.</param>
    public sealed record GetFolders(IReadOnlyCollection<string> Folders);

    /// <summary>Asks LedgerActor what the next folders, in order of their paths, are to have. Answered by <see cref="FoldersExpected"/>.</summary>
    /// <param name="After">The last one of the time before; null to begin.</param>
    /// <param name="Share">How many, as a part of all: 0 to 1, one folder at least.</param>
    public sealed record GetNextFolders(string? After, double Share);

    /// <summary>What folders are to have: what is archived there, but for what connections have in hand.</summary>
    /// <param name="Folders">By path below the agent's folder.</param>
    /// <param name="Last">The last of them in order; null when there are none after it.</param>
    public sealed record FoldersExpected(IReadOnlyDictionary<string, IReadOnlyList<ExpectedFile>> Folders, string? Last);

    /// <summary>A file that the archive is to have.</summary>
    /// <param name="Path">Below the agent's folder.</param>
    /// <param name="Content">What it is to have there.</param>
    public sealed record ExpectedFile(string Path, ArchivedContent Content);

    /// <summary>Tells LedgerActor what the archive has no more, or not all of. What changed since it was asked for counts for nothing.</summary>
    public sealed record ReportLost(IReadOnlyList<ExpectedFile> Files);
}
