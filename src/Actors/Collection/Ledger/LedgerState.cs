using System.Collections.Immutable;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Sums over all entries.</summary>
public sealed record LedgerTotals(long ArchivedFiles, long ArchivedBytes, long PendingFiles, long PendingBytes, long FailedFiles)
{
    /// <summary>Nothing known.</summary>
    public static readonly LedgerTotals None = new(0, 0, 0, 0, 0);
}

/// <summary>Sums over the files of one watched folder that the node has.</summary>
public sealed record RootTotals(long Files, long PendingFiles, long PendingBytes);

/// <summary>
/// All that the ledger knows, changed in place by events: with a million files, keeping older states for readers would cost
/// more than all else. It belongs to one actor; what others are to know of it is told by <see cref="LedgerFigures"/> and entries.
/// The content at an archive path always belongs to the entry of that path.
/// </summary>
public sealed class LedgerState
{
    private readonly EntryRows _rows = new();
    private readonly HashSet<int> _pending = [];
    private readonly HashSet<int> _gone = [];
    private readonly Dictionary<ushort, RootTotals> _roots = [];
    private LedgerTotals _totals = LedgerTotals.None;

    /// <summary>Entries.</summary>
    public int Count => _rows.Count;

    /// <summary>Sums.</summary>
    public LedgerTotals Totals => _totals;

    /// <summary>When a file was last archived.</summary>
    public DateTimeOffset? LastArchivedAt { get; internal set; }

    /// <summary>Which one.</summary>
    public string? LastArchivedPath { get; internal set; }

    /// <summary>Entries with something that is not archived.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>Paths with something that is not archived. Not to be enumerated while events are applied.</summary>
    public IEnumerable<string> Pending => _pending.Select(_rows.PathOf);

    /// <summary>Entries with something that is not archived. Not to be enumerated while events are applied.</summary>
    public IEnumerable<LedgerEntry> PendingEntries => _pending.Select(_rows.EntryOf);

    /// <summary>Archived entries that were not compared as a whole since they last changed.</summary>
    public IEnumerable<LedgerEntry> UnsealedEntries => Rows()
        .Where(row => (_rows.At(row).Flags & (EntryFlags.Archived | EntryFlags.Pending | EntryFlags.Gone | EntryFlags.Whole)) == EntryFlags.Archived)
        .Select(_rows.EntryOf);

    /// <summary>Entries that the node does not have any more.</summary>
    public IEnumerable<LedgerEntry> GoneEntries => _gone.Select(_rows.EntryOf);

    /// <summary>All entries. Not to be enumerated while events are applied.</summary>
    public IEnumerable<LedgerEntry> Entries => Rows().Select(_rows.EntryOf);

    /// <summary>Folders with an entry, in no order.</summary>
    public IReadOnlyCollection<string> Folders => _rows.Folders.All;

    internal EntryRows Table => _rows;

    /// <summary>Told the path of each entry that is put, changed or taken out; not of those that are loaded.</summary>
    internal Action<string>? Changed { get; set; }

    /// <summary>The entry of a path, null when there is none.</summary>
    public LedgerEntry? Find(string path) => _rows.Find(path) is >= 0 and var row ? _rows.EntryOf(row) : null;

    /// <summary>What is archived in some folders, not in those below them. Looks at every row once.</summary>
    public IEnumerable<(string Folder, LedgerEntry Entry)> ArchivedIn(IEnumerable<string> folders)
    {
        var names = new Dictionary<int, string>();
        foreach (var folder in folders)
        {
            if (_rows.Folders.Find(folder) is { } number)
                names[number] = folder;
        }

        return Rows()
            .Where(row => _rows.At(row).Has(EntryFlags.Archived) && names.ContainsKey(_rows.At(row).Folder))
            .Select(row => (names[_rows.At(row).Folder], _rows.EntryOf(row)));
    }

