using System.IO.Enumeration;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Walks one watched folder and tells what differs from the walk before. Remembers size and modification time of every
/// name in a few bytes each; a file that did not change costs one lstat and no allocation. Not for concurrent use.
/// </summary>
internal sealed class RootScanner(WatchedRoot root)
{
    private const int MaxPathLength = 4000;

    private static readonly EnumerationOptions OneFolder = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    private readonly PathFilter _filter = new(root);
    // An operator who asks for some files does not ask for the folders of others.
    private readonly bool _mirrorsFolders = root.Include.Any(pattern => pattern is "**/*" or "**");
    private readonly Dictionary<string, Folder> _folders = new(StringComparer.Ordinal);
    private int _generation;

    /// <summary>The watched folder.</summary>
    public WatchedRoot Root => root;

    /// <summary>Names remembered, of files that are archived.</summary>
    public int FileCount { get; private set; }

    /// <summary>Reads every folder.</summary>
    public void ScanAll(ScanDifferences differences, CancellationToken cancellationToken)
    {
        _generation++;
        Scan("", everything: true, differences, cancellationToken);
    }

    /// <summary>Reads the given folders (paths below the root), and folders that are new in them.</summary>
    public void ScanFolders(IEnumerable<string> folders, ScanDifferences differences, CancellationToken cancellationToken)
    {
        _generation++;
        foreach (var folder in folders)
            Scan(NearestKnown(folder), everything: false, differences, cancellationToken);
    }

    /// <summary>Forgets what is remembered of a file, so that the next reading of its folder reports it again.</summary>
    public void Forget(string path)
    {
        var (folder, name) = Split(path);
        if (_folders.TryGetValue(folder, out var known) && known.Names.Remove(name, out var seen) && seen.Kind == NameKind.File)
            FileCount--;
    }

    /// <summary>The path below the root of an archive path of this root; null when it belongs to another.</summary>
    public string? PathBelowRoot(string archivePath) =>
        root.Name is null ? archivePath
        : archivePath.StartsWith(root.Name + "/", StringComparison.Ordinal) ? archivePath[(root.Name.Length + 1)..]
        : null;

    private static (string Folder, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }

    // A folder that was made and filled at once is found from the nearest folder above that is known already.
    private string NearestKnown(string folder)
    {
        while (folder.Length > 0 && !_folders.ContainsKey(folder))
            folder = Split(folder).Folder;
        return folder;
    }

    private void Scan(string start, bool everything, ScanDifferences differences, CancellationToken cancellationToken)
    {
        var pending = new Stack<string>();
        pending.Push(start);
        while (pending.TryPop(out var path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_folders, path, out _);
            var folder = slot ??= new Folder(path);
            if (folder.Generation == _generation)
                continue;
            folder.Generation = _generation;
            ReadFolder(folder, differences, out var subfolders);
            if (subfolders is null)
                continue;

            foreach (var gone in folder.Subfolders.Where(name => !subfolders.Contains(name)))
                DropFolder(Join(path, gone), differences);
            foreach (var name in subfolders)
            {
                if (everything || !folder.Subfolders.Contains(name))
                    pending.Push(Join(path, name));
            }

            folder.Subfolders = subfolders;
        }
    }

    private void ReadFolder(Folder folder, ScanDifferences differences, out HashSet<string>? subfolders)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            // The transform sees each entry in place; only names of folders come out of it as objects.
            var entries = new FileSystemEnumerable<string?>(LocalPath(folder.Path), (ref FileSystemEntry entry) => Visit(folder, ref entry, differences), OneFolder);
            foreach (var subfolder in entries)
            {
                if (subfolder is not null)
                    found.Add(subfolder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read has not vanished: what is known of it stays, and it is tried again with the next walk.
            subfolders = null;
            if (e is DirectoryNotFoundException && folder.Path.Length > 0)
                return;
            differences.AddUnreadFolder(ArchivePath(folder.Path), LocalPath(folder.Path), e is DirectoryNotFoundException ? "the folder does not exist" : Reason(e));
            return;
        }

        subfolders = found;
        DropVanishedNames(folder, differences);

        // Files bring their folders with them; only a folder without any has to be told.
        var wasBare = folder.IsBare;
        folder.IsBare = _mirrorsFolders && found.Count == 0 && !folder.HasFiles;
        if (folder.IsBare && !wasBare)
            differences.AddBareFolder(ArchivePath(folder.Path));
    }

