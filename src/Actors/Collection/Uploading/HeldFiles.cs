using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// Files that were sent in part, kept open between the slices: should one lose its name meanwhile, the rest of it can be read all
/// the same. Few, and not for ever, as a deleted file takes up room as long as it is open. Safe for concurrent use.
/// </summary>
internal sealed class HeldFiles(TimeProvider clock) : IDisposable
{
    private const int Most = 64;
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<FileId, (FileStream File, long Since)> _held = [];
    private bool _isDisposed;

    /// <summary>Keeps a file open until it is taken.</summary>
    /// <returns>False when it cannot be kept: the caller closes it.</returns>
    public bool TryKeep(FileId id, FileStream file)
    {
        // On Windows a name stays taken as long as the deleted file is open: a rotation would fail.
        if (OperatingSystem.IsWindows() || !id.IsKnown)
            return false;
        lock (_lock)
        {
            foreach (var (old, _) in _held.Where(held => clock.GetElapsedTime(held.Value.Since) > Longest).ToList())
                Close(old);
            return !_isDisposed && _held.Count < Most && _held.TryAdd(id, (file, clock.GetTimestamp()));
        }
    }

    /// <summary>The file, now the caller's; null when it is not kept.</summary>
    public FileStream? Take(FileId id)
    {
        lock (_lock)
            return _held.Remove(id, out var held) ? held.File : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (var id in _held.Keys.ToList())
                Close(id);
        }
    }

    private void Close(FileId id)
    {
        _held.Remove(id, out var held);
        held.File.Dispose();
    }
}
