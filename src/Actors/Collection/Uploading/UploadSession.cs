using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>What became of a batch.</summary>
/// <param name="Jobs">Every job of it with its outcome.</param>
/// <param name="FoldersLeft">Folders that were not come to.</param>
/// <param name="FolderProblems">Why folders could not be made; not tried again before the next start.</param>
/// <param name="Fault">Why nothing more can be sent for now; null when it can.</param>
internal sealed record BatchResult(IReadOnlyList<FinishedJob> Jobs, IReadOnlyList<string> FoldersLeft, IReadOnlyList<string> FolderProblems, ArchiveException? Fault);

/// <summary>Brings files up to date in the archive over one connection. Nothing in the archive is overwritten or removed.</summary>
internal sealed class UploadSession(IArchiveTransport transport, SharedByConnections shared, UploadOptions options, TimeProvider clock)
{
    // Each costs a hash on the archive, so a log with many versions is not searched through.
    private const int MostVersions = 16;

    private readonly RemoteFolders _folders = shared.Folders;
    private readonly TransferMeter _meter = shared.Meter;

    /// <summary>
    /// Works off a batch, then makes all of it durable with one flush. When the connection is lost on the way, what was sent but
    /// not flushed is handed back with the rest: the next attempt finds it in the archive and compares.
    /// </summary>
    public async Task<BatchResult> RunAsync(IReadOnlyList<UploadJob> jobs, IReadOnlyList<string> bareFolders, CancellationToken cancellationToken)
    {
        var finished = new List<FinishedJob>(jobs.Count);
        var foldersDone = 0;
        var folderProblems = new List<string>();
        try
        {
            ArchiveException? full = null;
            foreach (var job in jobs)
            {
                // Where there is no room for one file, trying the others would only fail one after the other.
                var outcome = full is not null || options.Control.IsPaused || shared.IsRetiring ? new JobOutcome.HandedBack() : await RunJobAsync(job, cancellationToken).ConfigureAwait(false);
                finished.Add(new FinishedJob(job, outcome));
                if (outcome is JobOutcome.Failed { Cause: FailureCause.NoSpace or FailureCause.OverQuota } failed)
                    full = new ArchiveException(failed.Cause == FailureCause.NoSpace ? ArchiveFault.NoSpace : ArchiveFault.OverQuota, failed.Message);
            }

            if (finished.Exists(job => job.Outcome is JobOutcome.Archived))
                await transport.FlushAsync(cancellationToken).ConfigureAwait(false);
            for (; foldersDone < bareFolders.Count; foldersDone++)
            {
                if (await MakeFolderAsync(bareFolders[foldersDone], cancellationToken).ConfigureAwait(false) is { } problem)
                    folderProblems.Add(problem);
            }

            return new BatchResult(finished, [], folderProblems, full);
        }
        catch (ArchiveException e)
        {
            // A refused flush leaves nothing certain either; a new connection is the way out of both.
            foreach (var job in jobs)
                Forget(job);
            return new BatchResult([.. jobs.Select((job, i) => AfterLoss(job, i, finished, e))], [.. bareFolders.Skip(foldersDone)], folderProblems, e);
        }
    }

    private static FinishedJob AfterLoss(UploadJob job, int index, List<FinishedJob> finished, ArchiveException cause)
    {
        if (index < finished.Count && finished[index].Outcome is not JobOutcome.Archived)
            return finished[index];

        // A file that nothing moved of is not tried again at once, and can tell why it is not archived.
        return index == finished.Count && cause.Fault == ArchiveFault.Timeout
            ? new FinishedJob(job, new JobOutcome.Failed(FailureCause.Timeout, $"{job.RemotePath}: {cause.Message}"))
            : new FinishedJob(job, new JobOutcome.HandedBack());
    }

    private async Task<string?> MakeFolderAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await _folders.OpenAsync(transport, path, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (ArchiveException e) when (!e.EndsConnection)
        {
            return e.Message;
        }
    }

