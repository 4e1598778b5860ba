using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Makes jobs of pending entries, in an order in which nothing in the archive is overwritten.</summary>
internal sealed class JobSelection(string agentId, IReadOnlyList<WatchedRoot> roots)
{
    /// <summary>After so many failures of a file that was renamed or deleted, the new file under its old name no longer waits for it.</summary>
    public const int PatientAttempts = 3;

    // Of what is known, and of attempts under different names, all cut off.
    private const int MostSources = 8;

    private readonly Dictionary<string, WatchedRoot> _roots = roots.ToDictionary(root => root.Path, StringComparer.Ordinal);

    /// <summary>The job of an entry; null when it is not pending, not watched any more, or has to wait for another job.</summary>
    /// <param name="state">The ledger.</param>
    /// <param name="entry">A pending entry.</param>
    /// <param name="inHand">Jobs given out.</param>
    /// <param name="isSeal">Whether the entry, though archived, is due to be compared as a whole.</param>
    /// <param name="isScanUnderWay">Whether later parts of a walk are still to come.</param>
    /// <param name="mustWait">Whether to ask again once another job has ended.</param>
    public UploadJob? TrySelect(LedgerState state, LedgerEntry entry, JobsInHand inHand, bool isSeal, bool isScanUnderWay, out bool mustWait)
    {
        mustWait = false;
        if ((!entry.Pending && !(isSeal && entry is { Archived: not null, GoneAt: null })) || !_roots.TryGetValue(entry.Root, out var root))
            return null;

        // What would be displaced may have been renamed to a name that the walk has not come to.
        if (isScanUnderWay && ((entry.Archived is { } content && content.Id != entry.Id) || (entry.Begun is { } begun && begun != entry.Id)))
        {
            mustWait = true;
            return null;
        }

        if (inHand.HasPath(entry.Path) || inHand.HasFile(entry.Id) || IsClaimed(state, entry))
        {
            mustWait = true;
            return null;
        }

        var sources = SourcesOf(state, entry);
        if (sources.Exists(source => inHand.HasPath(source.Path)))
        {
            mustWait = true;
            return null;
        }

        return new UploadJob(
            entry.Path,
            LocalName.FromArchive(root.Path, root.Name is null ? entry.Path : entry.Path[(root.Name.Length + 1)..]),
            RemotePathOf(entry.Path),
            entry.Id,
            entry.Size,
            entry.Modified,
            entry.Archived,
            sources,
            entry.Recheck || !entry.Pending)
        {
            IsSeal = !entry.Pending,
        };
    }

    /// <summary>Full path in the archive of a path below the agent's folder; empty is that folder itself.</summary>
    public string RemotePathOf(string path) => path.Length == 0 ? $"/{agentId}" : $"/{agentId}/{path}";

    // Where it is known to be, and wherever it may have got to by attempts of whose end nothing is known.
    private List<MoveSource> SourcesOf(LedgerState state, LedgerEntry entry)
    {
        if (!entry.Id.IsKnown)
            return [];

        var sources = state.ContentsOf(entry.Id, entry.Path)
            .Where(source => IsWanted(source.Archived!, entry) && MayContinue(entry, source.Archived!) && !KeepsContent(source, entry))
            .Take(MostSources)
            .Select(source => new MoveSource(source.Path, RemotePathOf(source.Path), source.Archived) { IsDoubtful = IsDoubtful(source), IsWhole = source.IsWhole })
            .ToList();

        // Of a file that is back at a name where its content was known to be, too: an attempt meanwhile may have renamed it away.
        sources.AddRange(state.BegunPaths(entry.Id, entry.Path)
            .Where(begun => state.Find(begun) is { } other && !KeepsContent(other, entry))
            .Order(StringComparer.Ordinal)
            .Take(MostSources)
            .Select(begun => new MoveSource(begun, RemotePathOf(begun), null)));
        return sources;
    }

    // Of a version the time of its name is all that ties it to its file.
    private static bool IsDoubtful(LedgerEntry source) =>
        (source.Begun is { } begun && begun != source.Archived!.Id) || (source.BegunBefore is { } before && before != source.Archived!.Id) || VersionName.IsOne(source.Path);

    // Of an empty file nothing can be compared, so its times have to speak for it.
    private static bool MayContinue(LedgerEntry entry, ArchivedContent content) =>
        content.Length == 0 ? entry.Size == 0 && entry.Modified == content.Modified : entry.Size >= content.Length;

    // A file whose content is at its name needs none from elsewhere, unless that is newer: it was written over, archived under another name
    // and is back.
    private static bool IsWanted(ArchivedContent content, LedgerEntry entry) =>
        entry.Archived is not { } own || own.Id != entry.Id || content.Modified > own.Modified;

    // As long as the other name leads to it too, that name keeps the content and this one gets a copy.
    private static bool KeepsContent(LedgerEntry source, LedgerEntry entry) =>
        (entry.HasOtherLinks || source.HasOtherLinks) && source.GoneAt is null && source.Id == entry.Id;

    // The content at the entry's path belongs to a file that has another name by now: it has to be renamed first. In a
    // ring of swapped names the first one by name goes ahead; what it displaces becomes a version.
    private bool IsClaimed(LedgerState state, LedgerEntry entry)
    {
        var first = entry.Path;
        var path = entry.Path;
        for (var steps = 0; steps < state.Count; steps++)
        {
            if (ClaimantOf(state, path) is not { } claimant)
                return steps > 0;
            if (claimant == entry.Path)
                return first != entry.Path;
            path = claimant;
            if (string.CompareOrdinal(path, first) < 0)
                first = path;
        }

        return false;
    }

    private string? ClaimantOf(LedgerState state, string path)
    {
        if (state.Find(path) is not { } entry)
            return null;
        return ClaimantOf(state, entry, entry.Archived?.Id, claimant => IsWanted(entry.Archived!, claimant) && MayContinue(claimant, entry.Archived!))
            ?? ClaimantOf(state, entry, entry.Begun, claimant => claimant.Archived?.Id != claimant.Id)
            ?? ClaimantOf(state, entry, entry.BegunBefore, claimant => claimant.Archived?.Id != claimant.Id);
    }

    // Any name that may take the content: which of them does is known only when it is its turn.
    private string? ClaimantOf(LedgerState state, LedgerEntry entry, FileId? content, Func<LedgerEntry, bool> mayTake)
    {
        if (content is not { IsKnown: true } id || id == entry.Id)
            return null;
        return state.PendingNames(id, entry.Path)
            .FirstOrDefault(claimant => (claimant.Failure?.Attempts ?? 0) < PatientAttempts
                && _roots.ContainsKey(claimant.Root)
                && mayTake(claimant))
            ?.Path;
    }
}
