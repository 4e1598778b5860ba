using System.IO.Hashing;
using System.Text;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What the ledger makes of what it is told, and how events change it. No I/O, no clock: the same input gives the same output.</summary>
public static class LedgerDecisions
{
    /// <summary>Most files told by one event: keeps a journal row below about 100 KB.</summary>
    public const int EventSize = 500;

    /// <summary>Events for what a scan found.</summary>
    public static IReadOnlyList<ILedgerEvent> Decide(LedgerState state, RecordScan command, DateTimeOffset now)
    {
        var events = new List<ILedgerEvent>();
        foreach (var group in command.Found)
        {
            var seen = new List<FilesSeen.SeenFile>();
            foreach (var file in group.Files)
            {
                if (file.OnlyIfKnown && state.Find(file.Path) is null && !state.SeenAt.ContainsKey(file.Id))
                    continue;
                if (ChangeOf(state.Find(file.Path), group.Root, file, command.WatchedRoots) is { } change)
                    seen.Add(new FilesSeen.SeenFile(file.Path, file.Id, file.Size, file.Modified, file.HasOtherLinks, change));
            }

            events.AddRange(seen.Chunk(EventSize).Select(chunk => new FilesSeen(now, group.Root, chunk)));
        }

        IEnumerable<string> vanished = command.Vanished;
        if (command.IsBaseline)
        {
            // The first walk of a process tells everything that is there: what it does not tell is gone.
            var found = command.Found.SelectMany(group => group.Files).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
            vanished = state.Files.Keys.Where(path => !found.Contains(path) && !command.FoundBefore.Contains(path) && !command.UnreadFolders.Any(folder => IsBelow(path, folder)));
        }

        var gone = vanished.Where(path => state.Find(path) is { GoneAt: null }).ToList();
        events.AddRange(gone.Chunk(EventSize).Select(chunk => new FilesVanished(now, chunk)));
        return events;
    }

    /// <summary>Events for what became of uploads.</summary>
    public static IReadOnlyList<ILedgerEvent> Decide(LedgerState state, RecordOutcomes command, DateTimeOffset now)
    {
        var archived = new List<FilesArchived.ArchivedFile>();
        var failed = new List<UploadsFailed.FailedFile>();
        var vanished = new List<string>();
        foreach (var (job, outcome) in command.Outcomes)
        {
            var entry = state.Find(job.Path);
            switch (outcome)
            {
                case JobOutcome.Archived done:
                    var first = done.Continues ? (job.MoveFrom is { } move && done.Moved ? move.Content.First : job.Archived?.First) : null;
                    archived.Add(new FilesArchived.ArchivedFile(
                        job.Path,
                        done.Content with { First = first ?? now.UtcTicks },
                        done.Moved ? job.MoveFrom?.Path : null,
                        done.OlderVersion,
                        entry is null || !IsAsSeen(entry, job)));
                    break;
                case JobOutcome.Failed failure when entry is not null:
                    var attempts = (entry.Failure?.Attempts ?? 0) + 1;
                    failed.Add(new UploadsFailed.FailedFile(job.Path, failure.Cause, failure.Message, attempts, now + RetryDelay(job.Path, attempts, command.Retry)));
                    break;
                case JobOutcome.Missing when entry is { GoneAt: null } && IsAsSeen(entry, job):
                    vanished.Add(job.Path);
                    break;
            }
        }

        var events = new List<ILedgerEvent>(3);
        if (archived.Count > 0)
            events.Add(new FilesArchived(now, archived));
        if (failed.Count > 0)
            events.Add(new UploadsFailed(now, failed));
        if (vanished.Count > 0)
            events.Add(new FilesVanished(now, vanished));
        return events;
    }

    /// <summary>Events that let go of files which are gone for long, or were never archived.</summary>
    public static IReadOnlyList<ILedgerEvent> Decide(LedgerState state, ForgetVanished command, DateTimeOffset now)
    {
        var paths = state.Gone
            .Where(path => !command.InHand.Contains(path)
                && state.Files[path] is { GoneAt: { } goneAt } entry
                && (entry.Archived is null || now - goneAt >= command.After))
            .ToList();
        return [.. paths.Chunk(EventSize).Select(chunk => new FilesForgotten(now, chunk))];
    }

    /// <summary>The state after an event.</summary>
    public static LedgerState Apply(LedgerState state, ILedgerEvent happened) => happened switch
    {
        FilesSeen seen => Apply(state, seen),
        FilesVanished vanished => Apply(state, vanished),
        FilesArchived archived => Apply(state, archived),
        UploadsFailed failed => Apply(state, failed),
        FilesForgotten forgotten => Apply(state, forgotten),
        _ => throw new ArgumentException($"{happened.GetType()} is no event of the ledger", nameof(happened)),
    };

    /// <summary>Files an event tells of.</summary>
    public static int FileCount(ILedgerEvent happened) => happened switch
    {
        FilesSeen seen => seen.Files.Count,
        FilesVanished vanished => vanished.Paths.Count,
        FilesArchived archived => archived.Files.Count,
        UploadsFailed failed => failed.Files.Count,
        FilesForgotten forgotten => forgotten.Paths.Count,
        _ => 1,
    };

