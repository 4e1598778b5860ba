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
                if (file.OnlyIfKnown && state.Find(file.Path) is null && !state.Knows(file.Id))
                    continue;
                if (ChangeOf(state.Find(file.Path), group.Root, file) is { } change)
                {
                    seen.Add(new FilesSeen.SeenFile(file.Path, file.Id, file.Size, file.Modified, file.HasOtherLinks, change)
                    {
                        RenamedFrom = change is FileChange.New or FileChange.Replaced && !file.HasOtherLinks ? state.ContentsOf(file.Id, file.Path).FirstOrDefault()?.Path : null,
                    });
                }
            }

            events.AddRange(seen.Chunk(EventSize).Select(chunk => new FilesSeen(now, group.Root, chunk)));
        }

        // The first walk of a process tells everything that is there: what it does not tell is gone.
        var vanished = (command.Unnamed ?? []).Where(path => !command.UnreadFolders.Any(folder => IsBelow(path, folder))).Concat(command.Vanished);
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
                    var first = done.Continues ? (done.MovedFrom is null ? job.Archived : done.MovedFrom.Content ?? job.MoveFrom.Select(source => source.Content).FirstOrDefault(content => content is not null))?.First : null;
                    archived.Add(new FilesArchived.ArchivedFile(
                        job.Path,
                        done.Content with { First = first ?? now.UtcTicks },
                        done.MovedFrom?.Path,
                        done.OlderVersion,
                        done.IsPartial || entry is null || !IsAsSeen(entry, job))
                    {
                        Sent = done.BytesSent,
                        IsWhole = done.IsWhole,
                        Emptied = done.Emptied.Count > 0 ? done.Emptied : null,
                    });
                    break;
                case JobOutcome.Failed failure when entry is { Pending: true }:
                    var attempts = (entry.Failure?.Attempts ?? 0) + 1;
                    failed.Add(new UploadsFailed.FailedFile(job.Path, failure.Cause, failure.Message, attempts, now + command.Retry.WaitAfter(failure.Cause, attempts, Spread(job.Path))));
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
        var paths = state.GoneEntries
            .Where(entry => !command.InHand.Contains(entry.Path) && (entry is { Archived: null, Begun: null } || now - entry.GoneAt >= command.After))
            .Select(entry => entry.Path)
            .ToList();
        return [.. paths.Chunk(EventSize).Select(chunk => new FilesForgotten(now, chunk))];
    }

    /// <summary>Events for what the archive has lost.</summary>
    public static IReadOnlyList<ILedgerEvent> Decide(LedgerState state, RecordLost command, DateTimeOffset now)
    {
        var paths = command.Paths.Where(path => state.Find(path) is { Archived: not null }).ToList();
        return [.. paths.Chunk(EventSize).Select(chunk => new ContentsLost(now, chunk))];
    }

    /// <summary>Brings the state to what it is after an event, and returns it.</summary>
    public static LedgerState Apply(LedgerState state, ILedgerEvent happened)
    {
        switch (happened)
        {
            case FilesSeen seen:
                Apply(state, seen);
                break;
            case FilesVanished vanished:
                Vanish(state, vanished.Paths, vanished.At);
                break;
            case FilesDeleted deleted:
                Vanish(state, deleted.Paths, deleted.At);
                break;
            case FilesArchived archived:
                Apply(state, archived);
                break;
            case UploadsFailed failed:
                Apply(state, failed);
                break;
            case ContentsLost lost:
                Apply(state, lost);
                break;
            case FilesForgotten forgotten:
                foreach (var path in forgotten.Paths)
                    state.Remove(path);
                break;
            case UploadsBegan began:
                Apply(state, began);
                break;
            case LedgerStartedOver:
                break;
            default:
                throw new ArgumentException($"{happened.GetType()} is no event of the ledger", nameof(happened));
        }

        return state;
    }

    /// <summary>Files an event tells of.</summary>
    public static int FileCount(ILedgerEvent happened) => happened switch
    {
        FilesSeen seen => seen.Files.Count,
        FilesVanished vanished => vanished.Paths.Count,
        FilesArchived archived => archived.Files.Count,
        UploadsFailed failed => failed.Files.Count,
        FilesForgotten forgotten => forgotten.Paths.Count,
        FilesDeleted deleted => deleted.Paths.Count,
        ContentsLost lost => lost.Paths.Count,
        UploadsBegan began => began.Paths.Count,
        _ => 1,
    };

    private static void Apply(LedgerState state, FilesSeen happened)
    {
        foreach (var item in happened.Files)
        {
            var old = state.Find(item.Path);
            state.Put(new LedgerEntry
            {
                Path = item.Path,
                Root = happened.Root,
                Id = item.Id,
                Size = item.Size,
                Modified = item.Modified,
                HasOtherLinks = item.HasOtherLinks,
                Archived = old?.Archived,
                Begun = old?.Begun,
                BegunBefore = old?.BegunBefore,

                // Of what is archived: it stays so, wherever the file was moved to.
                IsWhole = old?.IsWhole ?? false,
                Pending = true,
                PendingSince = old is { Pending: true } ? old.PendingSince : happened.At,
                Recheck = old is { Pending: true, Recheck: true } || item.Change is not (FileChange.New or FileChange.Grew),
                // A change is a reason to try at once, but not to forget how often it failed.
                Failure = old?.Failure is { } failure && old.Pending ? failure with { NextAttempt = happened.At } : null,
            });
        }
    }

    private static void Vanish(LedgerState state, IReadOnlyList<string> paths, DateTimeOffset at)
    {
        foreach (var path in paths)
        {
            if (state.Find(path) is { } entry)
                state.Put(entry with { GoneAt = at, Pending = false, PendingSince = null, Failure = null });
        }
    }

    private static void Apply(LedgerState state, FilesArchived happened)
    {
        foreach (var item in happened.Files)
        {
            foreach (var left in item.Left)
            {
                // A name that leads to the file still, as nobody knew when the other one took the content, needs one of its own.
                if (state.Find(left) is { } source)
                {
                    var isHere = source.GoneAt is null && source.Id == item.Content.Id;

                    // What was moved is known by its file; of another one's that was to be there, where it lies by now is still to be found.
                    var isMoved = left == item.MovedFrom;
                    var content = isMoved && source.Archived?.Id != item.Content.Id ? source.Archived : null;
                    var (begun, before) = isMoved ? OtherBegun(source, item.Content.Id) : default;
                    state.Put(source with { Archived = content, IsWhole = content is not null && source.IsWhole, Begun = begun, BegunBefore = before, Pending = source.Pending || isHere, PendingSince = source.PendingSince ?? (isHere ? happened.At : null) });
                }
            }

            var entry = state.Find(item.Path) ?? new LedgerEntry { Path = item.Path, GoneAt = happened.At };
            KeepOlder(state, entry, item, happened.At);

            // Content of another file that was here, and is not known to have been set aside, may have been by an attempt that was cut off.
            var (otherBegun, otherBefore) = item.OlderVersion is null ? OtherBegun(entry, item.Content.Id) : default;
            entry = entry with
            {
                Archived = item.Content,
                Begun = otherBegun,
                BegunBefore = otherBefore,
                Failure = null,
                IsWhole = item.IsWhole,

                // What is there was compared as the file was when last written to: the rest of it needs no more than an append.
                Recheck = entry.Recheck && (entry.Id != item.Content.Id || entry.Modified != item.Content.Modified),
            };
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

            state.Put(entry);
            ForgetBegun(state, entry, item.Content.Id);
            (state.LastArchivedAt, state.LastArchivedPath) = (happened.At, item.Path);
        }
    }

    // What was set aside may be the content of a file that was not seen for a moment: a walk misses a name that is given while it goes on.
    // When the file turns up under it, its content is renamed and not sent again.
    private static void KeepOlder(LedgerState state, LedgerEntry entry, FilesArchived.ArchivedFile item, DateTimeOffset at)
    {
        if (item.OlderVersion is not { } version)
            return;
        var older = entry.Archived?.Id == item.Content.Id ? null : entry.Archived;
        var (begun, before) = OtherBegun(entry, item.Content.Id);
        var path = item.Path[..(item.Path.LastIndexOf('/') + 1)] + version;
        if ((older is null && begun is null) || state.Find(path) is not null)
            return;
        var kept = new LedgerEntry { Path = path, Root = entry.Root, Archived = older, Begun = begun, BegunBefore = before, IsWhole = older is not null && entry.IsWhole, GoneAt = at };
        state.Put(older is null ? kept : kept with { Id = older.Id, Size = older.Length, Modified = older.Modified });
    }

    // Where the content of a file is known to be, no attempt elsewhere is in doubt any more; other links to it have copies of their own.
    private static void ForgetBegun(LedgerState state, LedgerEntry archived, FileId id)
    {
        if (!id.IsKnown || archived.HasOtherLinks)
            return;
        foreach (var path in state.BegunPaths(id, archived.Path).ToList())
        {
            var entry = state.Find(path)!;
            var (begun, before) = OtherBegun(entry, id);
            state.Put(entry with { Begun = begun, BegunBefore = before });
        }
    }

    // What is in doubt of other files than the one whose content was found.
    private static (FileId? Begun, FileId? Before) OtherBegun(LedgerEntry entry, FileId found)
    {
        var before = entry.BegunBefore == found ? null : entry.BegunBefore;
        return entry.Begun == found ? (before, null) : (entry.Begun, before);
    }

    // Pending entries only: of a seal, all that the archive has is known.
    private static void Apply(LedgerState state, UploadsBegan happened)
    {
        foreach (var path in happened.Paths)
        {
            if (state.Find(path) is { Pending: true, Id.IsKnown: true } entry && entry.Begun != entry.Id)
                state.Put(entry with { Begun = entry.Id, BegunBefore = entry.Begun ?? entry.BegunBefore });
        }
    }

    private static void Apply(LedgerState state, UploadsFailed happened)
    {
        foreach (var item in happened.Files)
        {
            if (state.Find(item.Path) is { Pending: true } entry)
                state.Put(entry with { Failure = new UploadFailure(item.Cause, item.Message, item.Attempts, happened.At, item.NextAttempt) });
        }
    }

    // What the node still has is sent again; of what it has no more nothing can be.
    private static void Apply(LedgerState state, ContentsLost happened)
    {
        foreach (var path in happened.Paths)
        {
            if (state.Find(path) is not { } entry)
                continue;
            var isHere = entry.GoneAt is null;
            state.Put(entry with
            {
                Archived = null,
                IsWhole = false,
                Pending = isHere,
                PendingSince = isHere ? entry.PendingSince ?? happened.At : null,
                Recheck = isHere,
            });
        }
    }

    private static FileChange? ChangeOf(LedgerEntry? entry, string root, FoundFile file)
    {
        if (entry is null)
            return FileChange.New;
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

    // By the path and not by chance: the same input gives the same events.
    private static double Spread(string path) => XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(path)) / (double)uint.MaxValue;
}
