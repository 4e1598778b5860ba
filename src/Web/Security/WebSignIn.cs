using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Security;

/// <summary>Checks names, passwords and codes for the sign-in page and for HTTP Basic, slowed down by <see cref="SignInThrottle"/>.</summary>
public sealed class WebSignIn(
    [FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway gateway, IWebAccounts accounts, WebAccountDirectory directory, SignInThrottle throttle, TimeProvider time)
{
    /// <summary>A checked password is believed this long, so that a script's requests do not each cost a password hashing.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(60);

    private const int MaxBelieved = 1000;

    // Only a keyed digest is kept, under a key that lives as long as the process: the cache holds no password.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (UsersProtocol.WebAccount Account, DateTimeOffset Until)> _believed = new();

    /// <summary>Checks name and password from <paramref name="address"/>. An account with a second factor is not signed in by it alone.</summary>
    /// <exception cref="ArchiveUnavailableException">The accounts cannot be asked.</exception>
    public async Task<SignInOutcome> CheckAsync(string name, string password, string address, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > 64 || password.Length is 0 or > 1024)
            return new SignInOutcome(null, TimeSpan.Zero);

        var digest = Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{name}\0{password}")));
        if (_believed.TryGetValue(digest, out var known) && known.Until > time.GetUtcNow() && IsAsItWas(known.Account))
            return new SignInOutcome(directory.Account(name), TimeSpan.Zero);

        // The name is counted together with the address: a stranger's guesses must not lock the operator out.
        string[] keys = [$"{name}\n{address}", address];
        if (throttle.LockedFor(keys) is { Ticks: > 0 } wait)
            return new SignInOutcome(null, wait);

        var account = await gateway.CheckWebSignInAsync(name, password, cancellationToken);
        if (account is null)
        {
            throttle.Failed(keys);
            return new SignInOutcome(null, throttle.LockedFor(keys));
        }

        // With a second factor the failures are forgotten after the code only: else each right password would buy new guesses of codes.
        if (account.HasTotp)
            return new SignInOutcome(account, TimeSpan.Zero);

        throttle.Succeeded(keys);
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
            return new SignInOutcome(null, wait);

        var outcome = code.Length is > 0 and <= 64 ? await accounts.DoAsync(new WebUsersProtocol.UseCode(name, code), cancellationToken) : null;
        if (outcome?.Account is not { IsDisabled: false } account)
        {
            throttle.Failed(keys);
            return new SignInOutcome(null, throttle.LockedFor(keys));
        }

        throttle.Succeeded(keys);
        return new SignInOutcome(account, TimeSpan.Zero);
    }

    private bool IsAsItWas(UsersProtocol.WebAccount believed) =>
        directory.Account(believed.Name) is { IsDisabled: false, HasTotp: false } now && now.Stamp == believed.Stamp;
}

/// <summary>The account, or null with the time to wait before the next attempt.</summary>
public sealed record SignInOutcome(UsersProtocol.WebAccount? Account, TimeSpan RetryAfter);
