namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>A file that is new, or not as it was.</summary>
/// <param name="Path">Its path in the archive, below the agent's folder.</param>
/// <param name="Id">Which file it is.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Modification time, UTC ticks.</param>
/// <param name="HasOtherLinks">Whether other names lead to it too (hard links).</param>
public readonly record struct FoundFile(string Path, FileId Id, long Size, long Modified, bool HasOtherLinks);

/// <summary>Files found below one root.</summary>
public sealed record FoundFiles(string Root, IReadOnlyList<FoundFile> Files);

/// <summary>Something that is not archived, with the reason.</summary>
public sealed record ScanProblem(string LocalPath, string Reason);

/// <summary>Gathers what one scan found out.</summary>
internal sealed class ScanDifferences
{
    /// <summary>Problems told by name; further ones are only counted.</summary>
    public const int MaxProblems = 100;

    private readonly Dictionary<string, List<FoundFile>> _found = [];
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);
    private readonly List<string> _bareFolders = [];
    private readonly List<string> _vanished = [];
    private readonly List<string> _unreadFolders = [];
    private readonly List<ScanProblem> _problems = [];

    public int EntriesRead { get; set; }

    public int ProblemCount { get; private set; }

    public int SkippedCount { get; private set; }

    public IReadOnlyList<ScanProblem> Problems => _problems;

    public IReadOnlyList<string> Vanished => _vanished;

    /// <summary>Archive paths of folders that could not be read: nothing below them counts as vanished.</summary>
    public IReadOnlyList<string> UnreadFolders => _unreadFolders;

    public IReadOnlyList<FoundFiles> Found => [.. _found.Select(group => new FoundFiles(group.Key, group.Value))];

    public int FoundCount => _claimed.Count;

    public void AddFound(WatchedRoot root, FoundFile file)
    {
        // Roots are read in the order of the settings: the first one has the path.
        if (!_claimed.Add(file.Path))
        {
            AddProblem(Path.Join(root.Path, file.Path), "another watched folder has a file for the same path in the archive");
            return;
        }

        if (!_found.TryGetValue(root.Path, out var files))
            _found.Add(root.Path, files = []);
        files.Add(file);
    }

    /// <summary>Archive paths of folders that hold no file, and did not before.</summary>
    public IReadOnlyList<string> BareFolders => _bareFolders;

    public void AddBareFolder(string path) => _bareFolders.Add(path);

    public void AddVanished(string path) => _vanished.Add(path);

    public void AddSkipped(string localPath, NameKind kind)
    {
        SkippedCount++;
        if (_problems.Count < MaxProblems)
            _problems.Add(new ScanProblem(localPath, kind == NameKind.Link ? "symbolic link to a folder, to nothing, or to a file of another owner: skipped" : "FIFO, socket or device: skipped"));
    }

    public void AddProblem(string localPath, string reason)
    {
        ProblemCount++;
        if (_problems.Count < MaxProblems)
            _problems.Add(new ScanProblem(localPath, reason));
    }

    public void AddUnreadFolder(string archivePath, string localPath, string reason)
    {
        _unreadFolders.Add(archivePath);
        AddProblem(localPath, reason);
    }
}
