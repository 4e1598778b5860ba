using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Quotas;

/// <summary>What one upload takes of the quota of its account, and adds to every home that is counted and holds the file.</summary>
internal sealed class QuotaCharge
{
    private readonly FtpPath _path;
    private readonly FtpEntry? _before;
    private readonly long _start;
    private readonly bool _keepsReplaced;
    private readonly HomeUsage? _own;
    private readonly IReadOnlyList<HomeUsage> _others;
    private readonly Func<long> _quotaBytes;
    private readonly int _placeTaken;
    private long _moved;
    private long _excess;

    private QuotaCharge(
        FtpPath path, FtpEntry? before, long start, bool keepsReplaced, bool makesFile, HomeUsage? own, IReadOnlyList<HomeUsage> others, Func<long> quotaBytes)
    {
        (_path, _before, _start, _keepsReplaced, _own, _others, _quotaBytes) = (path, before, start, keepsReplaced, own, others, quotaBytes);
        _placeTaken = makesFile ? 1 : 0;
    }

    // Room that the upload needs not ask for: what it cuts of the file, unless that stays under another name.
    private long Freed => _keepsReplaced ? 0 : Math.Max(0, (_before?.Size ?? 0) - _start);

    /// <summary>Begins the charge, with the place of a new file taken. Null when the quota of files is used up.</summary>
    public static QuotaCharge? TryBegin(
        FtpPath path, FtpEntry? before, long start, bool keepsReplaced, HomeUsage? own, IReadOnlyList<HomeUsage> others, Func<long> quotaBytes, long quotaFiles)
    {
        var makesFile = before is null || (keepsReplaced && start < before.Size);
        if (own?.TryBegin(path, before, makesFile, quotaFiles) == false)
            return null;
        foreach (var home in others)
            home.TryBegin(path, before, makesFile, 0);
        return new QuotaCharge(path, before, start, keepsReplaced, makesFile, own, others, quotaBytes);
    }

    /// <summary>Bytes that may still come.</summary>
    public long Left => _own is null || _quotaBytes() is 0 ? long.MaxValue : Math.Max(0, _quotaBytes() - _own.Now.Bytes + Freed - _moved + _excess);

    /// <summary>Takes room for bytes that have come and are to be stored.</summary>
    /// <exception cref="FtpStorageException">There is not so much left.</exception>
    public void Take(int bytes)
    {
        var excess = Math.Max(0, _moved + bytes - Freed) - _excess;
        if (_own?.TryTake(excess, _quotaBytes()) == false)
            throw new FtpStorageException(FtpStorageError.QuotaExceeded, "The quota of the account is used up.");
        foreach (var home in _others)
            home.TryTake(excess, 0);
        _moved += bytes;
        _excess += excess;
    }

    /// <summary>The upload ended, in whatever way: what is there now counts.</summary>
    public async ValueTask EndAsync(IFtpStorage storage)
    {
        var after = _before;
        try
        {
            after = await storage.GetEntryAsync(_path, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            _own?.Distrust();
        }

        // Where replaced content stays, it does so once anything was written; the file then differs from what it was.
        var stays = _keepsReplaced && _before is { } old && _start < old.Size && after is not null && (_moved > 0 || after.Size != old.Size);
        var bytes = (after?.Size ?? 0) - (stays ? 0 : _before?.Size ?? 0);
        var files = (after is null ? 0 : 1) - (stays || _before is null ? 0 : 1);
        foreach (var home in _own is null ? _others : _others.Append(_own))
            home.End(_path, _excess, _placeTaken, bytes, files);
    }
}
