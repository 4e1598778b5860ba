using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Walks one watched folder and tells what differs from the walk before. Remembers some sixty bytes of every name; a file that
/// did not change costs one statx and no allocation. Not for concurrent use.
/// </summary>
internal sealed class RootScanner
{
    // A file system notes changes by a clock that ticks this seldom, at most.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private const int MostPausesOfFolder = 15;
    private const int MostPausesOfWalk = 100;

    private readonly RootRules _rules;
    private readonly WatchedRoot _root;
    private readonly bool _mirrorsFolders;
    private readonly Dictionary<string, Folder> _folders = new(StringComparer.Ordinal);
    private readonly List<RootScanner> _earlier = [];
    private readonly List<RootScanner> _later = [];
    private int _reading;
    private int _pauses;

    /// <param name="root">The watched folder.</param>
    /// <param name="clock">Tells how old files are.</param>
    public RootScanner(WatchedRoot root, TimeProvider? clock = null)
    {
        _root = root;
        _rules = new RootRules(root, clock ?? TimeProvider.System);

        // An operator who asks for some files does not ask for the folders of others.
        _mirrorsFolders = root.Include.Any(pattern => pattern is "**/*" or "**");
    }

    /// <summary>Whether files were seen that have other names, or are links: written to by another name, they raise no event here.</summary>
    public bool HasLinkedFiles { get; private set; }

    /// <summary>Names remembered, of files that are archived.</summary>
    public int FileCount { get; private set; }

    /// <summary>The scanners of all watched folders; where two lead to one path in the archive, the first has it.</summary>
    public static IReadOnlyList<RootScanner> ForAll(CollectionOptions options)
    {
        RootScanner[] scanners = [.. options.Roots.Select(root => new RootScanner(root, options.TimeProvider))];
        for (var i = 0; i < scanners.Length; i++)
        {
            scanners[i]._earlier.AddRange(scanners[..i]);
            scanners[i]._later.AddRange(scanners[(i + 1)..]);
        }

        return scanners;
    }

    /// <summary>Reads every folder.</summary>
    public void ScanAll(ScanDifferences differences, CancellationToken cancellationToken)
    {
        _reading++;
        _pauses = 0;
        Scan("", everything: true, differences, cancellationToken);
    }

    /// <summary>Reads the given folders (paths below the root), and folders that are new in them.</summary>
    public void ScanFolders(IEnumerable<string> folders, ScanDifferences differences, CancellationToken cancellationToken)
    {
        _reading++;
        _pauses = 0;
        foreach (var folder in folders)
            Scan(NearestKnown(folder), everything: false, differences, cancellationToken);
    }

    /// <summary>Has the next reading of its folder report a file again, although it did not change.</summary>
    /// <returns>The folder, below the root; null when the path belongs to another root.</returns>
    public string? LookAgainAt(string archivePath)
    {
        if (Locate(archivePath) is not var (folder, name))
            return null;
        if (Find(folder, name, out var names) is var at and >= 0)
            names![at].Size = -1;
        return folder;
    }

    private static (string Folder, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }

    private (string Folder, string Name)? Locate(string archivePath)
    {
        if (_rules.BelowRoot(archivePath) is not { Length: > 0 } below)
            return null;
        var local = LocalName.FromArchive(_root.Path, below);
        return Split(local[(Path.Join(_root.Path, "x").Length - 1)..]);
    }

    private int Find(string folder, string name, out NameTable? names)
    {
        names = _folders.GetValueOrDefault(folder)?.Names;
        return names?.Find(LocalName.ToBytes(name).AsSpan()[..^1]) ?? -1;
    }

    private bool HasFile(string archivePath) =>
        Locate(archivePath) is var (folder, name) && Find(folder, name, out var names) is var at and >= 0 && names![at].Rule == FileRule.Included;