    private async Task<JobOutcome> RunJobAsync(UploadJob job, CancellationToken cancellationToken)
    {
        try
        {
            if (shared.Held.Take(job.SeenId) is { } held)
                return await RunJobAsync(job, held, NodeFile.Probe(held.SafeFileHandle, job.LocalPath), isHeld: true, cancellationToken).ConfigureAwait(false);

            // By name first, for links: only some may be followed.
            var named = NodeFile.ProbeContent(job.LocalPath);
            if (named.Kind == NodeFileKind.Missing)
                return new JobOutcome.Missing();
            if (named.Kind != NodeFileKind.Regular || named.Id != job.SeenId)
                return new JobOutcome.NotAsSeen();
            return NodeFile.OpenRead(job.LocalPath, out var file) is { } source
                ? await RunJobAsync(job, source, file, isHeld: false, cancellationToken).ConfigureAwait(false)
                : new JobOutcome.NotAsSeen();
        }
        catch (ArchiveException e) when (!e.EndsConnection)
        {
            Forget(job);
            return new JobOutcome.Failed(e.Cause, e.Message);
        }
        catch (ArchiveException)
        {
            throw;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new JobOutcome.Missing();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Forget(job);
            return new JobOutcome.Failed(FailureCause.Unreadable, e is UnauthorizedAccessException ? $"{LocalName.Printable(job.LocalPath)}: permission denied" : e.Message);
        }
    }