    private static LedgerState Apply(LedgerState state, FilesSeen happened)
    {
        var editor = state.Edit();
        foreach (var item in happened.Files)
        {
            var old = editor.Find(item.Path);
            editor.Put(new LedgerEntry
            {
                Path = item.Path,
                Root = happened.Root,
                Id = item.Id,
                Size = item.Size,
                Modified = item.Modified,
                HasOtherLinks = item.HasOtherLinks,
                Archived = old?.Archived,
                Pending = true,
                PendingSince = old is { Pending: true } ? old.PendingSince : happened.At,
                Recheck = old is { Pending: true, Recheck: true } || item.Change is not (FileChange.New or FileChange.Grew),
                // A change is a reason to try at once, but not to forget how often it failed.
                Failure = old?.Failure is { } failure && old.Pending ? failure with { NextAttempt = happened.At } : null,
            });
        }

        return editor.Done();
    }

    private static LedgerState Apply(LedgerState state, FilesVanished happened)
    {
        var editor = state.Edit();
        foreach (var path in happened.Paths)
        {
            if (editor.Find(path) is { } entry)
                editor.Put(entry with { GoneAt = happened.At, Pending = false, PendingSince = null, Failure = null });
        }

        return editor.Done();
    }

    private static LedgerState Apply(LedgerState state, FilesArchived happened)
    {
        var editor = state.Edit();
        string? last = null;
        foreach (var item in happened.Files)
        {
            if (item.MovedFrom is not null && editor.Find(item.MovedFrom) is { } source)
                editor.Put(source with { Archived = null });

            var entry = editor.Find(item.Path) ?? new LedgerEntry { Path = item.Path, GoneAt = happened.At };
            entry = entry with { Archived = item.Content, Failure = null };
            if (!item.StillPending)
            {
                entry = entry with
                {
                    Id = item.Content.Id,
                    Size = item.Content.Length,
                    Modified = item.Content.Modified,
                    Pending = false,
                    PendingSince = null,
                    Recheck = false,
                };
            }

            editor.Put(entry);
            last = item.Path;
        }

        return editor.Done() with { LastArchivedAt = happened.At, LastArchivedPath = last ?? state.LastArchivedPath };
    }

    private static LedgerState Apply(LedgerState state, UploadsFailed happened)
    {
        var editor = state.Edit();
        foreach (var item in happened.Files)
        {
            if (editor.Find(item.Path) is { Pending: true } entry)
                editor.Put(entry with { Failure = new UploadFailure(item.Cause, item.Message, item.Attempts, happened.At, item.NextAttempt) });
        }

        return editor.Done();
    }

    private static LedgerState Apply(LedgerState state, FilesForgotten happened)
    {
        var editor = state.Edit();
        foreach (var path in happened.Paths)
            editor.Remove(path);
        return editor.Done();
    }

    private static FileChange? ChangeOf(LedgerEntry? entry, string root, FoundFile file, IReadOnlySet<string> watchedRoots)
    {
        if (entry is null)
            return FileChange.New;
        if (entry.GoneAt is null && entry.Root != root && watchedRoots.Contains(entry.Root))
            return null;

        if (IsArchivedAs(entry, file))
        {
            // Archived a moment ago, in the state that the walk reports only now.
            if (entry is { Pending: false, GoneAt: null } && entry.Root == root)
                return null;
        }

        if (entry.GoneAt is not null)
            return entry.Archived is null || entry.Archived.Id == file.Id && file.Size >= entry.Archived.Length ? FileChange.New : FileChange.Replaced;
        if (entry.Id != file.Id)
            return FileChange.Replaced;
        if (entry.Root != root)
            return FileChange.Touched;
        if (file.Size == entry.Size && file.Modified == entry.Modified)
            return null;
        if (file.Size < (entry.Archived is { } archived && archived.Id == file.Id ? archived.Length : entry.Size))
            return FileChange.Truncated;
        return file.Size > entry.Size ? FileChange.Grew : FileChange.Touched;
    }

    private static bool IsArchivedAs(LedgerEntry entry, FoundFile file) =>
        entry.Archived is { } archived && archived.Id == file.Id && archived.Length == file.Size && archived.Modified == file.Modified;

    private static bool IsAsSeen(LedgerEntry entry, UploadJob job) =>
        entry.Id == job.SeenId && entry.Size == job.SeenSize && entry.Modified == job.SeenModified;

    private static bool IsBelow(string path, string folder) =>
        folder.Length == 0 || (path.StartsWith(folder, StringComparison.Ordinal) && path.Length > folder.Length && path[folder.Length] == '/');

    // Doubles with each attempt; spread over half of it by the path, so that files that failed together do not come back together.
    private static TimeSpan RetryDelay(string path, int attempts, RetryDelays retry)
    {
        var delay = Math.Min(retry.Longest.TotalSeconds, retry.First.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 30)));
        var spread = XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(path)) / (double)uint.MaxValue;
        return TimeSpan.FromSeconds(delay * (0.75 + (0.5 * spread)));
    }
}
