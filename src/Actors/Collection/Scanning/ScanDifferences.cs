namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>A file that is new, or not as it was.</summary>
/// <param name="Path">Its path in the archive, below the agent's folder.</param>
/// <param name="Id">Which file it is.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Modification time, UTC ticks.</param>
/// <param name="HasOtherLinks">Whether other names lead to it too (hard links).</param>
public readonly record struct FoundFile(string Path, FileId Id, long Size, long Modified, bool HasOtherLinks)
{
    /// <summary>It is older than <c>ignore-older-than</c>: of interest only to a ledger that knows the path, or the file, already.</summary>
    public bool OnlyIfKnown { get; init; }
}

/// <summary>Files found below one root.</summary>
public sealed record FoundFiles(string Root, IReadOnlyList<FoundFile> Files);

/// <summary>Something that is not archived, with the reason.</summary>
/// <param name="LocalPath">Printable: bytes that are not UTF-8 are <c>\xNN</c>.</param>
/// <param name="Reason">In words.</param>
/// <param name="LocalPath">Where it is on the node.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsLeftOut">Whether a rule leaves it out, rather than that it could not be read.</param>
public sealed record ScanProblem(string LocalPath, string Reason, bool IsLeftOut = false);

/// <summary>What a walk hands over while it goes on.</summary>
internal sealed record ScanPart(IReadOnlyList<FoundFiles> Found, IReadOnlyList<string> BareFolders);

/// <summary>A file, or a whole folder, that is left out.</summary>
internal readonly record struct LeftOutFile(string LocalPath, FileRule Rule, string Text, bool IsFolder, long Size);

/// <summary>Gathers what one scan found out, and hands over full parts of it. Not for concurrent use.</summary>
/// <param name="deliver">Takes a full part; may wait. Null: all is kept in one.</param>
internal sealed class ScanDifferences(Action<ScanPart>? deliver = null)
{
    /// <summary>Files of a part of several folders. More would outlive the youngest generations while they wait: with parts of 5,000 an agent of 100,000 files took 7 MB more.</summary>
    public const int PartSize = 1000;

    /// <summary>Most files of a part, which is then of one folder.</summary>
    public const int LargestPart = 5000;

    /// <summary>Problems told by name; further ones are only counted.</summary>
    public const int MaxProblems = 100;

    private readonly HashSet<string> _vanished = new(StringComparer.Ordinal);
    private readonly List<string> _unreadFolders = [];
    private readonly List<ScanProblem> _problems = [];
    private readonly List<FoundFile> _folder = [];
    private readonly List<LeftOutFile> _leftOutInFolder = [];
    private (int Entries, int ProblemCount, int SkippedCount, int Problems) _atFolder;
    private Dictionary<string, List<FoundFile>> _part = [];
    private List<string> _bareFolders = [];
    private int _partCount;

    public int EntriesRead { get; set; }

    public int ProblemCount { get; private set; }

    public int SkippedCount { get; private set; }

    /// <summary>Files found, those handed over among them.</summary>
    public int FoundCount { get; private set; }

    public IReadOnlyList<ScanProblem> Problems => _problems;

    public IReadOnlyCollection<string> Vanished => _vanished;

    /// <summary>Archive paths of folders that could not be read: nothing below them counts as vanished.</summary>
    public IReadOnlyList<string> UnreadFolders => _unreadFolders;

    /// <summary>Files that were not handed over yet.</summary>
    public IReadOnlyList<FoundFiles> Found => [.. _part.Select(group => new FoundFiles(group.Key, group.Value))];

    /// <summary>Archive paths of folders that hold no file, and did not before; those not handed over yet.</summary>
    public IReadOnlyList<string> BareFolders => _bareFolders;

    /// <summary>Told of everything that is left out, when set.</summary>
    public Action<LeftOutFile>? LeftOut { get; init; }

    /// <summary>Told of every folder that cannot be read, when set.</summary>
    public Action<ScanProblem>? Unread { get; init; }

    /// <summary>A folder is read.</summary>
    public void BeginFolder() => _atFolder = (EntriesRead, ProblemCount, SkippedCount, _problems.Count);

    /// <summary>It is read again from its first name: what was counted of it, and left out, comes once more.</summary>
    public void BeginFolderAgain()
    {
        _leftOutInFolder.Clear();
        _problems.RemoveRange(_atFolder.Problems, _problems.Count - _atFolder.Problems);
        (EntriesRead, ProblemCount, SkippedCount, _) = _atFolder;
    }

    public void AddFound(WatchedRoot root, FoundFile file)
    {
        // A path that another root had until now is not gone.
        _vanished.Remove(file.Path);
        FoundCount++;
        _folder.Add(file);
        if (deliver is null || _folder.Count < LargestPart)
            return;

        // As much as a part holds: not all of a huge folder can be kept until it ends.
        if (_partCount > 0)
            Deliver();
        Take(root, _folder);
        Deliver();
    }

    public void AddBareFolder(string path) => _bareFolders.Add(path);

    public void AddVanished(string path) => _vanished.Add(path);

    /// <summary>
    /// A folder was read. Its files stay in one part, unless they are more than the largest holds: names that were swapped, or moved
    /// along a rotation chain, are then seen by the ledger together.
    /// </summary>
    public void EndFolder(WatchedRoot root)
    {
        if (deliver is not null && _partCount > 0 && _partCount + _folder.Count > PartSize)
            Deliver();
        if (_folder.Count > 0)
            Take(root, _folder);
        _leftOutInFolder.ForEach(file => LeftOut?.Invoke(file));
        _leftOutInFolder.Clear();
        if (deliver is not null && _bareFolders.Count >= PartSize)
            Deliver();
    }

    /// <summary>Tells of something left out. Only what an operator would not expect is a problem.</summary>
    public void AddLeftOut(RootRules rules, string path, FileRule rule, NodeFile file)
    {
        var isProblem = rule is FileRule.PathTaken or FileRule.PathTooLong or FileRule.PermissionDenied;
        var isSkipped = rule is FileRule.TooLarge or FileRule.LinkToFolder or FileRule.LinkToNoFile or FileRule.LinkOfAnother or FileRule.Special;
        ProblemCount += isProblem ? 1 : 0;
        SkippedCount += isSkipped ? 1 : 0;
        if (LeftOut is null && (!(isProblem || isSkipped) || _problems.Count >= MaxProblems))
            return;

        var text = rules.Text(rule, path, file);
        var local = LocalName.Printable(rules.LocalPath(path));
        if (LeftOut is not null)
            _leftOutInFolder.Add(new LeftOutFile(local, rule, text, file.Kind == NodeFileKind.Folder, file.Size));
        if ((isProblem || isSkipped) && _problems.Count < MaxProblems)
            _problems.Add(new ScanProblem(local, text, isSkipped));
    }

    public void AddUnreadFolder(string archivePath, string localPath, string reason)
    {
        _unreadFolders.Add(archivePath);
        ProblemCount++;
        var problem = new ScanProblem(LocalName.Printable(localPath), reason);
        Unread?.Invoke(problem);
        if (_problems.Count < MaxProblems)
            _problems.Add(problem);
    }

    private void Take(WatchedRoot root, List<FoundFile> files)
    {
        if (!_part.TryGetValue(root.Path, out var group))
            _part.Add(root.Path, group = []);
        group.AddRange(files);
        _partCount += files.Count;
        files.Clear();
    }

    private void Deliver()
    {
        var part = new ScanPart(Found, _bareFolders);
        _part = [];
        _bareFolders = [];
        _partCount = 0;
        deliver!(part);
    }
}
