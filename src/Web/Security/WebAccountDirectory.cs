using System.Security.Claims;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// The web accounts and tokens as they were a moment ago, so that every request, every message of a page and every live event can be judged
/// without a question to the registry. Asked for each second, and at once after a change made here.
/// </summary>
public sealed partial class WebAccountDirectory(IWebAccounts accounts, TimeProvider time, ILogger<WebAccountDirectory> logger) : BackgroundService
{
    /// <summary>How often it is asked for: a change takes effect within this long, wherever it was made.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    /// <summary>Older than this nobody is let in by it: an account may have been disabled meanwhile.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(200);
    private volatile Known? _known;

    /// <summary>Whether anybody can be let in by it.</summary>
    public bool IsCurrent => _known is { } known && time.GetUtcNow() - known.At < GoodFor;

    /// <summary>What a principal may now; null when its account or token may not come in (any more).</summary>
    public Access? Find(ClaimsPrincipal user) => _known is { } known && time.GetUtcNow() - known.At < GoodFor ? Judge(known, user) : null;

    /// <summary>The same, with a question to the registry where what is known is old or says no: the account may have been made just now.</summary>
    /// <exception cref="ArchiveUnavailableException">The accounts cannot be asked, and what is known is too old.</exception>
    public async ValueTask<Access?> FindAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (Find(user) is { } access && time.GetUtcNow() - _known!.At < 3 * Refresh)
            return access;

        if (_known is not { } known || time.GetUtcNow() - known.At >= AtMostEvery)
            await TryRefreshAsync(cancellationToken);
        return Find(user);
    }

    /// <summary>An account as it is now; null when there is none.</summary>
    public UsersProtocol.WebAccount? Account(string name) => _known?.Accounts.GetValueOrDefault(name);

    /// <summary>Whether the account is there with this stamp, with a question to the registry before it says no: it may have been made, or changed, just now.</summary>
    /// <exception cref="ArchiveUnavailableException">The accounts cannot be asked, and what is known is too old.</exception>
    public async ValueTask<bool> IsCurrentAsync(string name, string stamp, CancellationToken cancellationToken)
    {
        if (Account(name)?.Stamp == stamp)
            return true;

        await TryRefreshAsync(cancellationToken);
        return Account(name)?.Stamp == stamp;
    }

    /// <summary>Asks for the accounts now, after a change.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var list = await accounts.GetAsync(cancellationToken);
        _known = new Known(
            list.Accounts.ToDictionary(account => account.Name, StringComparer.Ordinal), list.Tokens.ToDictionary(token => token.Id, StringComparer.Ordinal), time.GetUtcNow());
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Refresh, time);
        try
        {
            do
            {
                try
                {
                    await RefreshAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // The next second tries again; an exception out of here would end the whole host.
                    LogNotAsked(failure.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The archive stops.
        }
    }

    private async Task TryRefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(cancellationToken);
        }
        catch (ArchiveUnavailableException) when (_known is { } known && time.GetUtcNow() - known.At < GoodFor)
        {
            // What is known serves a little longer.
        }
    }

    private Access? Judge(Known known, ClaimsPrincipal user)
    {
        if (user.Identity is not { IsAuthenticated: true, Name: { } name }
            || !known.Accounts.TryGetValue(name, out var account)
            || account.IsDisabled
            || account.Stamp != WebPrincipal.StampOf(user))
        {
            return null;
        }

        var role = WebRoles.Parse(account.Role);
        if (WebPrincipal.TokenOf(user) is not { } tokenId)
            return new Access(name, role, AgentScope.Of(account.Agents), account.MustChangePassword, null);

        if (!known.Tokens.TryGetValue(tokenId, out var token) || token.Owner != name || token.ExpiresAt <= time.GetUtcNow())
            return null;

        var least = WebRoles.Parse(token.Role);
        return new Access(name, least < role ? least : role, AgentScope.Of(account.Agents, token.Agents), account.MustChangePassword, tokenId);
    }

    [LoggerMessage(7301, LogLevel.Debug, "The web accounts cannot be asked for now: {Reason}")]
    private partial void LogNotAsked(string reason);

    private sealed record Known(
        IReadOnlyDictionary<string, UsersProtocol.WebAccount> Accounts, IReadOnlyDictionary<string, WebUsersProtocol.ApiToken> Tokens, DateTimeOffset At);
}
