using System.Collections.Concurrent;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Gathers folders that file-system events name. However many events arrive, it tells once, until <see cref="Take"/> is
/// called. Where events are lost (overflow, too few watches), the periodic walk finds the changes.
/// </summary>
internal sealed class ChangeWatcher : IDisposable
{
    // More folders than this between two looks, and reading everything is cheaper than remembering them.
    private const int MaxTouched = 10_000;
    private const int NoSpace = 28;

    private readonly ConcurrentDictionary<string, bool> _limitsTold = new();
    private readonly IReadOnlyList<FileSystemWatcher> _watchers;
    private readonly ConcurrentDictionary<(int Root, string Folder), bool> _touched = new();
    private readonly Action _changed;
    private readonly Action<string> _failed;
    private readonly List<(string Path, FileId Id)> _watched = [];
    private readonly int _roots;
    private int _told;
    private int _overflowed;

    /// <summary>Starts to watch.</summary>
    /// <param name="roots">Watched folders; one that cannot be watched is told to <paramref name="failed"/> and left to the periodic walk.</param>
    /// <param name="changed">Called on a thread of the watcher.</param>
    /// <param name="failed">Called with a reason.</param>
    public ChangeWatcher(IReadOnlyList<WatchedRoot> roots, Action changed, Action<string> failed)
    {
        _changed = changed;
        _failed = failed;
        _roots = roots.Count;
        _watchers = [.. roots.Select(Watch).OfType<FileSystemWatcher>()];
    }

    /// <summary>The folders touched since the last call, by root; <c>Everything</c> when events were lost.</summary>
    public (bool Everything, ILookup<int, string> Folders) Take()
    {
        Volatile.Write(ref _told, 0);
        var everything = Interlocked.Exchange(ref _overflowed, 0) == 1;
        var taken = new List<(int Root, string Folder)>();
        foreach (var key in _touched.Keys)
        {
            if (_touched.TryRemove(key, out _))
                taken.Add(key);
        }

        return (everything, taken.ToLookup(key => key.Root, key => key.Folder));
    }

    /// <summary>Whether every change in the watched folders is told of; what was lost since the last <see cref="Take"/> is not counted.</summary>
    public bool IsComplete =>
        _watchers.Count == _roots && _limitsTold.IsEmpty && _watched.TrueForAll(root => NodeFile.Probe(root.Path) is { Kind: NodeFileKind.Folder } folder && folder.Id == root.Id);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var watcher in _watchers)
            watcher.Dispose();
    }

    private FileSystemWatcher? Watch(WatchedRoot root, int index)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(root.Path)
            {
                IncludeSubdirectories = true,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Created += (_, e) => Touch(index, e.Name);
            watcher.Changed += (_, e) => Touch(index, e.Name);
            watcher.Deleted += (_, e) => Touch(index, e.Name);
            watcher.Renamed += (_, e) =>
            {
                Touch(index, e.OldName);
                Touch(index, e.Name);
            };
            watcher.Error += (_, e) => OnError(root, e.GetException());
            // A folder that is made anew under this name, or mounted over it, is not the one that is watched.
            _watched.Add((root.Path, NodeFile.Probe(root.Path).Id));
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            watcher?.Dispose();
            _failed($"{root.Path}: {e.Message}");
            return null;
        }
    }

    private void OnError(WatchedRoot root, Exception error)
    {
        // The system tells this for each of the folders that it has no watch left for; nothing was lost that was watched.
        if (IsWatchLimit(error))
        {
            if (_limitsTold.TryAdd(root.Path, true))
                _failed(WatchLimitText(root.Path));
            return;
        }

        Volatile.Write(ref _overflowed, 1);
        _failed($"{root.Path}: {error.Message}");
        Tell();
    }

    /// <summary>What to do about it: the system's own words tell the number only.</summary>
    internal static string WatchLimitText(string root) =>
        $"{root}: the system has no watch left for some of its folders; raise fs.inotify.max_user_watches (sysctl) above the number of folders to see changes in them at once";

    internal static bool IsWatchLimit(Exception error) =>
        error is IOException && ((error.HResult & 0xFFFF) == NoSpace || error.Message.Contains("inotify watches", StringComparison.Ordinal));

    private void Touch(int root, string? name)
    {
        if (name is null)
            return;
        if (_touched.Count >= MaxTouched)
        {
            Volatile.Write(ref _overflowed, 1);
            Tell();
            return;
        }

        var folder = Path.GetDirectoryName(name) ?? "";
        _touched[(root, Path.DirectorySeparatorChar == '/' ? folder : folder.Replace(Path.DirectorySeparatorChar, '/'))] = true;
        Tell();
    }

    private void Tell()
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
            _changed();
    }
}