    // One that was kept open stays so when it was not its fault.
    private async Task<JobOutcome> RunJobAsync(UploadJob job, FileStream source, NodeFile file, bool isHeld, CancellationToken cancellationToken)
    {
        var isKept = false;
        try
        {
            if (file.Id != job.SeenId)
                return new JobOutcome.NotAsSeen();
            var outcome = await BringUpToDateAsync(job, source, file, cancellationToken).ConfigureAwait(false);
            isKept = (outcome is JobOutcome.Archived { IsPartial: true } || (isHeld && outcome is JobOutcome.Failed)) && shared.Held.TryKeep(file.Id, source);
            return isKept && outcome is JobOutcome.Archived archived ? archived with { IsKeptOpen = true } : outcome;
        }
        catch (ArchiveException)
        {
            isKept = isHeld && shared.Held.TryKeep(file.Id, source);
            throw;
        }
        finally
        {
            if (!isKept)
                await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<JobOutcome> BringUpToDateAsync(UploadJob job, FileStream source, NodeFile file, CancellationToken cancellationToken)
    {
        var handle = source.SafeFileHandle;
        var folder = await _folders.OpenAsync(transport, RemotePath.Folder(job.RemotePath), cancellationToken).ConfigureAwait(false);
        var name = RemotePath.Name(job.RemotePath);
        if (folder.Find(name) is { IsFolder: true })
            return new JobOutcome.Failed(FailureCause.Refused, $"{job.RemotePath} is a folder in the archive");

        string? olderVersion = null;
        var rename = Rename.None;
        MoveSource? moved = null;
        var isCompared = false;
        foreach (var move in job.MoveFrom.Count == 0 || IsInPlace(job, source, file, folder.Find(name)) ? [] : job.MoveFrom)
        {
            if (await PlaceOfAsync(move, source, file, cancellationToken).ConfigureAwait(false) is not var (place, wasHashed))
                continue;
            (rename, olderVersion) = await FollowRenameAsync(job, place, folder, name, cancellationToken).ConfigureAwait(false);

            // What has the name may also be what had it before, and the content be where another attempt left it.
            if (rename == Rename.DoneBefore && await BeginsWithAsync(job.RemotePath, folder.Find(name)!.Size, source, file, cancellationToken).ConfigureAwait(false) == false)
                rename = Rename.None;
            if (rename == Rename.None)
                continue;
            (moved, isCompared) = (move, wasHashed && rename == Rename.Done);
            break;
        }

        var emptied = new List<string>();
        foreach (var move in job.MoveFrom.Where(move => move != moved))
        {
            var left = await _folders.LookAsync(transport, RemotePath.Folder(move.RemotePath), cancellationToken).ConfigureAwait(false);
            if (left.Find(RemotePath.Name(move.RemotePath)) is null)
                emptied.Add(move.Path);
        }

        // Content that was renamed just now was compared a moment ago; the job's wish for a whole comparison was for the older
        // content of the name. Content that seems to have been renamed by an earlier attempt is always compared.
        var expected = moved is null ? job.Archived : moved.Content;
        var remote = folder.Find(name)?.Size;
        var isContinuation = isCompared || (expected is not null
            && expected.Length == remote
            && (rename == Rename.Done || (rename == Rename.None && !job.Recheck && ContentFingerprint.Continues(handle, file.Size, expected))));
        var step = UploadPlan.Choose(file.Size, remote, isContinuation);
        var wasCompared = isCompared;
        if (step == UploadStep.Compare)
        {
            var isPrefix = await transport.HasPrefixAsync(job.RemotePath, source, remote!.Value, cancellationToken).ConfigureAwait(false);

            // Of content that was known to be there, an archive without hashes can only tell that its size is right.
            step = UploadPlan.Choose(file.Size, remote.Value, isPrefix ?? (job.IsSeal && expected?.Length == remote ? true : null));
            wasCompared = isPrefix == true;
        }

        if (step == UploadStep.StoreBesideOlder)
        {
            var version = await SetAsideAsync(job, folder, name, expected, cancellationToken).ConfigureAwait(false);
            olderVersion ??= version;
            remote = null;
        }

        // By an attempt whose end was never recorded.
        if (job.Archived is { } displaced && displaced.Id != file.Id)
            olderVersion ??= VersionsOf(folder, name, displaced).FirstOrDefault();

        var offset = remote ?? 0;
        var end = step == UploadStep.Keep ? file.Size : Math.Min(file.Size, offset + options.Control.SliceBytes(options.SliceBytes));
        var modified = new DateTimeOffset(file.Modified, TimeSpan.Zero);
        if (step != UploadStep.Keep || expected?.Modified != file.Modified)
        {
            // With nothing left to send, this sets the modification time.
            if (await SendAsync(job, source, folder, name, offset, end - offset, modified, cancellationToken).ConfigureAwait(false) is { } problem)
                return problem;
        }

        // A file that lost its name meanwhile cannot be opened for another turn: what is open is read to its end.
        if (end < file.Size && NodeFile.ProbeContent(job.LocalPath).Id != file.Id)
        {
            if (await SendAsync(job, source, folder, name, end, file.Size - end, modified, cancellationToken).ConfigureAwait(false) is { } problem)
                return problem;
            end = file.Size;
        }

        var head = ContentFingerprint.Head(handle, end);
        return ContentFingerprint.Describe(handle, file.Id, head, end, file.Modified) is { } content
            ? new JobOutcome.Archived(content, Continues: step is UploadStep.Append or UploadStep.Keep, moved, olderVersion, end - offset, IsPartial: end < file.Size)
            {
                // Sent from its first byte in one go it was hashed from its first byte.
                Emptied = emptied,
                IsWhole = end == file.Size && (offset == 0 || job.IsSeal || (step == UploadStep.Keep && (wasCompared || (rename == Rename.Done && IsKnownWhole(moved, file))))),
            }
            : new JobOutcome.NotAsSeen();
    }

    // Whether what the name is known to have is the file's still, so that nothing need be looked for elsewhere.
    private static bool IsInPlace(UploadJob job, FileStream source, NodeFile file, ArchiveItem? item) =>
        job.Archived is { } known && known.Id == job.SeenId && item?.Size >= known.Length && ContentFingerprint.Continues(source.SafeFileHandle, file.Size, known);

    private static bool IsKnownWhole(MoveSource? moved, NodeFile file) =>
        moved is { IsWhole: true, Content: { } content } && content.Id == file.Id && content.Length == file.Size && content.Modified == file.Modified;

    private async Task<JobOutcome?> SendAsync(UploadJob job, FileStream source, RemoteFolders.Folder folder, string name, long offset, long length, DateTimeOffset modified, CancellationToken cancellationToken)
    {
        using var progress = _meter.Begin(job.Path, offset, offset + length);
        var sent = await transport.SendAsync(source, job.RemotePath, offset, length, modified, progress, cancellationToken).ConfigureAwait(false);
        progress.Report(sent.Bytes);
        if (sent.Bytes != length)
        {
            Forget(job);
            return new JobOutcome.NotAsSeen();
        }

        if (!sent.Verified)
        {
            Forget(job);
            return new JobOutcome.Failed(FailureCause.HashMismatch, $"{job.RemotePath}: what arrived is not what was sent; it will be sent anew");
        }

        folder.Put(name, offset + length, modified);
        return null;
    }

    // Where the content lies that is to be renamed. Where only an attempt is known, or another file's attempt, what is there has to be the
    // beginning of the file: it may be another one's.
    private async Task<(string Path, bool IsCompared)?> PlaceOfAsync(MoveSource move, FileStream source, NodeFile file, CancellationToken cancellationToken)
    {
        if (move.Content is { } content && !ContentFingerprint.Continues(source.SafeFileHandle, file.Size, content))
            return null;
        var (path, name) = (RemotePath.Folder(move.RemotePath), RemotePath.Name(move.RemotePath));
        var folder = await _folders.LookAsync(transport, path, cancellationToken).ConfigureAwait(false);
        if (move is { Content: not null, IsDoubtful: false } && folder.Find(name) is not null)
            return (move.RemotePath, false);
        string[] names = [name, .. move.Content is null ? VersionsOf(folder, name, file) : VersionsOf(folder, VersionName.OriginalOf(name) ?? name, move.Content)];
        foreach (var candidate in names)
        {
            var place = RemotePath.Join(path, candidate);
            if (folder.Find(candidate) is { IsFolder: false } item && await BeginsWithAsync(place, item.Size, source, file, cancellationToken).ConfigureAwait(false) == true)
                return (place, true);
        }

        // Renamed to where it is to be, perhaps, by an attempt whose end was never recorded.
        return move is { Content: not null, IsDoubtful: false } ? (move.RemotePath, false) : null;
    }

    // Of an empty one nothing can be told.
    private async ValueTask<bool?> BeginsWithAsync(string path, long size, FileStream source, NodeFile file, CancellationToken cancellationToken) =>
        size > 0 && size <= file.Size ? await transport.HasPrefixAsync(path, source, size, cancellationToken).ConfigureAwait(false) : false;

    // The names under which what an attempt left at a name may have been set aside: nothing is known of it but whose it is.
    private static IEnumerable<string> VersionsOf(RemoteFolders.Folder folder, string name, NodeFile file) => folder.Files
        .Where(item => item.Size > 0 && item.Size <= file.Size && VersionName.OriginalOf(item.Name) == name)
        .OrderByDescending(item => item.Size == file.Size)
        .ThenByDescending(item => item.Name, StringComparer.Ordinal)
        .Take(MostVersions)
        .Select(item => item.Name);

    // The names under which the content of a name may have been set aside.
    private static IEnumerable<string> VersionsOf(RemoteFolders.Folder folder, string name, ArchivedContent content)
    {
        for (var number = 1; ; number++)
        {
            var version = VersionName.Of(name, new DateTimeOffset(content.First, TimeSpan.Zero), number);
            if (folder.Find(version) is not { } item)
                yield break;
            if (!item.IsFolder && item.Size == content.Length)
                yield return version;
        }
    }

    // The content may have been renamed already, by an attempt whose end was never recorded: then the source is missing.
    private async Task<(Rename Rename, string? OlderVersion)> FollowRenameAsync(UploadJob job, string place, RemoteFolders.Folder folder, string name, CancellationToken cancellationToken)
    {
        var fromFolder = await _folders.LookAsync(transport, RemotePath.Folder(place), cancellationToken).ConfigureAwait(false);
        var fromName = RemotePath.Name(place);
        if (fromFolder.Find(fromName) is not { IsFolder: false } from)
            return (folder.Find(name) is null ? Rename.None : Rename.DoneBefore, null);

        string? olderVersion = null;
        if (folder.Find(name) is not null)
            olderVersion = await SetAsideAsync(job, folder, name, job.Archived, cancellationToken).ConfigureAwait(false);
        await transport.RenameAsync(place, job.RemotePath, cancellationToken).ConfigureAwait(false);
        fromFolder.Remove(fromName);
        folder.Put(name, from.Size, from.Modified);
        return (Rename.Done, olderVersion);
    }

    private async Task<string> SetAsideAsync(UploadJob job, RemoteFolders.Folder folder, string name, ArchivedContent? older, CancellationToken cancellationToken)
    {
        var item = folder.Find(name)!;
        var first = older is not null ? new DateTimeOffset(older.First, TimeSpan.Zero) : item.Modified ?? clock.GetUtcNow();
        var attempt = 1;
        string version;
        do
        {
            version = VersionName.Of(name, first, attempt++);
        }
        while (folder.Find(version) is not null);

        await transport.RenameAsync(job.RemotePath, RemotePath.Join(RemotePath.Folder(job.RemotePath), version), cancellationToken).ConfigureAwait(false);
        folder.Remove(name);
        folder.Put(version, item.Size, item.Modified);
        return version;
    }

    private void Forget(UploadJob job)
    {
        _folders.Forget(RemotePath.Folder(job.RemotePath));
        foreach (var move in job.MoveFrom)
            _folders.Forget(RemotePath.Folder(move.RemotePath));
    }

    private enum Rename
    {
        None,
        Done,
        DoneBefore,
    }
}
