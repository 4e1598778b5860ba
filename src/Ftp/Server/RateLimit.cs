namespace ActorLogArchive.Ftp.Server;

/// <summary>Keeps a transfer to its account's rate.</summary>
internal static class RateLimit
{
    /// <summary>Takes <paramref name="bytes"/> that were moved, and waits as long as the bucket asks, or until the transfer is aborted.</summary>
    public static async ValueTask WaitAsync(TokenBucket limit, int bytes, TransferControl transfer, TimeProvider clock, CancellationToken lifetime)
    {
        var wait = limit.Take(bytes);
        while (wait > TimeSpan.Zero && transfer.AbortReason is null)
        {
            await Task.Delay(wait, clock, lifetime).ConfigureAwait(false);
            transfer.Progress(0);
            wait = limit.Remaining();
        }
    }
}