    // A root that comes before this one has a file for the same path now.
    private void GiveWay(string archivePath)
    {
        if (Locate(archivePath) is not var (folder, name) || Find(folder, name, out var names) is not (var at and >= 0) || names![at].Rule != FileRule.Included)
            return;
        names[at].Rule = FileRule.PathTaken;
        FileCount--;
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
            if (folder.Reading == _reading)
                continue;
            folder.Reading = _reading;
            var subfolders = ReadFolder(folder, differences, cancellationToken);
            differences.EndFolder(_root);
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

    // While logrotate passes names along a chain, a reading may meet a file under neither its old name nor its new one: it would be taken for
    // gone, and what has its name now for the one to displace it. So a folder whose names change while they are read is read again.
    private HashSet<string>? ReadFolder(Folder folder, ScanDifferences differences, CancellationToken cancellationToken)
    {
        differences.BeginFolder();
        for (var pauses = 0; ; pauses++)
        {
            var subfolders = ReadNames(folder, differences, out var isSteady);
            if (subfolders is null)
                return null;
            if (isSteady || pauses >= MostPausesOfFolder || _pauses++ >= MostPausesOfWalk)
            {
                EndReading(folder, subfolders, differences);
                return subfolders;
            }

            cancellationToken.WaitHandle.WaitOne(Pause);
            cancellationToken.ThrowIfCancellationRequested();
            folder.Reading = ++_reading;
            differences.BeginFolderAgain();
        }
    }

    private HashSet<string>? ReadNames(Folder folder, ScanDifferences differences, out bool isSteady)
    {
        isSteady = true;
        var subfolders = new HashSet<string>(StringComparer.Ordinal);
        var foreign = new List<(byte[] Name, NodeFileKind Kind)>();
        try
        {
            using var reader = FolderReader.Open(_root.Path, folder.Path);
            if (reader is null)
            {
                // Gone since its parent was read, or a file or link by now: the next reading of the parent tells.
                if (folder.Path.Length == 0)
                    differences.AddUnreadFolder(_rules.ArchivePath(""), _root.Path, "the folder does not exist");
                return null;
            }

            // The clock that a file system takes its times from, whatever the agent's is.
            var (begun, before) = (TimeProvider.System.GetUtcNow().UtcTicks, reader.Changed);
            while (reader.Next())
            {
                if (Utf8.IsValid(reader.Name))
                    Visit(folder, reader.Name, reader.Kind, reader, subfolders, differences);
                else
                    foreign.Add((reader.Name.ToArray(), reader.Kind));
            }

            isSteady = reader.Changed == before && Math.Abs(begun - before) > Tick.Ticks;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read has not vanished: what is known of it stays, and it is tried again with the next walk.
            differences.AddUnreadFolder(_rules.ArchivePath(folder.Path), _rules.LocalPath(folder.Path), e is UnauthorizedAccessException ? "permission denied" : e.Message);
            return null;
        }

        VisitForeign(folder, foreign, subfolders, differences);
        return subfolders;
    }

    private void EndReading(Folder folder, HashSet<string> subfolders, ScanDifferences differences)
    {
        DropVanishedNames(folder, differences);

        // Files bring their folders with them; only a folder without any has to be told.
        var wasBare = folder.IsBare;
        folder.IsBare = _mirrorsFolders && subfolders.Count == 0 && !folder.HasFiles;
        if (folder.IsBare && !wasBare)
            differences.AddBareFolder(_rules.ArchivePath(folder.Path));
    }

    // Names that are not UTF-8 come after all others: a name that is has its path in the archive before one that only comes to
    // the same there. The order among themselves must not depend on the order in which the folder has them.
    private void VisitForeign(Folder folder, List<(byte[] Name, NodeFileKind Kind)> foreign, HashSet<string> subfolders, ScanDifferences differences)
    {
        foreign.Sort((a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, kind) in foreign)
        {
            var text = LocalName.FromBytes(name);
            var archive = LocalName.ToArchive(text);
            var same = folder.Names.Find(LocalName.ToBytes(archive).AsSpan()[..^1]);
            var isFree = !subfolders.Contains(archive) && (same < 0 || folder.Names[same].Reading != _reading) && taken.Add(archive);
            if (isFree)
                Visit(folder, name, kind, reader: null, subfolders, differences);
            else
                Examine(folder, text, name, NodeFile.Probe(_rules.LocalPath(Join(folder.Path, text))), FileRule.PathTaken, differences);
        }
    }

    private void Visit(Folder folder, ReadOnlySpan<byte> name, NodeFileKind kind, FolderReader? reader, HashSet<string> subfolders, ScanDifferences differences)
    {
        var names = folder.Names;
        var file = kind == NodeFileKind.Unknown ? Look(folder, name, reader) : default;
        if ((kind == NodeFileKind.Unknown ? file.Kind : kind) == NodeFileKind.Folder)
        {
            VisitSubfolder(folder, LocalName.FromBytes(name), subfolders, differences);
            return;
        }

        differences.EntriesRead++;
        var at = names.Find(name);
        if (at >= 0 && names[at].Rule is FileRule.NoPattern or FileRule.Excluded or FileRule.TooDeep or FileRule.PathTooLong)
        {
            names[at].Reading = _reading;
            if (names[at].Rule == FileRule.PathTooLong)
                differences.AddLeftOut(_rules, Join(folder.Path, LocalName.FromBytes(name)), FileRule.PathTooLong, file);
            return;
        }

        if (at < 0 && _rules.ByPath(Join(folder.Path, LocalName.FromBytes(name))) is var decided && decided != FileRule.Included)
        {
            Examine(folder, LocalName.FromBytes(name), name, file, decided, differences);
            return;
        }

        if (file.Kind == NodeFileKind.Unknown)
            file = Look(folder, name, reader);
        if (file.Kind == NodeFileKind.Missing)
            return;
        HasLinkedFiles |= file.HasOtherLinks || file.Kind == NodeFileKind.SymbolicLink;
        if (at >= 0 && IsUnchanged(folder, name, ref names[at], file))
        {
            names[at].Reading = _reading;
            if (names[at].Rule is not (FileRule.Included or FileRule.TooOld))
                differences.AddLeftOut(_rules, Join(folder.Path, LocalName.FromBytes(name)), names[at].Rule, file);
            return;
        }

        Examine(folder, LocalName.FromBytes(name), name, file, FileRule.Included, differences);
    }

    private NodeFile Look(Folder folder, ReadOnlySpan<byte> name, FolderReader? reader) =>
        reader?.Look() ?? NodeFile.Probe(_rules.LocalPath(Join(folder.Path, LocalName.FromBytes(name))));

    private void VisitSubfolder(Folder folder, string name, HashSet<string> subfolders, ScanDifferences differences)
    {
        var path = Join(folder.Path, name);
        var decided = _rules.ByFolder(path);
        if (decided == FileRule.Included)
            subfolders.Add(name);
        else
            differences.AddLeftOut(_rules, path, decided, new NodeFile(NodeFileKind.Folder, default, 0, 0, false));
    }

    private bool IsUnchanged(Folder folder, ReadOnlySpan<byte> name, ref SeenName known, NodeFile file)
    {
        if (known.Rule is FileRule.PermissionDenied or FileRule.PathTaken)
            return false;
        if (known.IsLink != (file.Kind == NodeFileKind.SymbolicLink))
            return false;

        // The entry tells of the link only; the file behind it grows unseen, or becomes another one.
        if (known.IsLink)
        {
            var rule = _rules.ByFile(Join(folder.Path, LocalName.FromBytes(name)), file, out file);
            if (rule != known.Rule && known.Rule != FileRule.TooOld && rule != FileRule.TooOld)
                return false;
        }

        return known.Size == file.Size && known.Modified == file.Modified && known.Identity == file.Identity;
    }

    // Only for what is new or has changed.
    private void Examine(Folder folder, string name, ReadOnlySpan<byte> bytes, NodeFile named, FileRule decided, ScanDifferences differences)
    {
        var path = Join(folder.Path, name);
        var at = folder.Names.Find(bytes);
        var before = at >= 0 ? folder.Names[at].Rule : (FileRule?)null;
        var content = named;
        if (decided == FileRule.Included)
            decided = _rules.ByFile(path, named, out content);
        if (decided == FileRule.Missing)
            return;
        var archivePath = _rules.ArchivePath(path);
        if (decided is FileRule.Included or FileRule.TooOld && _earlier.Exists(other => other.HasFile(archivePath)))
            decided = FileRule.PathTaken;

        // What changes is of interest again, however old it says to be.
        if (decided == FileRule.TooOld && before is not null)
            decided = FileRule.Included;

        var seen = new SeenName
        {
            Size = content.Size,
            Modified = content.Modified,
            Identity = content.Identity,
            Reading = _reading,
            Rule = decided,
            IsLink = named.Kind == NodeFileKind.SymbolicLink,
        };
        if (decided is FileRule.Included or FileRule.TooOld)
            Report(path, archivePath, content, isOld: decided == FileRule.TooOld, differences);
        if (decided != FileRule.Included)
            differences.AddLeftOut(_rules, path, decided, content);

        FileCount += (decided == FileRule.Included ? 1 : 0) - (before == FileRule.Included ? 1 : 0);
        if (before is FileRule.Included or FileRule.TooOld && decided is not (FileRule.Included or FileRule.TooOld))
            differences.AddVanished(archivePath);
        folder.Names.Put(bytes, seen);
    }

    private void Report(string path, string archivePath, NodeFile content, bool isOld, ScanDifferences differences)
    {
        // Other systems' folders do not tell which file it is.
        var file = content.Id.IsKnown || OperatingSystem.IsLinux() ? content : NodeFile.Probe(_rules.LocalPath(path));
        if (!isOld)
            _later.ForEach(other => other.GiveWay(archivePath));
        differences.AddFound(_root, new FoundFile(archivePath, file.Id, content.Size, content.Modified, file.HasOtherLinks) { OnlyIfKnown = isOld });
    }

    private void DropVanishedNames(Folder folder, ScanDifferences differences)
    {
        foreach (var (name, seen) in folder.Names.KeepOnly(_reading) ?? [])
            Vanished(Join(folder.Path, LocalName.FromBytes(name)), seen.Rule, differences);
    }

    private void DropFolder(string path, ScanDifferences differences)
    {
        if (!_folders.Remove(path, out var folder))
            return;
        for (var i = 0; i < folder.Names.Count; i++)
            Vanished(Join(path, LocalName.FromBytes(folder.Names.NameOf(i))), folder.Names[i].Rule, differences);
        foreach (var name in folder.Subfolders)
            DropFolder(Join(path, name), differences);
    }

    private void Vanished(string path, FileRule rule, ScanDifferences differences)
    {
        if (rule == FileRule.Included)
            FileCount--;
        if (rule is FileRule.Included or FileRule.TooOld)
            differences.AddVanished(_rules.ArchivePath(path));
    }

    private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    private sealed class Folder(string path)
    {
        public string Path { get; } = path;

        public NameTable Names { get; } = new();

        public HashSet<string> Subfolders { get; set; } = [];

        public int Reading { get; set; }

        public bool IsBare { get; set; }

        public bool HasFiles
        {
            get
            {
                for (var i = 0; i < Names.Count; i++)
                {
                    if (Names[i].Rule == FileRule.Included)
                        return true;
                }

                return false;
            }
        }
    }
}
