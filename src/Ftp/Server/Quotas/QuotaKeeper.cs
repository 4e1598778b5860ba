using System.Collections.Concurrent;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Quotas;

/// <summary>
/// Quotas of accounts. What counts for an account is what lies in its home, whoever stored it; what holds an upload up is
/// the quota of the account that uploads. So of two accounts with nested homes, the outer one's use includes the inner one's.
/// </summary>
internal sealed class QuotaKeeper(IFtpStorage storage, TimeProvider clock) : IDisposable
{
    private const int WalksAtOnce = 2;

    // Changes behind the server's back are noticed after so long.
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    // Nobody is refused for a count older than this.
    private static readonly TimeSpan MaxAgeOfRefusal = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<FtpPath, HomeUsage> _homes = new();
    private readonly SemaphoreSlim _walks = new(WalksAtOnce);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Begins an upload whose file nobody else writes to.</summary>
    /// <returns>The charge, null when there is nothing to charge; or a refusal: the quota is used up.</returns>
    public async ValueTask<(QuotaCharge? Charge, ServerReply? Refusal)> BeginAsync(CommandContext context, StorePlan plan)
    {
        var account = context.Account!;
        var hasQuota = account.QuotaBytes > 0 || account.QuotaFiles > 0;
        if (!hasQuota && _homes.IsEmpty)
            return (null, null);

        var own = hasQuota ? await CountedAsync(account.Home, MaxAge, context.Lifetime).ConfigureAwait(false) : null;
        var charge = await TryBeginAsync(context, plan, own).ConfigureAwait(false);
        if (charge is not null || own is null)
            return (charge, null);

        await own.CountAsync(MaxAgeOfRefusal, context.Lifetime).ConfigureAwait(false);
        charge = await TryBeginAsync(context, plan, own).ConfigureAwait(false);
        return (charge, charge is null ? Replies.QuotaExceeded : null);
    }

    /// <summary>Bytes left of the account's quota, null when it has none.</summary>
    public async ValueTask<long?> LeftAsync(FtpAccount account, CancellationToken cancellationToken)
    {
        if (account.QuotaBytes == 0)
            return null;
        var home = await CountedAsync(account.Home, MaxAge, cancellationToken).ConfigureAwait(false);
        if (home.Now.Bytes >= account.QuotaBytes)
            await home.CountAsync(MaxAgeOfRefusal, cancellationToken).ConfigureAwait(false);
        return Math.Max(0, account.QuotaBytes - home.Now.Bytes);
    }

    /// <summary>Removes a file, and counts what is gone.</summary>
    public async ValueTask RemoveAsync(FtpPath path, CancellationToken cancellationToken)
    {
        var homes = HomesOf(path).ToList();
        var before = homes.Count > 0 ? await FileFound.LookAsync(storage, path, cancellationToken).ConfigureAwait(false) : null;
        await storage.DeleteFileAsync(path, cancellationToken).ConfigureAwait(false);
        if (before is null)
            return;
        var after = await FileFound.LookAsync(storage, path, cancellationToken).ConfigureAwait(false);
        foreach (var home in homes)
            home.Change(after.Bytes - before.Bytes, after.Files - before.Files);
    }

    /// <summary>Renames a file or folder. Homes that it left or came to are counted anew.</summary>
    public async ValueTask RenameAsync(FtpPath from, FtpPath to, CancellationToken cancellationToken)
    {
        var homes = HomesOf(from).ToList();
        var before = homes.Count > 0 ? await FileFound.LookAsync(storage, from, cancellationToken).ConfigureAwait(false) : null;
        await storage.RenameAsync(from, to, cancellationToken).ConfigureAwait(false);
        if (before?.AsideSize is { } aside && (await FileFound.LookAsync(storage, from, cancellationToken).ConfigureAwait(false)).AsideSize is null)
        {
            // What was unfinished beside it is gone.
            foreach (var home in homes)
                home.Change(-aside, -1);
        }

        foreach (var (home, usage) in _homes)
        {
            if (home.Contains(from) != home.Contains(to) || from.Contains(home) || to.Contains(home))
                usage.Distrust();
        }
    }

    /// <summary>Ends what walks.</summary>
    public void Dispose() => _stopping.Cancel();

    private async ValueTask<QuotaCharge?> TryBeginAsync(CommandContext context, StorePlan plan, HomeUsage? own)
    {
        var account = context.Account!;
        var others = HomesOf(plan.Path).Where(home => home != own).ToList();
        if (own is null && others.Count == 0)
            return null;

        var before = await FileFound.LookAsync(storage, plan.Path, context.Lifetime).ConfigureAwait(false);
        var start = plan.Mode switch
        {
            FtpWriteMode.Replace => 0,
            FtpWriteMode.Resume => plan.Offset,
            _ => before.Size ?? 0,
        };
        var charge = QuotaCharge.TryBegin(before, start, storage.KeepsReplaced, own, others, () => context.Account?.QuotaBytes ?? 0, account.QuotaFiles);
        if (charge is null)
            return null;

        // Of an appended file ALLO may tell the whole length or that of the rest: only a whole new file is judged by it.
        if (charge.Left >= Math.Max(1, plan.Mode == FtpWriteMode.Replace ? plan.SizeHint : 0))
            return charge;
        await charge.EndAsync(storage).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<HomeUsage> CountedAsync(FtpPath home, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var usage = _homes.GetOrAdd(home, path => new HomeUsage(path, storage, clock, _walks, _stopping.Token));
        await usage.CountAsync(maxAge, cancellationToken).ConfigureAwait(false);
        return usage;
    }

    private IEnumerable<HomeUsage> HomesOf(FtpPath path)
    {
        if (_homes.IsEmpty)
            yield break;
        for (var folder = path.Parent; ; folder = folder.Parent)
        {
            if (_homes.TryGetValue(folder, out var usage))
                yield return usage;
            if (folder.IsRoot)
                yield break;
        }
    }
}