    /// <summary>
    /// Files with one name that are archived as they were last seen, compared as a whole, and not pending: those written longest ago
    /// first. Looks at every row once.
    /// </summary>
    /// <param name="modifiedBefore">Last written before this time, UTC ticks.</param>
    public IEnumerable<LedgerEntry> OldestSettled(long modifiedBefore)
    {
        const EntryFlags Wanted = EntryFlags.Archived | EntryFlags.AsSeen | EntryFlags.Whole;
        const EntryFlags Unwanted = EntryFlags.Pending | EntryFlags.Gone | EntryFlags.HasOtherLinks | EntryFlags.Recheck;
        return Rows()
            .Where(row => _rows.At(row) is var packed && (packed.Flags & (Wanted | Unwanted)) == Wanted && packed.Modified < modifiedBefore)
            .OrderBy(row => _rows.At(row).Modified)
            .Select(_rows.EntryOf);
    }

    /// <summary>Whether a file of the node was seen under any name.</summary>
    public bool Knows(FileId id) => _rows.Seen(id).Any();

    /// <summary>Names but for one that a file of the node was last seen under, and that are to be archived.</summary>
    public IEnumerable<LedgerEntry> PendingNames(FileId id, string except) => _rows.Seen(id)
        .Where(row => (_rows.At(row).Flags & (EntryFlags.Pending | EntryFlags.Gone)) == EntryFlags.Pending && _rows.PathOf(row) != except)
        .Select(_rows.EntryOf);

    /// <summary>
    /// Where content of a file lies in the archive, but for one path: first under names that it lost, to none (the last one first) or
    /// to another file, then under those that it still has; versions after these, of a log that is cut again and again there are many. Of an
    /// empty content nothing can be told, so these come last.
    /// </summary>
    public IEnumerable<LedgerEntry> ContentsOf(FileId id, string except) => _rows.Seen(id)
        .Concat(_rows.OtherContent(id))
        .Where(row => _rows.At(row).Has(EntryFlags.Archived))
        .Select(_rows.EntryOf)
        .Where(entry => entry.Archived!.Id == id && entry.Path != except)
        .OrderBy(entry => entry.Archived!.Length == 0)
        .ThenBy(entry => VersionName.IsOne(entry.Path))
        .ThenBy(entry => entry.GoneAt is null && entry.Id == id)
        .ThenByDescending(entry => entry.GoneAt);

    /// <summary>Paths but for one where an upload of a file began, of whose end nothing is known.</summary>
    public IEnumerable<string> BegunPaths(FileId id, string except) => _rows.Begun(id).Select(_rows.PathOf).Where(path => path != except);

    /// <summary>Notes that a complete walk has named these paths.</summary>
    /// <param name="paths">Paths with an entry.</param>
    /// <param name="walk">The walk, not 0.</param>
    public void Mark(IEnumerable<string> paths, int walk)
    {
        foreach (var path in paths)
        {
            if (_rows.Find(path) is >= 0 and var row)
                _rows.At(row).Mark = walk;
        }
    }

    /// <summary>Paths that are not gone, and that a complete walk did not name.</summary>
    public IEnumerable<string> Unmarked(int walk) =>
        Rows().Where(row => _rows.At(row).Mark != walk && !_rows.At(row).Has(EntryFlags.Gone)).Select(_rows.PathOf);

