using ActorLogArchive.Actors.Collection.Verifying;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What the archive is to have, folder by folder. Pure.</summary>
internal static class ExpectedFolders
{
    /// <summary>Of given folders; one that is to have nothing is left out.</summary>
    public static ArchiveCheckProtocol.FoldersExpected Of(LedgerState state, JobsInHand inHand, IReadOnlyCollection<string> folders, string? last = null)
    {
        var expected = new Dictionary<string, List<ArchiveCheckProtocol.ExpectedFile>>(StringComparer.Ordinal);
        foreach (var (folder, entry) in state.ArchivedIn(folders))
        {
            if (inHand.HasPath(entry.Path))
                continue;
            if (!expected.TryGetValue(folder, out var files))
                expected.Add(folder, files = []);
            files.Add(new ArchiveCheckProtocol.ExpectedFile(entry.Path, entry.Archived!));
        }

        return new ArchiveCheckProtocol.FoldersExpected(expected.ToDictionary(folder => folder.Key, IReadOnlyList<ArchiveCheckProtocol.ExpectedFile> (folder) => folder.Value, StringComparer.Ordinal), last);
    }

    /// <summary>Of the next folders in order of their paths.</summary>
    public static ArchiveCheckProtocol.FoldersExpected Next(LedgerState state, JobsInHand inHand, string? after, double share)
    {
        var rest = state.Folders.Where(folder => after is null || string.CompareOrdinal(folder, after) > 0).Order(StringComparer.Ordinal).ToList();
        var next = rest.Take(Math.Max(1, (int)Math.Ceiling(state.Folders.Count * share))).ToList();
        return Of(state, inHand, next, next.Count < rest.Count ? next[^1] : null);
    }

    /// <summary>
    /// Which of the files that the archive lacks are still to be there: what changed since it was looked at is not, nor what an attempt of
    /// whose end nothing is known may have renamed. Where that is, the next attempt finds out.
    /// </summary>
    public static IReadOnlyList<string> StillExpected(LedgerState state, JobsInHand inHand, IReadOnlyList<ArchiveCheckProtocol.ExpectedFile> lacking) =>
        [.. lacking.Where(file => !inHand.HasPath(file.Path) && IsStillExpected(state, file)).Select(file => file.Path)];

    private static bool IsStillExpected(LedgerState state, ArchiveCheckProtocol.ExpectedFile file) =>
        state.Find(file.Path) is { } entry
        && entry.Archived == file.Content
        && (entry.HasOtherLinks || !file.Content.Id.IsKnown || !state.BegunPaths(file.Content.Id, file.Path).Any());
}
