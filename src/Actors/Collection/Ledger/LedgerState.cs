using System.Collections.Immutable;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Sums over all entries.</summary>
public sealed record LedgerTotals(long ArchivedFiles, long ArchivedBytes, long PendingFiles, long PendingBytes, long FailedFiles)
{
    /// <summary>Nothing known.</summary>
    public static readonly LedgerTotals None = new(0, 0, 0, 0, 0);
}

/// <summary>
/// All that the ledger knows. Immutable, so that snapshots and status reports read it on other threads while the actor
/// goes on. The content at an archive path always belongs to the entry of that path.
/// </summary>
public sealed record LedgerState
{
    /// <summary>Nothing known.</summary>
    public static readonly LedgerState Empty = new();

    /// <summary>Entries by archive path.</summary>
    public ImmutableDictionary<string, LedgerEntry> Files { get; private init; } = ImmutableDictionary.Create<string, LedgerEntry>(StringComparer.Ordinal);

    /// <summary>Where a file of the node was last seen.</summary>
    public ImmutableDictionary<FileId, string> SeenAt { get; private init; } = ImmutableDictionary<FileId, string>.Empty;

    /// <summary>Where a file's content lies in the archive.</summary>
    public ImmutableDictionary<FileId, string> ArchivedAt { get; private init; } = ImmutableDictionary<FileId, string>.Empty;

    /// <summary>Paths that the node does not have any more.</summary>
    public ImmutableHashSet<string> Gone { get; private init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Paths with something that is not archived.</summary>
    public ImmutableHashSet<string> Pending { get; private init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Sums.</summary>
    public LedgerTotals Totals { get; private init; } = LedgerTotals.None;

    /// <summary>When a file was last archived.</summary>
    public DateTimeOffset? LastArchivedAt { get; init; }

    /// <summary>Which one.</summary>
    public string? LastArchivedPath { get; init; }

    /// <summary>The entry of a path, null when there is none.</summary>
    public LedgerEntry? Find(string path) => Files.GetValueOrDefault(path);

    /// <summary>Starts a batch of changes.</summary>
    internal Editor Edit() => new(this);

    /// <summary>Keeps entries, indexes and sums in step while many entries change.</summary>
    internal sealed class Editor(LedgerState before)
    {
        private readonly ImmutableDictionary<string, LedgerEntry>.Builder _files = before.Files.ToBuilder();
        private readonly ImmutableDictionary<FileId, string>.Builder _seenAt = before.SeenAt.ToBuilder();
        private readonly ImmutableDictionary<FileId, string>.Builder _archivedAt = before.ArchivedAt.ToBuilder();
        private readonly ImmutableHashSet<string>.Builder _gone = before.Gone.ToBuilder();
        private readonly ImmutableHashSet<string>.Builder _pending = before.Pending.ToBuilder();
        private LedgerTotals _totals = before.Totals;

        public LedgerEntry? Find(string path) => _files.GetValueOrDefault(path);

        public void Put(LedgerEntry entry)
        {
            if (_files.TryGetValue(entry.Path, out var old))
                Unlink(old);
            _files[entry.Path] = entry;
            if (entry.Id.IsKnown && entry.GoneAt is null)
                _seenAt[entry.Id] = entry.Path;
            if (entry.Archived is { Id.IsKnown: true } archived)
                _archivedAt[archived.Id] = entry.Path;
            if (entry.GoneAt is not null)
                _gone.Add(entry.Path);
            if (entry.Pending)
                _pending.Add(entry.Path);
            Count(entry, +1);
        }

        public void Remove(string path)
        {
            if (!_files.TryGetValue(path, out var old))
                return;
            Unlink(old);
            _files.Remove(path);
        }

        public LedgerState Done() => before with
        {
            Files = _files.ToImmutable(),
            SeenAt = _seenAt.ToImmutable(),
            ArchivedAt = _archivedAt.ToImmutable(),
            Gone = _gone.ToImmutable(),
            Pending = _pending.ToImmutable(),
            Totals = _totals,
        };

        private void Unlink(LedgerEntry old)
        {
            if (_seenAt.TryGetValue(old.Id, out var seenAt) && seenAt == old.Path)
                _seenAt.Remove(old.Id);
            if (old.Archived is { } archived && _archivedAt.TryGetValue(archived.Id, out var archivedAt) && archivedAt == old.Path)
                _archivedAt.Remove(archived.Id);
            _gone.Remove(old.Path);
            _pending.Remove(old.Path);
            Count(old, -1);
        }

        private void Count(LedgerEntry entry, int sign) => _totals = new LedgerTotals(
            _totals.ArchivedFiles + (entry.Archived is null ? 0 : sign),
            _totals.ArchivedBytes + (sign * (entry.Archived?.Length ?? 0)),
            _totals.PendingFiles + (entry.Pending ? sign : 0),
            _totals.PendingBytes + (sign * entry.PendingBytes),
            _totals.FailedFiles + (entry is { Pending: true, Failure: not null } ? sign : 0));
    }

    /// <summary>The state as it is stored.</summary>
    public LedgerSnapshot ToSnapshot() => new(
        [.. Files.Values.GroupBy(entry => entry.Root).Select(group => new LedgerSnapshot.Part(group.Key, [.. group]))],
        LastArchivedAt,
        LastArchivedPath);

    /// <summary>The state from its stored form.</summary>
    public static LedgerState FromSnapshot(LedgerSnapshot snapshot)
    {
        var editor = Empty.Edit();
        foreach (var part in snapshot.Parts)
        {
            foreach (var entry in part.Files)
                editor.Put(entry with { Root = part.Root });
        }

        return editor.Done() with { LastArchivedAt = snapshot.LastArchivedAt, LastArchivedPath = snapshot.LastArchivedPath };
    }
}
