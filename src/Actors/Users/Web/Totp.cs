using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActorLogArchive.Actors.Users.Web;

/// <summary>One-time passwords by time (RFC 6238): HMAC-SHA-1, 30 seconds, 6 digits, which is what every authenticator app does.</summary>
public static class Totp
{
    /// <summary>Length of a step.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    /// <summary>Digits of a code.</summary>
    public const int Digits = 6;

    private const int SecretBytes = 20;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A random secret of 160 bits, in base32 without padding (RFC 4648).</summary>
    public static string NewSecret() => ToBase32(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The number of the step a moment lies in.</summary>
    public static long StepOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / (long)Step.TotalSeconds;

    /// <summary>The code of a step.</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238's default, and the only one all authenticator apps know; HMAC does not rest on collisions.
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var offset = mac[^1] & 0xf;
        var number = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(mac[offset..]) & 0x7fffffff;
        var modulus = (int)Math.Pow(10, digits);
        return (number % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>
    /// The step a code belongs to: this one, the one before or the one after, for clocks that differ; null for none, and for
    /// steps up to <paramref name="lastUsed"/>, so that a code that was looked on cannot be used again.
    /// </summary>
    public static long? Match(string secret, string code, DateTimeOffset now, long lastUsed)
    {
        var given = code.Replace(" ", "", StringComparison.Ordinal);
        if (given.Length != Digits || !given.All(char.IsAsciiDigit) || FromBase32(secret) is not { } key)
        {
            return null;
        }

        long? found = null;
        var current = StepOf(now);
        for (var step = current - 1; step <= current + 1; step++)
        {
            if (step > lastUsed && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(key, step)), Encoding.ASCII.GetBytes(given)))
            {
                found ??= step;
            }
        }

        return found;
    }

    /// <summary>The address that a QR code for authenticator apps holds.</summary>
    public static string Uri(string secret, string account, string issuer) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(account)}?secret={secret}&issuer={System.Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={(int)Step.TotalSeconds}";

    /// <summary>Bytes in base32, without padding.</summary>
    public static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var (bits, value) = (0, 0);
        foreach (var b in bytes)
        {
            value = (value << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append(Alphabet[(value >> (bits - 5)) & 31]);
            }

            value &= (1 << bits) - 1;
        }

        return bits == 0 ? text.ToString() : text.Append(Alphabet[(value << (5 - bits)) & 31]).ToString();
    }

    /// <summary>The bytes of a base32 text; null when it is not one.</summary>
    public static byte[]? FromBase32(string text)
    {
        var bytes = new List<byte>();
        var (bits, value) = (0, 0);
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (digit < 0)
            {
                return null;
            }

            value = (value << 5) | digit;
            bits += 5;
            if (bits >= 8)
            {
                bytes.Add((byte)(value >> (bits - 8)));
                bits -= 8;
            }

            value &= (1 << bits) - 1;
        }

        return [.. bytes];
    }
}
