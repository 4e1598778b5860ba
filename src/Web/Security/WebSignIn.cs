using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Web.Audit;
using ActorLogArchive.Web.Gateway;

namespace ActorLogArchive.Web.Security;

/// <summary>Checks names and passwords for the sign-in page and for HTTP Basic, slowed down by <see cref="SignInThrottle"/>.</summary>
public sealed class WebSignIn(IArchiveGateway gateway, SignInThrottle throttle, TimeProvider time, IAuditLog audit)
{
    /// <summary>A checked password is believed this long, so that a script's requests do not each cost a password hashing.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(60);

    private const int MaxBelieved = 1000;

    // Only a keyed digest is kept, under a key that lives as long as the process: the cache holds no password.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (UsersProtocol.WebAccount Account, DateTimeOffset Until)> _believed = new();

    /// <summary>Checks a sign-in from <paramref name="address"/>, and records it; one that is still believed is not a new one.</summary>
    /// <exception cref="ArchiveUnavailableException">The accounts cannot be asked.</exception>
    public async Task<SignInOutcome> CheckAsync(string name, string password, string address, CancellationToken cancellationToken, string by = AuditBy.Basic)
    {
        if (name.Length is 0 or > 64 || password.Length is 0 or > 1024)
            return new SignInOutcome(null, TimeSpan.Zero);

        var digest = Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{name}\0{password}")));
        if (_believed.TryGetValue(digest, out var known) && known.Until > time.GetUtcNow())
            return new SignInOutcome(known.Account, TimeSpan.Zero);

        // The name is counted together with the address: a stranger's guesses must not lock the operator out.
        string[] keys = [$"{name}\n{address}", address];
        if (throttle.LockedFor(keys) is { Ticks: > 0 } wait)
        {
            await RecordAsync(AuditOutcome.Throttled, "too many failures before");
            return new SignInOutcome(null, wait);
        }

        var account = await gateway.CheckWebSignInAsync(name, password, cancellationToken);
        if (account is null)
        {
            throttle.Failed(keys);
            await RecordAsync(AuditOutcome.Refused, "wrong name or password");
            return new SignInOutcome(null, throttle.LockedFor(keys));
        }

        throttle.Succeeded(keys);
        await RecordAsync(AuditOutcome.Done, "");
        if (_believed.Count >= MaxBelieved)
            _believed.Clear();
        _believed[digest] = (account, time.GetUtcNow() + BelievedFor);
        return new SignInOutcome(account, TimeSpan.Zero);

        Task RecordAsync(AuditOutcome outcome, string detail)
        {
            ArchiveMeters.SignIns.Add(1, new("way", by), new("outcome", outcome.ToString().ToLowerInvariant()));
            return audit.RecordAsync(new AuditEntry(time.GetUtcNow(), Caller.TriedName(name), by, address, AuditActions.SignIn, "", outcome, detail));
        }
    }

    /// <summary>The principal of an account under an authentication scheme.</summary>
    public static ClaimsPrincipal Principal(UsersProtocol.WebAccount account, string scheme) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, account.Name), new Claim(ClaimTypes.Role, account.Role)], scheme));
}

/// <summary>The account, or null with the time to wait before the next attempt.</summary>
public sealed record SignInOutcome(UsersProtocol.WebAccount? Account, TimeSpan RetryAfter);
