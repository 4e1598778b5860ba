using System.Security.Cryptography;
using System.Text;

namespace ActorLogArchive.Actors.Users;

/// <summary>
/// Remembers for a short while which password an account last signed in with, so that an agent that opens several
/// connections, or reconnects, does not cost an Argon2id each. Holds digests under a random key that exists in this
/// memory only, one per account. Not for concurrent use.
/// </summary>
internal sealed class VerifiedCredentials(TimeSpan keptFor, TimeProvider time)
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, (string Digest, DateTimeOffset Until)> _byAccount = new(StringComparer.Ordinal);

    /// <summary>Names a credential: differs for another account, another stored hash or another password.</summary>
    public string Digest(string account, PasswordHash stored, string password)
    {
        // Lengths first, so that no two different triples give the same bytes.
        var text = $"{account.Length}:{account}{stored.Phc.Length}:{stored.Phc}{password}";
        return Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Whether the credential was verified a short while ago.</summary>
    public bool Contains(string account, string digest) =>
        _byAccount.TryGetValue(account, out var entry)
        && entry.Until > time.GetUtcNow()
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(entry.Digest), Encoding.ASCII.GetBytes(digest));

    /// <summary>Remembers a credential that was verified.</summary>
    public void Add(string account, string digest) => _byAccount[account] = (digest, time.GetUtcNow() + keptFor);

    /// <summary>Forgets an account that was changed or removed.</summary>
    public void Remove(string account) => _byAccount.Remove(account);
}
