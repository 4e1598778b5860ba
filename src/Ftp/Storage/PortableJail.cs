using ActorLogArchive.Ftp.Protocol;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>
/// The jail where the system has no openat2: every component is looked at before use, and a link anywhere in a path is
/// refused, wherever it leads. Someone who may write to the root by other means than FTP could still swap one in between.
/// </summary>
internal sealed class PortableJail(string root) : IJail
{
    private readonly string _root = Path.GetFullPath(root);

    public FtpEntry? Find(FtpPath path)
    {
        var full = Resolve(path);
        return full is null ? null : ToEntry(InfoOf(full));
    }

    public IEnumerable<FtpEntry> List(FtpPath directory)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        foreach (var info in new DirectoryInfo(ExistingDirectory(directory)).EnumerateFileSystemInfos("*", options))
            yield return ToEntry(info);
    }

    public SafeFileHandle OpenRead(FtpPath path) => Guard(() =>
        File.OpenHandle(ExistingFile(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    public SafeFileHandle OpenWrite(FtpPath path, out bool created)
    {
        var full = Resolve(path);
        if (full is not null && Directory.Exists(full))
            throw new FtpStorageException(FtpStorageError.WrongKind, "Is a directory.");

        created = full is null;
        var target = full ?? New(path);
        return Guard(() => File.OpenHandle(target, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
    }

    public void CreateDirectory(FtpPath path)
    {
        if (Resolve(path) is not null)
            throw new FtpStorageException(FtpStorageError.AlreadyExists, "File exists.");
        var target = New(path);
        Guard(() => Directory.CreateDirectory(target));
    }

    public void DeleteFile(FtpPath path) => Guard(() =>
    {
        File.Delete(ExistingFile(path));
        return true;
    });

    public void DeleteDirectory(FtpPath path) => Guard(() =>
    {
        if (path.IsRoot)
            throw new FtpStorageException(FtpStorageError.Denied, "The root cannot be changed.");
        var full = ExistingDirectory(path);
        if (Directory.EnumerateFileSystemEntries(full).Any())
            throw new FtpStorageException(FtpStorageError.NotEmpty, "Directory not empty.");
        Directory.Delete(full);
        return true;
    });

    public void Rename(FtpPath from, FtpPath to) => Guard(() =>
    {
        var source = Existing(from);
        if (from.IsRoot || from.Contains(to) && from != to)
            throw new FtpStorageException(FtpStorageError.NameNotAllowed, "A folder cannot be moved into itself.");
        if (Resolve(to) is not null)
            throw new FtpStorageException(FtpStorageError.AlreadyExists, "File exists.");
        var target = New(to);
        if (Directory.Exists(source))
            Directory.Move(source, target);
        else
            File.Move(source, target, overwrite: false);
        return true;
    });

    public void Replace(FtpPath from, FtpPath to) => Guard(() =>
    {
        var target = Resolve(to);
        if (target is not null && Directory.Exists(target))
            throw new FtpStorageException(FtpStorageError.WrongKind, "Is a directory.");
        File.Move(ExistingFile(from), target ?? New(to), overwrite: true);
        return true;
    });

    public void SetModified(FtpPath path, DateTimeOffset modified) => Guard(() =>
    {
        InfoOf(Existing(path)).LastWriteTimeUtc = modified.UtcDateTime;
        return true;
    });

    public void SetMode(FtpPath path, UnixFileMode mode) => Guard(() =>
    {
        if (OperatingSystem.IsWindows())
            throw new FtpStorageException(FtpStorageError.Denied, "This system keeps no permission bits.");
        File.SetUnixFileMode(Existing(path), mode);
        return true;
    });

    public bool Flush(FtpPath path) => Guard(() =>
    {
        var full = Resolve(path);
        if (full is null)
            return false;

        // There is no portable way to flush a folder; NTFS writes names to its journal by itself.
        if (File.Exists(full))
        {
            using var handle = File.OpenHandle(full, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(handle);
        }

        return true;
    });

    public bool FlushAll() => false;

    public void Dispose()
    {
    }

    private static FileSystemInfo InfoOf(string full) => Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);

    private static FtpEntry ToEntry(FileSystemInfo info) =>
        new(info.Name, info is DirectoryInfo, info is FileInfo file ? file.Length : 0, info.LastWriteTimeUtc);

    private static T Guard<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new FtpStorageException(FtpStorageError.Denied, "Permission denied.", denied);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FtpStorageException(FtpStorageError.NotFound, "No such file or directory.", missing);
        }
        catch (Exception name) when (name is PathTooLongException or ArgumentException)
        {
            throw new FtpStorageException(FtpStorageError.NameNotAllowed, "Name not allowed.", name);
        }
    }

    /// <summary>The path on the machine, null when there is no such entry. Throws when a component is a link.</summary>
    private string? Resolve(FtpPath path)
    {
        var full = _root;
        foreach (var segment in path.Value.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (OperatingSystem.IsWindows() && segment.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
                throw new FtpStorageException(FtpStorageError.NameNotAllowed, "Name not allowed.");

            full = Path.Combine(full, segment);
            var info = new FileInfo(full);
            if (info.LinkTarget is not null)
                throw new FtpStorageException(FtpStorageError.Denied, "Permission denied.");
            if (!info.Exists && !Directory.Exists(full))
                return null;
        }

        return full;
    }

    private string Existing(FtpPath path) =>
        Resolve(path) ?? throw new FtpStorageException(FtpStorageError.NotFound, "No such file or directory.");

    private string ExistingFile(FtpPath path)
    {
        var full = Existing(path);
        return File.Exists(full) ? full : throw new FtpStorageException(FtpStorageError.WrongKind, "Is a directory.");
    }

    private string ExistingDirectory(FtpPath path)
    {
        var full = Existing(path);
        return Directory.Exists(full) ? full : throw new FtpStorageException(FtpStorageError.NotFound, "Not a directory.");
    }

    private string New(FtpPath path) => Path.Combine(ExistingDirectory(path.Parent), path.Name);
}
