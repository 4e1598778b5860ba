using ActorLogArchive.Ftp.Server.Quotas;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// What one transfer is kept to. All is counted in payload: bytes of the file, before compression and encryption. Every
/// mover of bytes asks <see cref="PieceSize"/> before and tells <see cref="MovedAsync"/> after; an upload also asks
/// <see cref="Admit"/> for what has come, before it stores it.
/// </summary>
/// <param name="account">The rate of the account in this direction, shared by all its sessions.</param>
/// <param name="server">The rate of the server in this direction, shared by all accounts.</param>
/// <param name="quota">What the upload may add, null when nothing bounds it.</param>
/// <param name="transfer">The transfer.</param>
/// <param name="clock">The clock.</param>
/// <param name="lifetime">Ends with the session.</param>
internal sealed class TransferLimits(
    TokenBucket account, TokenBucket server, QuotaCharge? quota, TransferControl transfer, TimeProvider clock, CancellationToken lifetime)
{
    /// <summary>Whether any rate holds now; one may come into force at any time.</summary>
    public bool HasRate => account.Rate > 0 || server.Rate > 0;

    /// <summary>How many bytes should be moved at once, so that the flow stays even.</summary>
    public int PieceSize(int atMost) => server.PieceSize(account.PieceSize(atMost));

    /// <summary>Takes bytes that have come from the quota.</summary>
    /// <exception cref="Storage.FtpStorageException">They are more than it allows, and must not be stored.</exception>
    public void Admit(int bytes) => quota?.Take(bytes);

    /// <summary>Counts bytes that were moved, and waits as long as the rates ask, or until the transfer is aborted.</summary>
    public ValueTask MovedAsync(int bytes)
    {
        transfer.Progress(bytes);
        return HasRate ? PaceAsync(bytes) : ValueTask.CompletedTask;
    }

    private async ValueTask PaceAsync(int bytes)
    {
        var (mine, all) = (account.Take(bytes), server.Take(bytes));
        while (transfer.AbortReason is null)
        {
            var (first, second) = (account.Wait(mine), server.Wait(all));
            var wait = first > second ? first : second;
            if (wait == TimeSpan.Zero)
                return;
            await Task.Delay(wait, clock, lifetime).ConfigureAwait(false);
            transfer.Progress(0);
        }
    }
}
