using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Quotas;

/// <summary>
/// What lies in a home, whoever stored it: counted once by walking it, kept up to date by what the server itself does, and
/// counted anew when that may have drifted. An upload that runs counts as what it found, and its excess over that on top.
/// </summary>
internal sealed class HomeUsage(FtpPath home, IFtpStorage storage, TimeProvider clock, SemaphoreSlim walks, CancellationToken stopping)
{
    // A change while the walk goes on may be counted twice, or not at all: then it is walked again, but not for ever.
    private const int MostWalks = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<FtpPath, long?> _uploads = [];
    private Task? _counting;
    private long? _countedAt;
    private int _changes;
    private long _bytes;
    private long _files;
    private long _excess;
    private long _places;

    /// <summary>Bytes and files.</summary>
    public (long Bytes, long Files) Now
    {
        get
        {
            lock (_lock)
                return (_bytes + _excess, _files + _places);
        }
    }

    /// <summary>Waits until it is counted, at most <paramref name="maxAge"/> ago. The walk itself runs beside the session, once for all who wait.</summary>
    public Task CountAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_countedAt is { } at && clock.GetElapsedTime(at) <= maxAge)
                return Task.CompletedTask;
            if (_counting is null or { IsCompleted: true })
                _counting = Task.Run(WalkAsync, stopping);
            return _counting.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The next to need it counts anew.</summary>
    public void Distrust()
    {
        lock (_lock)
        {
            _countedAt = null;
            _changes++;
        }
    }

    /// <summary>An upload begins at what is there now. Takes a file's place in the quota when it makes one.</summary>
    /// <returns>False when <paramref name="quotaFiles"/> (0 for none) does not allow it.</returns>
    public bool TryBegin(FileFound before, bool makesFile, long quotaFiles)
    {
        lock (_lock)
        {
            if (makesFile && quotaFiles > 0 && _files + _places >= quotaFiles)
                return false;
            _places += makesFile ? 1 : 0;
            _uploads[before.Path] = before.Size;
            _uploads[before.Aside] = before.AsideSize;
            _changes++;
            return true;
        }
    }

    /// <summary>An upload needs room beyond that of the file it found.</summary>
    /// <returns>False, and nothing changed, when <paramref name="quotaBytes"/> (0 for none) does not allow it.</returns>
    public bool TryTake(long bytes, long quotaBytes)
    {
        lock (_lock)
        {
            if (quotaBytes > 0 && _bytes + _excess + bytes > quotaBytes)
                return false;
            _excess += bytes;
            return true;
        }
    }

    /// <summary>An upload ended: what it took is replaced by what it truly changed.</summary>
    public void End(FileFound before, long excess, int placeTaken, long bytes, int files)
    {
        lock (_lock)
        {
            _excess -= excess;
            _places -= placeTaken;
            _uploads.Remove(before.Path);
            _uploads.Remove(before.Aside);
        }

        Change(bytes, files);
    }

    /// <summary>Something was stored or removed.</summary>
    public void Change(long bytes, int files)
    {
        lock (_lock)
        {
            _bytes = Math.Max(0, _bytes + bytes);
            _files = Math.Max(0, _files + files);
            _changes++;
        }
    }

    private async Task WalkAsync()
    {
        await walks.WaitAsync(stopping).ConfigureAwait(false);
        try
        {
            for (var walk = 1; ; walk++)
            {
                int changes;
                (long Bytes, long Files) before;
                lock (_lock)
                {
                    changes = _changes;
                    before = (_bytes, _files);
                }

                var (bytes, files) = await SumAsync().ConfigureAwait(false);
                lock (_lock)
                {
                    if (_changes != changes && walk < MostWalks)
                        continue;

                    // What changed meanwhile is added, at the risk of counting it twice: too strict for a while, never too generous.
                    _bytes = bytes + Math.Max(0, _bytes - before.Bytes);
                    _files = files + Math.Max(0, _files - before.Files);
                    _countedAt = clock.GetTimestamp();
                    return;
                }
            }
        }
        finally
        {
            walks.Release();
        }
    }

    private async Task<(long Bytes, long Files)> SumAsync()
    {
        var (bytes, files) = (0L, 0L);
        var folders = new Stack<FtpPath>([home]);
        while (folders.TryPop(out var folder))
        {
            try
            {
                await foreach (var entry in storage.ListAsync(folder, stopping).ConfigureAwait(false))
                {
                    if (!FtpPath.TryResolve(folder, entry.Name, out var path))
                        continue; // too deep to be reached over FTP
                    if (entry.IsDirectory)
                        folders.Push(path);
                    else if (CountedSize(path, entry) is { } size)
                        (bytes, files) = (bytes + size, files + 1);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // Removed meanwhile, not made yet, or not readable: nothing that a client of this server can fill.
            }
        }

        return (bytes, files);
    }

    /// <summary>A file that is being uploaded counts as it was before; its excess counts beside.</summary>
    private long? CountedSize(FtpPath path, FtpEntry entry)
    {
        lock (_lock)
            return _uploads.TryGetValue(path, out var before) ? before : entry.Size;
    }
}
