using System.Collections.Concurrent;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Gathers folders that file-system events name. However many events arrive, it tells once, until <see cref="Take"/> is
/// called. Where events are lost (overflow, too few watches), the periodic walk finds the changes.
/// </summary>
internal sealed class ChangeWatcher : IDisposable
{
    private readonly IReadOnlyList<FileSystemWatcher> _watchers;
    private readonly ConcurrentDictionary<(int Root, string Folder), bool> _touched = new();
    private readonly Action _changed;
    private readonly Action<string> _failed;
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
            watcher.Error += (_, e) =>
            {
                Volatile.Write(ref _overflowed, 1);
                _failed($"{root.Path}: {e.GetException().Message}");
                Tell();
            };
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

    private void Touch(int root, string? name)
    {
        if (name is null)
            return;
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
