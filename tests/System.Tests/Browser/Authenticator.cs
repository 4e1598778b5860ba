using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>An authenticator app: RFC 6238 in its usual form, written apart from the product's own.</summary>
/// <param name="secret">The secret in base32, blanks allowed.</param>
internal sealed class Authenticator(string secret)
{
    private readonly byte[] _key = Decode(secret.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>The code that is shown at a moment.</summary>
    public string CodeAt(DateTimeOffset moment)
    {
        var counter = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, moment.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // The algorithm of RFC 6238 that apps have.
        var mac = HMACSHA1.HashData(_key, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => Convert.ToByte(new string(eight), 2))];
    }
}
