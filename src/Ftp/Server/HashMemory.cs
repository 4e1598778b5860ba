using System.Collections.Concurrent;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// Hashes of what was just received, so that the HASH that follows need not read the file again. Forgotten when the file
/// is written, renamed or removed through this server; a change behind its back shows in the size or the time.
/// </summary>
internal sealed class HashMemory
{
    private const int Capacity = 4096;

    private readonly ConcurrentDictionary<FtpPath, Item> _items = new();

    // Beside the dictionary: to count its items it takes all of its locks.
    private int _remembered;

    /// <summary>Remembers the hash of a range of a file that is now <paramref name="size"/> bytes, changed last at <paramref name="modified"/>.</summary>
    public void Remember(FtpPath path, FtpHash hash, long size, DateTimeOffset modified)
    {
        if (Interlocked.Increment(ref _remembered) > Capacity)
        {
            // The next HASH of each reads its file: slower, not wrong.
            Volatile.Write(ref _remembered, 1);
            _items.Clear();
        }

        _items[path] = new Item(hash, size, modified);
    }

    /// <summary>The hash of exactly this range, if it is known and the file is unchanged.</summary>
    public FtpHash? Find(FtpPath path, FtpEntry file, FtpHashAlgorithm algorithm, long start, long end) =>
        _items.TryGetValue(path, out var item) && item.Size == file.Size && item.Modified == file.Modified
        && item.Hash.Algorithm == algorithm && item.Hash.Start == start && item.Hash.End == end
            ? item.Hash
            : null;

    /// <summary>Takes note that the server itself set the time (MFMT).</summary>
    public void TimeWasSet(FtpPath path, DateTimeOffset modified)
    {
        if (_items.TryGetValue(path, out var item))
            _items.TryUpdate(path, item with { Modified = modified }, item);
    }

    /// <summary>Forgets a file.</summary>
    public void Forget(FtpPath path) => _items.TryRemove(path, out _);

    /// <summary>Forgets a file, or all below a folder.</summary>
    public void ForgetTree(FtpPath path)
    {
        Forget(path);
        foreach (var (below, _) in _items)
        {
            if (path.Contains(below))
                Forget(below);
        }
    }

    private sealed record Item(FtpHash Hash, long Size, DateTimeOffset Modified);
}
