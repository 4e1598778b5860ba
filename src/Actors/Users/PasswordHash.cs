using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using NSec.Cryptography;

namespace ActorLogArchive.Actors.Users;

/// <summary>Cost of an Argon2id hash (RFC 9106).</summary>
/// <param name="MemoryKiB">Memory, KiB.</param>
/// <param name="Iterations">Passes.</param>
/// <param name="Parallelism">Lanes.</param>
public sealed record PasswordCost(int MemoryKiB, int Iterations, int Parallelism)
{
    /// <summary>OWASP's recommendation for Argon2id: 19 MiB, 2 passes, 1 lane.</summary>
    public static PasswordCost Default { get; } = new(19456, 2, 1);
}

/// <summary>
/// A salted Argon2id hash in PHC string format, <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>. It remembers its own
/// cost, so that hashes made with older settings stay valid.
/// </summary>
[JsonConverter(typeof(PasswordHashJson))]
public sealed partial record PasswordHash
{
    private const int SaltBytes = 16;
    private const int DigestBytes = 32;
    private readonly byte[] _salt;
    private readonly byte[] _digest;

    private PasswordHash(PasswordCost cost, byte[] salt, byte[] digest)
    {
        Cost = cost;
        _salt = salt;
        _digest = digest;
        Phc = string.Create(
            CultureInfo.InvariantCulture,
            $"$argon2id$v=19$m={cost.MemoryKiB},t={cost.Iterations},p={cost.Parallelism}${Encode(salt)}${Encode(digest)}");
    }

    /// <summary>How dear it is to compute.</summary>
    public PasswordCost Cost { get; }

    /// <summary>The PHC string.</summary>
    public string Phc { get; }

    /// <summary>Hashes a password under a fresh random salt. Takes tens of milliseconds of CPU.</summary>
    public static PasswordHash Create(string password, PasswordCost cost)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(cost, salt, Derive(password, salt, cost, DigestBytes));
    }

    /// <summary>A hash that no password matches but that costs as much to check: hides which accounts exist.</summary>
    public static PasswordHash Unmatchable(PasswordCost cost) =>
        new(cost, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(DigestBytes));

    /// <summary>Whether this is the hash of <paramref name="password"/>; never for an empty one. Takes as long whatever the outcome.</summary>
    public bool Matches(string password)
    {
        // The function refuses an empty password; a stand-in costs the same time.
        var digest = Derive(password.Length == 0 ? "\0" : password, _salt, Cost, _digest.Length);
        return CryptographicOperations.FixedTimeEquals(_digest, digest) && password.Length > 0;
    }

    /// <summary>Reads a PHC string; the bounds keep a hostile file from asking for all memory.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PasswordHash? hash, [NotNullWhen(false)] out string? error)
    {
        hash = null;
        if (PhcFormat().Match(text) is not { Success: true } match)
        {
            error = "not of the form $argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>, salt and hash in base64 without padding";
            return false;
        }

        var cost = new PasswordCost(Number(match, "m"), Number(match, "t"), Number(match, "p"));
        if (cost.Parallelism is < 1 or > 16 || cost.Iterations is < 1 or > 64 || cost.MemoryKiB < 8 * cost.Parallelism || cost.MemoryKiB > 1024 * 1024)
        {
            error = $"cost m={cost.MemoryKiB},t={cost.Iterations},p={cost.Parallelism} is out of bounds: m 8·p to 1048576 KiB, t 1 to 64, p 1 to 16";
            return false;
        }

        if (!TryDecode(match.Groups["salt"].Value, 8, 64, out var salt) || !TryDecode(match.Groups["hash"].Value, 16, 64, out var digest))
        {
            error = "salt must be 8 to 64 bytes and hash 16 to 64 bytes, in base64 without padding";
            return false;
        }

        error = null;
        hash = new PasswordHash(cost, salt, digest);
        return true;
    }

    /// <summary>Equal when the PHC strings are.</summary>
    public bool Equals(PasswordHash? other) => other is not null && other.Phc == Phc;

    /// <inheritdoc/>
    public override int GetHashCode() => Phc.GetHashCode(StringComparison.Ordinal);

    /// <summary>Text form without salt and digest, so that events can be logged.</summary>
    public override string ToString() => $"argon2id(m={Cost.MemoryKiB},t={Cost.Iterations},p={Cost.Parallelism})";

    /// <summary>The whole function, for hashes made elsewhere, with the optional inputs of RFC 9106 for its test vector.</summary>
    internal static byte[] Derive(byte[] password, byte[] salt, PasswordCost cost, int length, byte[]? secret = null, byte[]? associatedData = null)
    {
        using var argon = new Konscious.Security.Cryptography.Argon2id(password)
        {
            Salt = salt,
            MemorySize = cost.MemoryKiB,
            Iterations = cost.Iterations,
            DegreeOfParallelism = cost.Parallelism,
            KnownSecret = secret,
            AssociatedData = associatedData,
        };
        return argon.GetBytes(length);
    }

    // Libsodium is five times as fast, and knows one lane and salts of 16 bytes only: what is made here is like that.
    private static byte[] Derive(string password, byte[] salt, PasswordCost cost, int length)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        if (cost.Parallelism != 1 || salt.Length != SaltBytes)
            return Derive(bytes, salt, cost, length);
        var parameters = new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = cost.MemoryKiB, NumberOfPasses = cost.Iterations };
        return PasswordBasedKeyDerivationAlgorithm.Argon2id(parameters).DeriveBytes(bytes, salt, length);
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static bool TryDecode(string text, int least, int most, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        if (!Convert.TryFromBase64String(padded, bytes, out var length) || length < least || length > most)
        {
            return false;
        }

        bytes = bytes[..length];
        return true;
    }

    [GeneratedRegex(@"^\$argon2id\$v=19\$m=(?<m>[0-9]{1,9}),t=(?<t>[0-9]{1,9}),p=(?<p>[0-9]{1,9})\$(?<salt>[A-Za-z0-9+/]{1,200})\$(?<hash>[A-Za-z0-9+/]{1,200})\z")]
    private static partial Regex PhcFormat();
}

/// <summary>Stores a <see cref="PasswordHash"/> as its PHC string.</summary>
internal sealed class PasswordHashJson : JsonConverter<PasswordHash>
{
    /// <inheritdoc/>
    public override PasswordHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PasswordHash.TryParse(reader.GetString() ?? "", out var hash, out var error) ? hash : throw new JsonException(error);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PasswordHash value, JsonSerializerOptions options) => writer.WriteStringValue(value.Phc);
}
