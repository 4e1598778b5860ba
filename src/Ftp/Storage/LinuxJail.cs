using ActorLogArchive.Ftp.Protocol;
using Microsoft.Win32.SafeHandles;
using static ActorLogArchive.Ftp.Storage.LinuxCalls;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>
/// The jail as the Linux kernel keeps it (since 5.6): every path is resolved by openat2 with RESOLVE_BENEATH from the
/// root's handle, so there is no moment between check and use in which a link could be swapped in. What changes a
/// folder does so by the handle of that folder and one name.
/// </summary>
internal sealed class LinuxJail : IJail
{
    private readonly SafeFileHandle _root;

    private LinuxJail(SafeFileHandle root) => _root = root;

    /// <summary>A jail in <paramref name="root"/>, null where the kernel (or a filter on its calls) does not offer it.</summary>
    public static LinuxJail? TryOpen(string root)
    {
        if (!AreKnown)
            return null;

        var handle = OpenDirectory(root);
        using var probe = OpenBeneath(handle, ".", PathOnly, out var error, directory: true);
        if (error == 0 && Stat(probe, out var kind, out _, out _) == 0 && kind == InodeKind.Directory)
            return new LinuxJail(handle);

        handle.Dispose();
        return null;
    }

    public FtpEntry? Find(FtpPath path)
    {
        using var handle = OpenBeneath(_root, Relative(path), PathOnly, out var error);
        if (error != 0)
            return LinuxErrors.IsMissing(error) ? null : throw LinuxErrors.ToException(error, path);

        LinuxErrors.ThrowIf(Stat(handle, out var kind, out var size, out var modified), path);
        return new FtpEntry(path.Name, kind == InodeKind.Directory, kind == InodeKind.File ? size : 0, modified);
    }

    public IEnumerable<FtpEntry> List(FtpPath directory)
    {
        using var handle = OpenBeneath(_root, Relative(directory), ReadOnly, out var error, directory: true);
        LinuxErrors.ThrowIf(error, directory);

        var reader = new LinuxDirectory(handle);
        var entries = new List<FtpEntry>();
        var links = new List<string>();
        while (reader.Read(entries, links, out error))
        {
            foreach (var entry in entries)
                yield return entry;
            foreach (var link in links)
            {
                if (FindLinked(directory, link) is { } entry)
                    yield return entry;
            }
        }

        LinuxErrors.ThrowIf(error, directory);
    }

    public SafeFileHandle OpenRead(FtpPath path)
    {
        // Without O_NONBLOCK the opening of a pipe would wait for its other end.
        var handle = OpenBeneath(_root, Relative(path), ReadOnly | NonBlocking, out var error);
        LinuxErrors.ThrowIf(error, path);
        return RegularFile(handle, path);
    }

    public SafeFileHandle OpenWrite(FtpPath path, out bool created)
    {
        // Most files are new; then neither their kind nor their length has to be asked for.
        var handle = OpenBeneath(_root, Relative(path), WriteOnly | Create | Exclusive, out var error);
        created = error == 0;
        if (created)
            return handle;

        if (error != ErrorExists)
            throw LinuxErrors.ToException(error, path);

        handle = OpenBeneath(_root, Relative(path), WriteOnly | NonBlocking, out error);
        LinuxErrors.ThrowIf(error, path);
        return RegularFile(handle, path);
    }

    public void CreateDirectory(FtpPath path)
    {
        using var parent = OpenParent(path);
        LinuxErrors.ThrowIf(MakeDirectory(parent, path.Name), path);
    }

    public void DeleteFile(FtpPath path)
    {
        using var parent = OpenParent(path);
        LinuxErrors.ThrowIf(Remove(parent, path.Name, 0), path);
    }

    public void DeleteDirectory(FtpPath path)
    {
        using var parent = OpenParent(path);
        LinuxErrors.ThrowIf(Remove(parent, path.Name, RemoveDirectory), path);
    }

    public void Rename(FtpPath from, FtpPath to)
    {
        using var fromParent = OpenParent(from);
        using var toParent = OpenParent(to);
        LinuxErrors.ThrowIf(LinuxCalls.Rename(fromParent, from.Name, toParent, to.Name), from);
    }

    public void Replace(FtpPath from, FtpPath to)
    {
        using var parent = OpenParent(to);
        LinuxErrors.ThrowIf(LinuxCalls.Replace(parent, from.Name, to.Name), to);
    }

    public void SetModified(FtpPath path, DateTimeOffset modified)
    {
        using var handle = OpenBeneath(_root, Relative(path), ReadOnly | NonBlocking, out var error);
        LinuxErrors.ThrowIf(error, path);
        File.SetLastWriteTimeUtc(handle, modified.UtcDateTime);
    }

    public void SetMode(FtpPath path, UnixFileMode mode)
    {
        using var handle = OpenBeneath(_root, Relative(path), ReadOnly | NonBlocking, out var error);
        LinuxErrors.ThrowIf(error, path);
#pragma warning disable CA1416 // this class runs on Linux only
        File.SetUnixFileMode(handle, mode);
#pragma warning restore CA1416
    }

    public bool Flush(FtpPath path)
    {
        using var handle = OpenBeneath(_root, Relative(path), ReadOnly | NonBlocking, out var error);
        if (LinuxErrors.IsMissing(error))
            return false;
        LinuxErrors.ThrowIf(error, path);
        LinuxErrors.ThrowIf(LinuxCalls.Flush(handle), path);
        return true;
    }

    public bool FlushAll()
    {
        LinuxErrors.ThrowIf(FlushFileSystem(_root), FtpPath.Root);
        return true;
    }

    public void Dispose() => _root.Dispose();

    private static string Relative(FtpPath path) => path.IsRoot ? "." : path.Value[1..];

    private static SafeFileHandle RegularFile(SafeFileHandle handle, FtpPath path)
    {
        var error = Stat(handle, out var kind, out _, out _);
        if (error == 0 && kind == InodeKind.File)
            return handle;

        handle.Dispose();
        LinuxErrors.ThrowIf(error, path);
        throw kind == InodeKind.Directory
            ? new FtpStorageException(FtpStorageError.WrongKind, "Is a directory.")
            : new FtpStorageException(FtpStorageError.Denied, "Not a regular file.");
    }

    private SafeFileHandle OpenParent(FtpPath path)
    {
        if (path.IsRoot)
            throw new FtpStorageException(FtpStorageError.Denied, "The root cannot be changed.");

        var parent = OpenBeneath(_root, Relative(path.Parent), PathOnly, out var error, directory: true);
        LinuxErrors.ThrowIf(error, path);
        return parent;
    }

    private FtpEntry? FindLinked(FtpPath directory, string name)
    {
        try
        {
            return FtpPath.TryResolve(directory, name, out var path) ? Find(path) : null;
        }
        catch (FtpStorageException)
        {
            return null; // the link leads out of the root, or round in a circle: for this tree there is nothing
        }
    }
}
