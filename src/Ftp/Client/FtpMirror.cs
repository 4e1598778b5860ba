using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// Mirrors trees over one connection. What is the same is skipped and what was broken off is resumed, so after a lost
/// connection just do it again, or leave that to <see cref="FtpClient.RetryAsync"/>. Nothing is removed. Links are not followed on
/// this side: local ones are problems, as is a name of the server's that is none here. One that changes under way is not guarded against.
/// </summary>
public static class FtpMirror
{
    private const int MaxDepth = 64;
    private const int MaxFiles = 5_000_000;
    private const string PartSuffix = ".ftp-part";

    /// <summary>Brings a folder of the server up to date with a local one.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such local folder.</exception>
    public static async Task<FtpMirrorResult> MirrorUpAsync(
        this FtpClient client, string localFolder, string remoteFolder, FtpMirrorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var run = new FtpMirrorRun(options ?? new FtpMirrorOptions());
        var top = new DirectoryInfo(localFolder);
        var folders = new Queue<(DirectoryInfo Local, string Relative, int Depth)>([(top, "", 0)]);
        var files = new List<(FileInfo Local, string Relative)>();
        while (folders.TryDequeue(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var entry in folder.Local.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false }))
            {
                var relative = Join(folder.Relative, entry.Name);
                if (!run.Includes(relative))
                {
                    continue;
                }

                if (entry.LinkTarget is not null)
                {
                    run.Fail(relative, "it is a link");
                }
                else if (entry is FileInfo file)
                {
                    files.Add((file, relative));
                }
                else if (folder.Depth == MaxDepth)
                {
                    run.Fail(relative, $"it lies deeper than {MaxDepth} folders");
                }
                else
                {
                    folders.Enqueue(((DirectoryInfo)entry, relative, folder.Depth + 1));
                }
            }
        }

        run.Begin(files.Count, files.Sum(file => file.Local.Length));
        var there = new Dictionary<string, IReadOnlyDictionary<string, FtpListItem>>();
        foreach (var (file, relative) in files)
        {
            await run.DoAsync(relative, file.Length, async () =>
            {
                var remote = Join(remoteFolder.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "", relative, rooted: remoteFolder.StartsWith('/'));
                var folder = FtpFolders.ParentOf(remote);
                if (!there.TryGetValue(folder, out var items))
                {
                    await client.EnsureDirectoryAsync(folder, cancellationToken).ConfigureAwait(false);
                    items = (await client.ListAsync(folder, cancellationToken).ConfigureAwait(false) ?? []).ToDictionary(item => item.Name);
                    there.Add(folder, items);
                }

                var modified = new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero);
                if (items.TryGetValue(file.Name, out var item) && await IsSameAsync(client, run, item, remote, file, modified, cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }

                var upload = new FtpUploadOptions { Verify = run.Options.Verify, RateLimit = run.Options.RateLimit, Modified = modified };
                var result = await client.UploadFileAsync(file.FullName, remote, upload, cancellationToken).ConfigureAwait(false);
                return result.Verification == FtpVerification.Mismatch ? throw new InvalidDataException("what arrived is not what was sent") : result.Bytes;
            }).ConfigureAwait(false);
        }

        return run.Result();
    }

    /// <summary>Brings a local folder, made when missing, up to date with one of the server.</summary>
    /// <exception cref="FtpReplyException">There is no such folder on the server.</exception>
    public static async Task<FtpMirrorResult> MirrorDownAsync(
        this FtpClient client, string remoteFolder, string localFolder, FtpMirrorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var run = new FtpMirrorRun(options ?? new FtpMirrorOptions());
        var top = Directory.CreateDirectory(localFolder).FullName;
        var folders = new Queue<(string Relative, string Local, int Depth)>([("", top, 0)]);
        var files = new List<(FtpListItem Item, string Relative, string Local)>();
        while (folders.TryDequeue(out var folder))
        {
            var remote = folder.Relative.Length == 0 ? remoteFolder : Join(remoteFolder.TrimEnd('/'), folder.Relative, rooted: remoteFolder.StartsWith('/'));
            var items = await client.ListAsync(remote, cancellationToken).ConfigureAwait(false);
            if (items is null && folder.Relative.Length == 0)
            {
                throw new FtpReplyException(550, $"MLSD {remote}", "there is no such folder");
            }

            foreach (var item in items ?? [])
            {
                var relative = Join(folder.Relative, item.Name);
                if (!run.Includes(relative))
                {
                    continue;
                }

                // The server chooses this name: it must stay one, in this folder, here.
                var local = Path.Combine(folder.Local, item.Name);
                if (!FtpListItem.IsName(item.Name) || Path.GetFileName(item.Name) != item.Name || item.Name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0
                    || Path.GetDirectoryName(Path.GetFullPath(local)) != folder.Local)
                {
                    run.Fail(relative, "its name cannot be used here");
                }
                else if (new FileInfo(local).LinkTarget is not null)
                {
                    run.Fail(relative, "there is a link in its place, which could lead out of the folder");
                }
                else if (!item.IsDirectory)
                {
                    files.Add((item, relative, local));
                }
                else if (folder.Depth == MaxDepth || files.Count > MaxFiles)
                {
                    run.Fail(relative, $"more than {MaxDepth} folders deep, or {MaxFiles} files");
                }
                else
                {
                    Directory.CreateDirectory(local);
                    folders.Enqueue((relative, local, folder.Depth + 1));
                }
            }
        }

        run.Begin(files.Count, files.Sum(file => file.Item.Size));
        foreach (var (item, relative, local) in files)
        {
            await run.DoAsync(relative, item.Size, async () =>
            {
                var remote = Join(remoteFolder.TrimEnd('/'), relative, rooted: remoteFolder.StartsWith('/'));
                var existing = new FileInfo(local);
                if (existing.Exists && await IsSameAsync(client, run, item, remote, existing, new DateTimeOffset(existing.LastWriteTimeUtc, TimeSpan.Zero), cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }

                // Aside first: what is there stays whole until what replaces it is.
                var part = local + PartSuffix;
                if (new FileInfo(part).LinkTarget is not null)
                {
                    throw new IOException("there is a link in the place of its unfinished part");
                }

                var download = new FtpDownloadOptions { Resume = true, Verify = run.Options.Verify, RateLimit = run.Options.RateLimit };
                var result = await client.DownloadFileAsync(remote, part, download, cancellationToken).ConfigureAwait(false);
                if (result.Verification == FtpVerification.Mismatch)
                {
                    File.Delete(part);
                    throw new InvalidDataException("what arrived is not what the server has");
                }

                if (item.Modified is { } modified)
                {
                    File.SetLastWriteTimeUtc(part, modified.UtcDateTime);
                }

                File.Move(part, local, overwrite: true);
                return result.Bytes;
            }).ConfigureAwait(false);
        }

        return run.Result();
    }

    private static async Task<bool> IsSameAsync(
        FtpClient client, FtpMirrorRun run, FtpListItem item, string remote, FileInfo local, DateTimeOffset modified, CancellationToken cancellationToken)
    {
        if (item.IsDirectory || item.Size != local.Length)
        {
            return false;
        }

        if (run.Options.Comparison == FtpMirrorComparison.Hash && FtpRangeHash.Choose(client.Features, whole: true, null) is { } algorithm
            && await client.HashAsync(remote, algorithm, 0, item.Size, cancellationToken).ConfigureAwait(false) is { } hash)
        {
            using var file = File.OpenHandle(local.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var own = await Task.Run(() => FtpHasher.HashFile(file, algorithm, 0, item.Size, cancellationToken), cancellationToken).ConfigureAwait(false);
            return own.Hex == hash.Hex;
        }

        return item.Modified is not { } there || (there - modified).Duration() < TimeSpan.FromSeconds(2);
    }

    private static string Join(string folder, string name, bool rooted = false) =>
        folder.Length > 0 ? $"{folder}/{name}" : rooted ? $"/{name}" : name;
}
