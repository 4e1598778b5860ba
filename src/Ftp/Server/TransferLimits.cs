namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// What one transfer is kept to. All is counted in payload: bytes of the file, before compression and encryption. Every
/// mover of bytes asks <see cref="PieceSize"/> before and tells <see cref="MovedAsync"/> after.
/// </summary>
internal sealed class TransferLimits(TokenBucket rate, TransferControl transfer, TimeProvider clock, CancellationToken lifetime)
{
    /// <summary>Whether any rate holds now; one may come into force at any time.</summary>
    public bool HasRate => rate.Rate > 0;

    /// <summary>How many bytes should be moved at once, so that the flow stays even.</summary>
    public int PieceSize(int atMost) => rate.PieceSize(atMost);

    /// <summary>Counts bytes that were moved, and waits as long as the rate asks, or until the transfer is aborted.</summary>
    public async ValueTask MovedAsync(int bytes)
    {
        transfer.Progress(bytes);
        if (!HasRate)
            return;

        var wait = rate.Take(bytes);
        while (wait > TimeSpan.Zero && transfer.AbortReason is null)
        {
            await Task.Delay(wait, clock, lifetime).ConfigureAwait(false);
            transfer.Progress(0);
            wait = rate.Remaining();
        }
    }
}
