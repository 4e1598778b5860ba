using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ActorLogArchive.Ftp.Server.Access;

/// <summary>
/// Which password an account last signed in with, so that a client that connects often does not cost a slow hash each time.
/// Holds digests under a random key that exists in this memory only; one per account, for a short while.
/// </summary>
internal sealed class RememberedPasswords(TimeSpan keptFor, TimeProvider clock)
{
    private const int MostKept = 10_000;
    private const int DigestSize = 32;
    private const int CharsOnStack = 256;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(DigestSize);
    private readonly ConcurrentDictionary<string, Item> _items = new(StringComparer.Ordinal);

    /// <summary>The account, when exactly this password was right a short while ago.</summary>
    public FtpAccount? Find(FtpSignIn attempt)
    {
        // Computed before it is looked at whether anything is kept of the account: the time tells nothing of that.
        Span<byte> digest = stackalloc byte[DigestSize];
        Digest(attempt, digest);
        return _items.TryGetValue(attempt.UserName, out var item) && CryptographicOperations.FixedTimeEquals(item.Digest, digest) && clock.GetElapsedTime(item.At) < keptFor
            ? item.Account
            : null;
    }

    /// <summary>Keeps a password that was right.</summary>
    public void Add(FtpSignIn attempt, FtpAccount account)
    {
        if (_items.Count >= MostKept)
            _items.Clear(); // each is checked once more: slower, not wrong
        var digest = new byte[DigestSize];
        Digest(attempt, digest);
        _items[attempt.UserName] = new Item(digest, account, clock.GetTimestamp());
    }

    /// <summary>Forgets an account.</summary>
    public void Remove(string account) => _items.TryRemove(account, out _);

    private void Digest(FtpSignIn attempt, Span<byte> digest)
    {
        // The length first, so that no two different pairs give the same text.
        var length = attempt.UserName.Length + attempt.Password.Length + 2;
        var rented = length > CharsOnStack ? ArrayPool<char>.Shared.Rent(length) : null;
        Span<char> text = rented is null ? stackalloc char[CharsOnStack] : rented;
        text = text[..length];
        text[0] = (char)(attempt.UserName.Length >> 16);
        text[1] = (char)attempt.UserName.Length;
        attempt.UserName.CopyTo(text[2..]);
        attempt.Password.CopyTo(text[(attempt.UserName.Length + 2)..]);
        HMACSHA256.HashData(_key, MemoryMarshal.AsBytes(text), digest);
        text.Clear();
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
    }

    private sealed record Item(byte[] Digest, FtpAccount Account, long At);
}
