using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Collection.Verifying;

namespace ActorLogArchive.Actors.Collection.Retention;

/// <summary>What became of files that were to be removed.</summary>
/// <param name="Proven">The archive has them, they are as it has them, and nobody has them open.</param>
/// <param name="Lost">The archive lacks them, or has something else.</param>
/// <param name="Kept">They are not as the archive has them, or may be open; with the reason.</param>
internal sealed record RemovalProof(
    IReadOnlyList<RetentionProtocol.RemovableFile> Proven,
    IReadOnlyList<RetentionProtocol.RemovableFile> Lost,
    IReadOnlyList<(RetentionProtocol.RemovableFile File, string Reason)> Kept);

/// <summary>Proves that local files can go without loss, and removes them.</summary>
internal static class FileRemoval
{
    /// <summary>Compares files with the archive, all of their content where it can, else their sizes.</summary>
    /// <exception cref="ArchiveException">The archive cannot be asked.</exception>
    public static async Task<RemovalProof> ProveAsync(IReadOnlyList<RetentionProtocol.RemovableFile> files, Func<IArchiveTransport> transport, CancellationToken cancellationToken)
    {
        var compared = new List<RetentionProtocol.RemovableFile>();
        var lost = new List<RetentionProtocol.RemovableFile>();
        var kept = new List<(RetentionProtocol.RemovableFile, string)>();
        var connection = new ArchiveConnection(transport);
        await using (connection.ConfigureAwait(false))
        {
            foreach (var folder in files.GroupBy(file => RemotePath.Folder(file.RemotePath)))
            {
                var items = await connection.RunAsync(archive => archive.ListAsync(folder.Key, cancellationToken), cancellationToken).ConfigureAwait(false);
                foreach (var file in folder)
                {
                    var item = items?.LastOrDefault(item => item.Name == RemotePath.Name(file.RemotePath));
                    if (item is null || item.IsFolder || item.Size != file.Content.Length)
                        lost.Add(file);
                    else if (await CompareAsync(connection, file, cancellationToken).ConfigureAwait(false) is not var (isSame, reason))
                        compared.Add(file);
                    else if (isSame)
                        kept.Add((file, reason));
                    else
                        lost.Add(file);
                }
            }
        }

        // Last, for a file may be opened at any time.
        var open = OpenFiles.Look();
        var proven = new List<RetentionProtocol.RemovableFile>();
        foreach (var file in compared)
        {
            if (MayBeOpen(open, file.LocalPath))
                kept.Add((file, "a process has it open, or it cannot be told"));
            else
                proven.Add(file);
        }

        return new RemovalProof(proven, lost, kept);
    }

    /// <summary>Removes a file if it is still as the archive has it. Null when it is removed; else why not.</summary>
    public static string? Remove(RetentionProtocol.RemovableFile file)
    {
        try
        {
            if (!LinuxCalls.AreKnown)
            {
                if (WhyKept(NodeFile.Probe(file.LocalPath), file) is { } changed)
                    return changed;
                File.Delete(file.LocalPath);
                return null;
            }

            // By the opened folder: who may write there must not be able to put a link in its place and so have another file removed.
            var below = file.LocalPath[(Path.Join(file.Root, "x").Length - 1)..];
            var slash = below.LastIndexOf('/');
            using var folder = LinuxCalls.OpenFolder(file.Root, slash < 0 ? "" : below[..slash]);
            if (folder is null)
                return "its folder is gone";
            var name = LocalName.ToBytes(below[(slash + 1)..]);
            if (WhyKept(NodeFile.Probe(folder, name), file) is { } reason)
                return reason;
            LinuxCalls.RemoveFile(folder, name);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    // Null: the same, whole. Else whether it has to stay only (true), or the archive has something else (false).
    private static async Task<(bool IsKept, string Reason)?> CompareAsync(ArchiveConnection connection, RetentionProtocol.RemovableFile file, CancellationToken cancellationToken)
    {
        try
        {
            if (WhyKept(NodeFile.Probe(file.LocalPath), file) is { } reason)
                return (true, reason);
            var source = NodeFile.OpenRead(file.LocalPath, out var opened);
            if (source is null)
                return (true, "it is no file any more");
            await using (source.ConfigureAwait(false))
            {
                if (WhyKept(opened, file) is { } changed)
                    return (true, changed);
                var isSame = await connection.RunAsync(
                    archive => archive.HasPrefixAsync(file.RemotePath, source, file.Content.Length, cancellationToken), cancellationToken).ConfigureAwait(false);
                if (WhyKept(NodeFile.Probe(source.SafeFileHandle, file.LocalPath), file) is { } changedNow)
                    return (true, changedNow);
                return isSame == false ? (false, "the archive has other content") : null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && e is not ArchiveException { EndsConnection: true })
        {
            return (true, e.Message);
        }
    }

    private static string? WhyKept(NodeFile now, RetentionProtocol.RemovableFile file) =>
        now.Kind != NodeFileKind.Regular ? "it is no file any more"
        : now.HasOtherLinks ? "it has other names"
        : now.Id != file.Content.Id || now.Size != file.Content.Length || now.Modified != file.Content.Modified ? "it has changed"
        : null;

    private static bool MayBeOpen(OpenFiles open, string path)
    {
        try
        {
            return open.MayHave(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
