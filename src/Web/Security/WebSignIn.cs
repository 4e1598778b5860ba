using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Audit;
using ActorLogArchive.Web.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Security;

/// <summary>Checks names, passwords and codes for the sign-in page and for HTTP Basic, slowed down by <see cref="SignInThrottle"/>.</summary>
public sealed class WebSignIn(
    [FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway gateway, IWebAccounts accounts, WebAccountDirectory directory, SignInThrottle throttle, TimeProvider time, IAuditLog audit)
{
    /// <summary>A checked password is believed this long, so that a script's requests do not each cost a password hashing.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(60);

    private const int MaxBelieved = 1000;

    // Only a keyed digest is kept, under a key that lives as long as the process: the cache holds no password.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (UsersProtocol.WebAccount Account, DateTimeOffset Until)> _believed = new();

    /// <summary>
    /// Checks name and password from <paramref name="address"/>, and records it. A program sends them with each request: from its address they
    /// are believed for a while, and that is no new sign-in. An account with a second factor is not signed in by them alone.
    /// </summary>
    /// <exception cref="ArchiveUnavailableException">The accounts cannot be asked.</exception>
    public async Task<SignInOutcome> CheckAsync(string name, string password, string address, string by, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > 64 || password.Length is 0 or > 1024)
            return new SignInOutcome(null, TimeSpan.Zero);

        var digest = Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{name}\0{address}\0{password}")));
        if (by == AuditBy.Basic && _believed.TryGetValue(digest, out var known) && known.Until > time.GetUtcNow() && IsAsItWas(known.Account))
            return new SignInOutcome(directory.Account(name), TimeSpan.Zero);

        // The name is counted together with the address: a stranger's guesses must not lock the operator out.
        string[] keys = [$"{name}\n{address}", address];
        if (throttle.LockedFor(keys) is { Ticks: > 0 } wait)
        {
            await RecordAsync(name, by, address, AuditOutcome.Throttled, "too many failures before");
            return new SignInOutcome(null, wait);
        }

        var account = await gateway.CheckWebSignInAsync(name, password, cancellationToken);
        if (account is null)
        {
            throttle.Failed(keys);
            await RecordAsync(name, by, address, AuditOutcome.Refused, "wrong name or password");
            return new SignInOutcome(null, throttle.LockedFor(keys));
        }

        // With a second factor the failures are forgotten after the code only: else each right password would buy new guesses of codes.
        if (account.HasTotp)
        {
            if (by == AuditBy.Basic)
                await RecordAsync(name, by, address, AuditOutcome.Refused, "the account has a second factor, which HTTP Basic cannot carry");
            return new SignInOutcome(account, TimeSpan.Zero);
        }

        throttle.Succeeded(keys);
        await RecordAsync(name, by, address, AuditOutcome.Done, "");
        if (by != AuditBy.Basic)
            return new SignInOutcome(account, TimeSpan.Zero);
        if (_believed.Count >= MaxBelieved)
            _believed.Clear();
        _believed[digest] = (account, time.GetUtcNow() + BelievedFor);
        return new SignInOutcome(account, TimeSpan.Zero);
    }

    /// <summary>Checks the code of an account whose password was right.</summary>
    /// <exception cref="ArchiveUnavailableException">The accounts cannot be asked.</exception>
    public async Task<SignInOutcome> CheckCodeAsync(string name, string code, string address, CancellationToken cancellationToken)
    {
        // Six digits are few: guesses of them are counted over all addresses too. Nobody gets here without the password.
        string[] keys = [$"{name}\n{address}", address, $"code\n{name}"];
        if (throttle.LockedFor(keys) is { Ticks: > 0 } wait)
        {
            await RecordAsync(name, AuditBy.Cookie, address, AuditOutcome.Throttled, "too many failures before");
            return new SignInOutcome(null, wait);
        }

        var outcome = code.Length is > 0 and <= 64 ? await accounts.DoAsync(new WebUsersProtocol.UseCode(name, code), cancellationToken) : null;
        if (outcome?.Account is not { IsDisabled: false } account)
        {
            throttle.Failed(keys);
            await RecordAsync(name, AuditBy.Cookie, address, AuditOutcome.Refused, "wrong code of the second factor");
            return new SignInOutcome(null, throttle.LockedFor(keys));
        }

        throttle.Succeeded(keys);
        await RecordAsync(name, AuditBy.Cookie, address, AuditOutcome.Done, "with the second factor");
        return new SignInOutcome(account, TimeSpan.Zero);
    }

    private Task RecordAsync(string name, string by, string address, AuditOutcome outcome, string detail)
    {
        ArchiveMeters.SignIns.Add(1, new("way", by), new("outcome", outcome.ToString().ToLowerInvariant()));
        return audit.RecordAsync(new AuditEntry(time.GetUtcNow(), Caller.TriedName(name), by, address, AuditActions.SignIn, "", outcome, detail));
    }

    private bool IsAsItWas(UsersProtocol.WebAccount believed) =>
        directory.Account(believed.Name) is { IsDisabled: false, HasTotp: false } now && now.Stamp == believed.Stamp;
}

/// <summary>The account, or null with the time to wait before the next attempt.</summary>
public sealed record SignInOutcome(UsersProtocol.WebAccount? Account, TimeSpan RetryAfter);
