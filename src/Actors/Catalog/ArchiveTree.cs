using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>What the disk says of an archived file.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Modification time.</param>
/// <param name="Born">When it was made on this disk, or its modification time where the file system does not tell.</param>
internal readonly record struct TreeFile(long Size, DateTimeOffset Modified, DateTimeOffset Born);

/// <summary>The archived tree on disk. Symbolic links are neither followed nor listed.</summary>
internal sealed class ArchiveTree(string root)
{
    private readonly string _root = System.IO.Path.GetFullPath(root);

    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
        IgnoreInaccessible = false,
    };

    /// <summary>Where <paramref name="path"/> lies, whether or not it exists.</summary>
    public string OnDisk(FtpPath path) => path.IsRoot ? _root : System.IO.Path.Join(_root, path.Value);

    /// <summary>The regular file of this path; null when there is none, or a link is on the way to it.</summary>
    public string? ResolveFile(FtpPath path)
    {
        if (path.IsRoot || HasSeparatorInName(path))
        {
            return null;
        }

        var current = _root;
        var segments = path.Value[1..].Split('/');
        for (var index = 0; index < segments.Length; index++)
        {
            current = System.IO.Path.Join(current, segments[index]);
            FileSystemInfo entry = index == segments.Length - 1 ? new FileInfo(current) : new DirectoryInfo(current);
            if (!entry.Exists || entry.LinkTarget is not null)
            {
                return null;
            }
        }

        return current;
    }

    /// <summary>What the disk says of a file; null when there is no such regular file.</summary>
    public TreeFile? Look(FtpPath path)
    {
        if (path.IsRoot || HasSeparatorInName(path))
        {
            return null;
        }

        var file = new FileInfo(OnDisk(path));
        return file.Exists && file.LinkTarget is null ? Read(file) : null;
    }

    /// <summary>Whether a folder of this path exists and is not a link.</summary>
    public bool IsFolder(FtpPath path) => new DirectoryInfo(OnDisk(path)) is { Exists: true, LinkTarget: null };

    /// <summary>Sub-folders and files of a folder; both empty when it is gone.</summary>
    public (List<string> Folders, Dictionary<string, TreeFile> Files) List(FtpPath folder)
    {
        var (folders, files) = (new List<string>(), new Dictionary<string, TreeFile>(StringComparer.Ordinal));
        var directory = new DirectoryInfo(OnDisk(folder));
        if (!directory.Exists || directory.LinkTarget is not null)
        {
            return (folders, files);
        }

        try
        {
            foreach (var entry in directory.EnumerateFileSystemInfos("*", Everything))
            {
                // A name that no FTP path can hold cannot have been archived.
                if (entry.Name.Contains('\r', StringComparison.Ordinal) || entry.Name.Contains('\uFFFD', StringComparison.Ordinal))
                {
                    continue;
                }

                if (entry is DirectoryInfo)
                {
                    folders.Add(entry.Name);
                }
                else if (entry is FileInfo file && file.Exists)
                {
                    files.Add(file.Name, Read(file));
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Removed while it was listed: then nothing is in it.
            return ([], []);
        }

        return (folders, files);
    }

    private static TreeFile Read(FileInfo file) => new(file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc);

    // A backslash is a separator on Windows only; there it would reach another folder than the path names.
    private static bool HasSeparatorInName(FtpPath path) =>
        System.IO.Path.DirectorySeparatorChar != '/' && path.Value.AsSpan().IndexOfAny('\\', ':') >= 0;
}