    /// <summary>What there is to tell of it now.</summary>
    public LedgerFigures Figures()
    {
        var oldest = -1;
        var since = DateTimeOffset.MaxValue;
        var causes = new Dictionary<FailureCause, long>();
        var samples = new Dictionary<FailureCause, FailedFile>();
        var failed = new List<FailedFile>();
        foreach (var row in _pending)
        {
            var rare = _rows.RareOf(row);
            if (rare.PendingSince is { } pending && pending < since)
                (oldest, since) = (row, pending);
            if (rare.Failure is not { } failure)
                continue;
            causes[failure.Cause] = causes.GetValueOrDefault(failure.Cause) + 1;
            failed.Add(new FailedFile(_rows.PathOf(row), failure));
            samples.TryAdd(failure.Cause, failed[^1]);
        }

        var told = failed.OrderByDescending(file => file.Failure.Attempts).ThenBy(file => file.Path, StringComparer.Ordinal).Take(LedgerFigures.MaxFailed);
        var latest = failed.Select(file => file.Failure).MaxBy(failure => failure.At);
        return new LedgerFigures(
            _totals,
            Count,
            [.. told],
            causes.ToImmutableSortedDictionary(),
            latest,
            oldest < 0 ? null : since,
            oldest < 0 ? null : _rows.PathOf(oldest),
            LastArchivedAt,
            LastArchivedPath)
        {
            FailedSamples = [.. samples.Values],
            Roots = _roots.ToDictionary(root => _rows.RootName(root.Key), root => root.Value, StringComparer.Ordinal),
        };
    }

    /// <summary>Puts an entry in the place of what its path had.</summary>
    internal void Put(LedgerEntry entry)
    {
        if (_rows.Find(entry.Path) is >= 0 and var known)
            Tally(known, -1);
        Tally(_rows.Put(entry), +1);
        Changed?.Invoke(entry.Path);
    }

    /// <summary>Puts an entry as it was stored.</summary>
    internal void Load(string path, EntryRow packed, RareFields rare) => Tally(_rows.Put(path, packed, rare), +1);

    /// <summary>Takes an entry out.</summary>
    internal void Remove(string path)
    {
        if (_rows.Find(path) is not (>= 0 and var row))
            return;
        Tally(row, -1);
        _rows.Remove(row);
        Changed?.Invoke(path);
    }

    // Sums and sets stay in step with the rows: a row is counted out before it changes, and in afterwards.
    private void Tally(int row, int sign)
    {
        ref var packed = ref _rows.At(row);
        var rare = _rows.RareOf(row);
        var archived = packed.Has(EntryFlags.AsSeen) ? packed.Size : rare.Archived?.Length ?? 0;
        var isPending = packed.Has(EntryFlags.Pending);
        Keep(_pending, row, isPending && sign > 0);
        Keep(_gone, row, packed.Has(EntryFlags.Gone) && sign > 0);
        var pendingBytes = !isPending ? 0 : packed.Has(EntryFlags.AsSeen) ? 0 : rare.Archived is { } content && content.Id == packed.Id ? Math.Max(0, packed.Size - content.Length) : packed.Size;
        _totals = new LedgerTotals(
            _totals.ArchivedFiles + (packed.Has(EntryFlags.Archived) ? sign : 0),
            _totals.ArchivedBytes + (sign * archived),
            _totals.PendingFiles + (isPending ? sign : 0),
            _totals.PendingBytes + (sign * pendingBytes),
            _totals.FailedFiles + (isPending && rare.Failure is not null ? sign : 0));
        if (!packed.Has(EntryFlags.Gone))
        {
            var root = _roots.GetValueOrDefault(packed.Root) ?? new RootTotals(0, 0, 0);
            _roots[packed.Root] = new RootTotals(root.Files + sign, root.PendingFiles + (isPending ? sign : 0), root.PendingBytes + (sign * pendingBytes));
        }
    }

    private static void Keep(HashSet<int> rows, int row, bool isIn)
    {
        if (isIn)
            rows.Add(row);
        else
            rows.Remove(row);
    }

    private IEnumerable<int> Rows()
    {
        for (var row = 0; row < _rows.Capacity; row++)
        {
            if (_rows.At(row).Name is not null)
                yield return row;
        }
    }

    /// <summary>The state from a snapshot as earlier versions stored it.</summary>
    public static LedgerState FromSnapshot(LedgerSnapshot snapshot)
    {
        var state = new LedgerState { LastArchivedAt = snapshot.LastArchivedAt, LastArchivedPath = snapshot.LastArchivedPath };
        foreach (var part in snapshot.Parts)
        {
            foreach (var entry in part.Files)
                state.Put(entry with { Root = part.Root });
        }

        return state;
    }
}
