namespace ActorLogArchive.Ftp.Client.Parsing;

/// <summary>Reads digests from the answers to HASH, XCRC and XSHA256.</summary>
internal static class FtpHashReply
{
    /// <summary>
    /// Finds the digest of <paramref name="digits"/> hexadecimal digits: <c>213 SHA-256 0-49 6a…f2 name</c> (HASH),
    /// <c>250 6A…F2</c> (X commands). The name, which comes last, may hold anything.
    /// </summary>
    /// <returns>The digest in lower case; null when there is none.</returns>
    public static string? FindDigest(ReadOnlySpan<char> text, int digits)
    {
        foreach (var range in text.Split(' '))
        {
            var word = text[range];
            if (word.Length == digits && IsHexadecimal(word))
            {
                return word.ToString().ToLowerInvariant();
            }

            // An X command may leave out the leading zeros of a CRC.
            if (digits == 8 && word.Length is > 0 and < 8 && text.Length == word.Length && IsHexadecimal(word))
            {
                return word.ToString().ToLowerInvariant().PadLeft(8, '0');
            }
        }

        return null;
    }

    private static bool IsHexadecimal(ReadOnlySpan<char> word)
    {
        foreach (var character in word)
        {
            if (!char.IsAsciiHexDigit(character))
            {
                return false;
            }
        }

        return true;
    }
}