    private string? Visit(Folder folder, ref FileSystemEntry entry, ScanDifferences differences)
    {
        if (entry.IsDirectory)
        {
            if ((entry.Attributes & FileAttributes.ReparsePoint) == 0)
            {
                var name = entry.FileName.ToString();
                return _filter.LeavesOut(Join(folder.Path, name)) ? null : name;
            }

            // A link to a folder is never followed (loops, and files found twice); it is told like a link to a file.
        }

        differences.EntriesRead++;
        var names = folder.Names.GetAlternateLookup<ReadOnlySpan<char>>();
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(names, entry.FileName);
        var size = entry.Length;
        var modified = entry.LastWriteTimeUtc.Ticks;
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref known))
        {
            known.Generation = _generation;
            if (known.IsLink)
            {
                // The entry tells of the link only; the file behind it grows unseen.
                var target = NodeFile.ProbeContent(LocalPath(Join(folder.Path, entry.FileName.ToString())));
                if (known.Kind == NameKind.File && target.Kind == NodeFileKind.Regular)
                    (size, modified) = (target.Size, target.Modified);
            }

            if (known.Kind == NameKind.LeftOut || (known.Size == size && known.Modified == modified && known.Kind != NameKind.Unreadable))
            {
                if (known.Kind is NameKind.Link or NameKind.Special)
                    differences.AddSkipped(LocalPath(Join(folder.Path, entry.FileName.ToString())), known.Kind);
                return null;
            }
        }

        Examine(folder, entry.FileName.ToString(), size, modified, differences);
        return null;
    }

    // Only for what is new or has changed.
    private void Examine(Folder folder, string name, long size, long modified, ScanDifferences differences)
    {
        var path = Join(folder.Path, name);
        var before = folder.Names.GetValueOrDefault(name);
        var seen = new SeenName(size, modified, _generation, NameKind.File);
        if (!_filter.Takes(path))
        {
            seen.Kind = NameKind.LeftOut;
        }
        else
        {
            var local = LocalPath(path);
            var file = NodeFile.ProbeContent(local);
            seen.IsLink = file.Kind == NodeFileKind.SymbolicLink || (file.HasOtherLinks && NodeFile.Probe(local).Kind == NodeFileKind.SymbolicLink);
            seen.Kind = file.Kind switch
            {
                NodeFileKind.Regular => NameKind.File,
                NodeFileKind.SymbolicLink => NameKind.Link,
                NodeFileKind.Special => NameKind.Special,
                _ => NameKind.Unreadable,
            };
            if (seen.Kind == NameKind.File && ArchivePath(path).Length > MaxPathLength)
            {
                seen.Kind = NameKind.Unreadable;
                differences.AddProblem(local, "the path is too long for the archive");
            }
            else if (seen.Kind == NameKind.File)
            {
                // Size and time of this very moment; the directory entry's may be a little older.
                seen.Size = file.Size;
                seen.Modified = file.Modified;
                differences.AddFound(root, new FoundFile(ArchivePath(path), file.Id, file.Size, file.Modified, file.HasOtherLinks));
            }
            else if (seen.Kind == NameKind.Unreadable)
            {
                if (file.Kind == NodeFileKind.Missing && !name.Contains('\uFFFD'))
                    return;
                differences.AddProblem(local, file.Kind == NodeFileKind.Missing ? "the name is not valid UTF-8" : "the system does not tell what it is");
            }
            else
            {
                differences.AddSkipped(local, seen.Kind);
            }
        }

        FileCount += (seen.Kind == NameKind.File ? 1 : 0) - (before is { Generation: > 0, Kind: NameKind.File } ? 1 : 0);
        if (before is { Generation: > 0, Kind: NameKind.File } && seen.Kind != NameKind.File)
            differences.AddVanished(ArchivePath(path));
        folder.Names[name] = seen;
    }

    private void DropVanishedNames(Folder folder, ScanDifferences differences)
    {
        List<string>? gone = null;
        foreach (var (name, seen) in folder.Names)
        {
            if (seen.Generation != _generation)
                (gone ??= []).Add(name);
        }

        foreach (var name in gone ?? [])
        {
            folder.Names.Remove(name, out var seen);
            if (seen.Kind != NameKind.File)
                continue;
            FileCount--;
            differences.AddVanished(ArchivePath(Join(folder.Path, name)));
        }
    }

    private void DropFolder(string path, ScanDifferences differences)
    {
        if (!_folders.Remove(path, out var folder))
            return;
        foreach (var (name, seen) in folder.Names)
        {
            if (seen.Kind != NameKind.File)
                continue;
            FileCount--;
            differences.AddVanished(ArchivePath(Join(path, name)));
        }

        foreach (var name in folder.Subfolders)
            DropFolder(Join(path, name), differences);
    }

    private string ArchivePath(string path) => root.Name is null ? path : path.Length == 0 ? root.Name : $"{root.Name}/{path}";

    private string LocalPath(string path) => path.Length == 0 ? root.Path : Path.Join(root.Path, path);

    private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    private static string Reason(Exception e) => e is UnauthorizedAccessException ? "permission denied" : e.Message;

    private sealed class Folder(string path)
    {
        public string Path { get; } = path;

        public Dictionary<string, SeenName> Names { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Subfolders { get; set; } = [];

        public int Generation { get; set; }

        public bool IsBare { get; set; }

        public bool HasFiles => Names.Values.Any(name => name.Kind == NameKind.File);
    }

    private struct SeenName(long size, long modified, int generation, NameKind kind)
    {
        public long Size = size;
        public long Modified = modified;
        public int Generation = generation;
        public NameKind Kind = kind;
        public bool IsLink;
    }
}

/// <summary>What the scanner makes of a name.</summary>
internal enum NameKind : byte
{
    File,
    LeftOut,
    Link,
    Special,
    Unreadable,
}
