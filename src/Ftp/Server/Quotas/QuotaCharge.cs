using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Quotas;

/// <summary>What one upload takes of the quota of its account, and adds to every home that is counted and holds the file.</summary>
internal sealed class QuotaCharge
{
    private readonly FileFound _before;
    private readonly long _freed;
    private readonly bool _replacedStays;
    private readonly HomeUsage? _own;
    private readonly IReadOnlyList<HomeUsage> _others;
    private readonly Func<long> _quotaBytes;
    private readonly int _placeTaken;
    private long _moved;
    private long _excess;

    private QuotaCharge(FileFound before, long start, bool replacedStays, bool makesFile, HomeUsage? own, IReadOnlyList<HomeUsage> others, Func<long> quotaBytes)
    {
        (_before, _replacedStays, _own, _others, _quotaBytes) = (before, replacedStays, own, others, quotaBytes);
        _placeTaken = makesFile ? 1 : 0;

        // Room that the upload needs not ask for: what it takes the place of, unless that stays under another name.
        _freed = replacedStays ? 0 : Math.Max(0, before.Bytes - start);
    }

    /// <summary>Bytes that may still come.</summary>
    public long Left => _own is null || _quotaBytes() is 0 ? long.MaxValue : Math.Max(0, _quotaBytes() - _own.Now.Bytes + _freed - _moved + _excess);

    /// <summary>Begins the charge, with the place of a new file taken. Null when the quota of files is used up.</summary>
    /// <param name="before">What is there.</param>
    /// <param name="start">How much of it the new content begins with.</param>
    /// <param name="keepsReplaced">Whether what is replaced stays under another name.</param>
    /// <param name="own">The home of the account that uploads, when it has a quota.</param>
    /// <param name="others">Other homes that hold the file.</param>
    /// <param name="quotaBytes">The quota as it is at any time, 0 for none.</param>
    /// <param name="quotaFiles">The quota of files, 0 for none.</param>
    public static QuotaCharge? TryBegin(
        FileFound before, long start, bool keepsReplaced, HomeUsage? own, IReadOnlyList<HomeUsage> others, Func<long> quotaBytes, long quotaFiles)
    {
        var replacedStays = keepsReplaced && start < before.Size;
        var makesFile = before.Size is null || replacedStays;
        if (own?.TryBegin(before, makesFile, quotaFiles) == false)
            return null;
        foreach (var home in others)
            home.TryBegin(before, makesFile, 0);
        return new QuotaCharge(before, start, replacedStays, makesFile, own, others, quotaBytes);
    }

    /// <summary>Takes room for bytes that have come and are to be stored.</summary>
    /// <exception cref="FtpStorageException">There is not so much left.</exception>
    public void Take(int bytes)
    {
        var excess = Math.Max(0, _moved + bytes - _freed) - _excess;
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
            after = await FileFound.LookAsync(storage, _before.Path, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            _own?.Distrust();
        }

        // Where replaced content stays, it does so once anything was written; the file then differs from what it was.
        var stays = _replacedStays && after.Size is not null && (_moved > 0 || after.Size != _before.Size);
        var bytes = after.Bytes - (stays ? 0 : _before.Bytes);
        var files = after.Files - (stays ? 0 : _before.Files);
        foreach (var home in _own is null ? _others : _others.Append(_own))
            home.End(_before, _excess, _placeTaken, bytes, files);
    }
}
