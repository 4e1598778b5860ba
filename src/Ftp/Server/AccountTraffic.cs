using System.Collections.Concurrent;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server;

/// <summary>What the sessions of one account have in common.</summary>
internal sealed class AccountTraffic(TimeProvider clock, FtpAccount account)
{
    private readonly ConcurrentQueue<FtpPath> _unflushed = new();
    private int _sessions;

    /// <summary>Client → server.</summary>
    public TokenBucket Upload { get; } = new(clock, account.UploadLimit);

    /// <summary>Server → client.</summary>
    public TokenBucket Download { get; } = new(clock, account.DownloadLimit);

    /// <summary>A session signed in.</summary>
    /// <returns>How many there are now.</returns>
    public int Enter() => Interlocked.Increment(ref _sessions);

    /// <summary>A session signed out.</summary>
    public void Leave() => Interlocked.Decrement(ref _sessions);

    /// <summary>Takes changed limits.</summary>
    public void Apply(FtpAccount account)
    {
        Upload.SetRate(account.UploadLimit);
        Download.SetRate(account.DownloadLimit);
    }

    /// <summary>
    /// Keeps what a session stored and did not flush before it ended: the next SITE FSYNC of the account covers it, so a
    /// client that connects anew, finds its file whole and asks for a flush is told the truth.
    /// </summary>
    public void LeaveUnflushed(IEnumerable<FtpPath> paths)
    {
        foreach (var path in paths)
            _unflushed.Enqueue(path);
    }

    /// <summary>Moves what former sessions left to <paramref name="paths"/>.</summary>
    public void TakeUnflushed(ISet<FtpPath> paths)
    {
        while (_unflushed.TryDequeue(out var path))
            paths.Add(path);
    }
}
