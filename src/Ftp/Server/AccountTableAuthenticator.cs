using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// Accounts kept in memory, for programs that embed the server: add, change and remove them while it runs. Passwords
/// are kept as PBKDF2 hashes. Changes hold for later sign-ins; give them to <see cref="FtpServer.ApplyAccount"/> and
/// <see cref="FtpServer.CloseSessions"/> to have them act on open sessions too.
/// </summary>
public sealed class AccountTableAuthenticator : IFtpAuthenticator
{
    private const int Iterations = 10_000;
    private const int SaltSize = 16;
    private const int HashSize = 32;

    private static readonly Credential Nobody = Credential.Of("");

    private readonly ConcurrentDictionary<string, (FtpAccount Account, Credential Credential)> _accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _fingerprints = new(StringComparer.Ordinal);

    /// <summary>The accounts now.</summary>
    public IReadOnlyList<FtpAccount> Accounts => [.. _accounts.Values.Select(entry => entry.Account)];

    /// <summary>Adds an account, or replaces that of the same name. Returns itself, so that several can be added in a row.</summary>
    public AccountTableAuthenticator Set(FtpAccount account, string password)
    {
        _accounts[account.Name] = (account, Credential.Of(password));
        return this;
    }

    /// <summary>Changes an account, its password stays.</summary>
    /// <returns>False when there is none of this name.</returns>
    public bool Change(FtpAccount account)
    {
        while (_accounts.TryGetValue(account.Name, out var entry))
        {
            if (_accounts.TryUpdate(account.Name, (account, entry.Credential), entry))
                return true;
        }

        return false;
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

    /// <summary>Removes an account.</summary>
    /// <returns>False when there is none of this name.</returns>
    public bool Remove(string name)
    {
        _fingerprints.TryRemove(name, out _);
        return _accounts.TryRemove(name, out _);
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
