using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Which local files retention may remove, as far as the ledger can tell.</summary>
internal static class RemovableFiles
{
    /// <summary>Those that may go.</summary>
    public static RetentionProtocol.Removable Of(LedgerState state, Backlog backlog, RetentionProtocol.GetRemovable wanted) => new(
    [
        .. state.OldestSettled(wanted.ModifiedBefore)
            .Where(entry => wanted.Roots.Contains(entry.Root) && backlog.Roots.ContainsKey(entry.Root) && entry.Id.IsKnown && !wanted.Except.Contains(entry.Path) && !backlog.InHand.HasPath(entry.Path))
            .Take(wanted.Most)
            .Select(entry => new RetentionProtocol.RemovableFile(
                entry.Path, entry.Root, LocalPathOf(backlog.Roots[entry.Root], entry.Path), backlog.Selection.RemotePathOf(entry.Path), entry.Archived!)),
    ]);

    /// <summary>Those that still may go, when it comes to be written down.</summary>
    public static IReadOnlyList<RetentionProtocol.RemovableFile> Still(LedgerState state, JobsInHand inHand, IReadOnlyList<RetentionProtocol.RemovableFile> files) =>
    [
        .. files.Where(file => !inHand.HasPath(file.Path)
            && state.Find(file.Path) is { Pending: false, IsWhole: true, GoneAt: null, HasOtherLinks: false } entry
            && entry.Archived == file.Content),
    ];

    private static string LocalPathOf(WatchedRoot root, string path) =>
        LocalName.FromArchive(root.Path, root.Name is null ? path : path[(root.Name.Length + 1)..]);
}
