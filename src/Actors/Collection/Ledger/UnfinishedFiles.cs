using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>
/// Files that were sent in part and are kept open. What a scan tells of the path of one that has lost its only name waits here
/// until the rest was sent: told at once, the ledger would take the rest for gone.
/// </summary>
internal sealed class UnfinishedFiles
{
    private readonly Dictionary<string, FileId> _open = new(StringComparer.Ordinal);

    // Without a file: the path has vanished.
    private readonly Dictionary<string, (string Root, FoundFile? File)> _postponed = new(StringComparer.Ordinal);

    /// <summary>Whether something that a scan told waits.</summary>
    public bool HasPostponed => _postponed.Count > 0;

    /// <summary>Notes that the file at the path is kept open.</summary>
    public void Add(string path, FileId id) => _open[path] = id;

    /// <summary>Puts aside what a scan tells of paths whose file has no name any more.</summary>
    /// <param name="state">The ledger.</param>
    /// <param name="scan">What was found.</param>
    /// <returns>What is left to tell now, and the paths whose turn it is to be finished.</returns>
    public (RecordScan Now, IReadOnlyList<string> Paths) Postpone(LedgerState state, RecordScan scan)
    {
        if (_open.Count == 0)
            return (scan, []);

        var ids = _open.Values.ToHashSet();
        ids.IntersectWith(scan.Found.SelectMany(group => group.Files).Select(file => file.Id));
        var lost = _open
            .Where(open => state.Find(open.Key) is { Pending: true } entry && entry.Id == open.Value && !ids.Contains(open.Value) && !state.PendingNames(open.Value, open.Key).Any())
            .Select(open => open.Key)
            .ToHashSet(StringComparer.Ordinal);
        scan = WithFoundAgain(scan, lost);
        var before = _postponed.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var path in scan.Vanished.Concat(scan.Unnamed ?? []).Where(lost.Contains))
            _postponed[path] = ("", null);
        foreach (var group in scan.Found)
        {
            foreach (var file in group.Files.Where(file => lost.Contains(file.Path)))
                _postponed[file.Path] = (group.Root, file);
        }

        return _postponed.Count == 0
            ? (scan, [])
            : (scan with
            {
                Found = [.. scan.Found.Select(group => group with { Files = [.. group.Files.Where(file => !_postponed.ContainsKey(file.Path))] })],
                Vanished = [.. scan.Vanished.Where(path => !_postponed.ContainsKey(path))],
                Unnamed = scan.Unnamed is null ? null : [.. scan.Unnamed.Where(path => !_postponed.ContainsKey(path))],
            }, [.. _postponed.Keys.Where(path => !before.Contains(path))]);
    }

    // A file that has a name after all is sent under that one: nothing has to wait for it any more.
    private RecordScan WithFoundAgain(RecordScan scan, HashSet<string> lost)
    {
        var named = scan.Found.SelectMany(group => group.Files).Select(file => file.Path).Concat(scan.Vanished).Where(_postponed.ContainsKey).ToHashSet(StringComparer.Ordinal);
        var again = Take(_postponed.Keys.Where(path => !lost.Contains(path)).ToList(), named);
        return again is null ? scan : scan with { Found = [.. scan.Found, .. again.Found], Vanished = [.. scan.Vanished, .. again.Vanished] };
    }

    /// <summary>Ends it for files that are finished, or lost for good.</summary>
    /// <returns>What was put aside for them, to be told now; null when nothing was.</returns>
    public RecordScan? Finish(IReadOnlyCollection<string> paths)
    {
        foreach (var path in paths)
            _open.Remove(path);
        return Take(paths, []);
    }

    private RecordScan? Take(IEnumerable<string> paths, HashSet<string> except)
    {
        var found = new List<FoundFiles>();
        var vanished = new List<string>();
        foreach (var path in paths)
        {
            if (!_postponed.Remove(path, out var told) || except.Contains(path))
                continue;
            if (told.File is { } file)
                found.Add(new FoundFiles(told.Root, [file]));
            else
                vanished.Add(path);
        }

        return found.Count + vanished.Count == 0 ? null : new RecordScan(found, vanished, IsBaseline: false, []);
    }
}
