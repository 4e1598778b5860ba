using System.Security.Cryptography;
using System.Text;

namespace ActorLogArchive.Actors.Users.Web;

/// <summary>A token as it is shown, once, and what is kept of it.</summary>
/// <param name="Id">Names it, in lists and in its own text.</param>
/// <param name="Text"><c>ala_&lt;id&gt;_&lt;secret&gt;</c>, with 256 random bits.</param>
/// <param name="Hash">SHA-256 of the text: with so many random bits a slow hash would protect nothing more.</param>
public sealed record NewApiToken(string Id, string Text, string Hash)
{
    /// <summary>Text form without the secret.</summary>
    public override string ToString() => $"NewApiToken {{ Id = {Id} }}";
}

/// <summary>Secrets that the archive makes up itself for web accounts: API tokens and recovery codes.</summary>
public static class WebSecrets
{
    /// <summary>What every token begins with, so that scanners of leaked secrets know it.</summary>
    public const string TokenPrefix = "ala_";

    /// <summary>Recovery codes of an account.</summary>
    public const int RecoveryCodes = 10;

    private const string Characters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Makes a token.</summary>
    public static NewApiToken NewToken()
    {
        var id = RandomNumberGenerator.GetString(Characters, 10);
        var text = $"{TokenPrefix}{id}_{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 43)}";
        return new NewApiToken(id, text, Hash(text));
    }

    /// <summary>The id in a token's text; null when it is no token.</summary>
    public static string? IdOf(string text)
    {
        if (text.Length is < 20 or > 128 || !text.StartsWith(TokenPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var end = text.IndexOf('_', TokenPrefix.Length);
        return end < 0 ? null : text[TokenPrefix.Length..end];
    }

    /// <summary>Makes recovery codes such as <c>k3vx-9m2a-qp4t-h8wn</c>, 80 bits each.</summary>
    public static IReadOnlyList<string> NewRecoveryCodes() =>
        [.. Enumerable.Range(0, RecoveryCodes).Select(_ => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Characters, 4))))];

    /// <summary>What is kept of a token or a recovery code. Case and separators of a code that a person types do not count.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>What is kept of a recovery code, however it was typed.</summary>
    public static string HashOfCode(string code) => Hash(string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant());

    /// <summary>Compares two hashes in a time that tells nothing.</summary>
    public static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(one), Encoding.ASCII.GetBytes(other));
}
