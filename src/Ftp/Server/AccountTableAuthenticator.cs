using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// Accounts kept in memory, for programs that embed the server: add, change, disable and remove them while it runs. Each
/// change acts at once, on open sessions and running transfers too: the server listens to it. Passwords are kept as
/// PBKDF2 hashes. Safe for use from any thread.
/// </summary>
public sealed class AccountTableAuthenticator : IFtpAccountSource
{
    private const int Iterations = 10_000;
    private const int SaltSize = 16;
    private const int HashSize = 32;

    private static readonly Credential Nobody = Credential.Of("");

    private readonly ConcurrentDictionary<string, (FtpAccount Account, Credential Credential)> _accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _fingerprints = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public event Action<FtpAccountChange>? AccountChanged;

    /// <summary>The accounts now.</summary>
    public IReadOnlyList<FtpAccount> Accounts => [.. _accounts.Values.Select(entry => entry.Account)];

    /// <summary>The account of a name, null when there is none.</summary>
    public FtpAccount? Find(string name) => _accounts.TryGetValue(name, out var entry) ? entry.Account : null;

    /// <summary>Adds an account, or replaces that of the same name. Returns itself, so that several can be added in a row.</summary>
    public AccountTableAuthenticator Set(FtpAccount account, string password)
    {
        _accounts[account.Name] = (account, Credential.Of(password));
        Tell(account.Name);
        return this;
    }

    /// <summary>Adds an account.</summary>
    /// <returns>False when there is one of this name.</returns>
    public bool Add(FtpAccount account, string password)
    {
        if (!_accounts.TryAdd(account.Name, (account, Credential.Of(password))))
            return false;
        Tell(account.Name);
        return true;
    }

    /// <summary>Replaces an account by one of the same name; its password stays.</summary>
    /// <returns>False when there is none of this name.</returns>
    public bool Change(FtpAccount account) => Update(account.Name, entry => (account, entry.Credential));

    /// <summary>Changes an account; its name and password stay.</summary>
    /// <param name="name">Which.</param>
    /// <param name="change">Makes the changed account of the one it is now; may be called more than once.</param>
    /// <returns>False when there is none of this name.</returns>
    public bool Change(string name, Func<FtpAccount, FtpAccount> change) =>
        Update(name, entry => (change(entry.Account) with { Name = name }, entry.Credential));

    /// <summary>Lets an account in, or no longer: then its sessions end.</summary>
    /// <returns>False when there is none of this name.</returns>
    public bool Enable(string name, bool isEnabled) => Change(name, account => account with { IsEnabled = isEnabled });

    /// <summary>Changes a password. Open sessions go on.</summary>
    /// <returns>False when there is no such account.</returns>
    public bool SetPassword(string name, string password)
    {
        var credential = Credential.Of(password);
        return Update(name, entry => (entry.Account, credential));
    }

    /// <summary>Lets an account in by a client certificate alone, see <see cref="Tls.FtpServerTls.ClientCertificates"/>.</summary>
    /// <param name="name">The account.</param>
    /// <param name="fingerprint">SHA-256 of the certificate, hexadecimal; null takes it back.</param>
    /// <returns>False when there is no account of this name.</returns>
    public bool SetCertificate(string name, string? fingerprint)
    {
        if (!_accounts.ContainsKey(name))
            return false;
        if (fingerprint is null)
            _fingerprints.TryRemove(name, out _);
        else
            _fingerprints[name] = fingerprint;
        return true;
    }

    /// <summary>Removes an account and ends its sessions.</summary>
    /// <returns>False when there is none of this name.</returns>
    public bool Remove(string name)
    {
        if (!_accounts.TryRemove(name, out _))
            return false;
        _fingerprints.TryRemove(name, out _);
        Tell(name);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken)
    {
        // An unknown account costs the same time as a wrong password.
        var isKnown = _accounts.TryGetValue(attempt.UserName, out var entry);
        var matches = (isKnown ? entry.Credential : Nobody).Matches(attempt.Password);
        return ValueTask.FromResult(
            !isKnown ? FtpSignInResult.Refused("unknown account") : matches ? FtpSignInResult.Accepted(entry.Account) : FtpSignInResult.Refused("wrong password"));
    }

    private bool Update(string name, Func<(FtpAccount Account, Credential Credential), (FtpAccount, Credential)> update)
    {
        while (_accounts.TryGetValue(name, out var entry))
        {
            if (!_accounts.TryUpdate(name, update(entry), entry))
                continue;
            Tell(name);
            return true;
        }

        return false;
    }

    // What is told is what holds now: of two changes at once, the one told last is then not the older one.
    private void Tell(string name)
    {
        lock (_accounts)
            AccountChanged?.Invoke(new FtpAccountChange(name, Find(name)));
    }

    /// <inheritdoc/>
    public ValueTask<FtpAccount?> SignInByCertificateAsync(string userName, X509Certificate2 certificate, IPEndPoint client, CancellationToken cancellationToken)
    {
        // A fingerprint is no secret: comparing it in constant time would protect nothing.
        var isKnown = _fingerprints.TryGetValue(userName, out var expected)
            && certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(expected, StringComparison.OrdinalIgnoreCase);
        return new(isKnown && _accounts.TryGetValue(userName, out var entry) ? entry.Account : null);
    }

    private sealed record Credential(byte[] Salt, byte[] Hash)
    {
        public static Credential Of(string password)
        {
            var salt = RandomNumberGenerator.GetBytes(SaltSize);
            return new Credential(salt, Derive(password, salt));
        }

        public bool Matches(string password) => CryptographicOperations.FixedTimeEquals(Derive(password, Salt), Hash);

        private static byte[] Derive(string password, byte[] salt) =>
            Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, HashSize);
    }
}
