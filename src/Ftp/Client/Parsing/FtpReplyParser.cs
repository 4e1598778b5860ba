using System.Text;

namespace ActorLogArchive.Ftp.Client.Parsing;

/// <summary>Reads replies (RFC 959, section 4.2) out of received bytes.</summary>
internal static class FtpReplyParser
{
    /// <summary>Longest reply taken, all lines together, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    private const int CodeLength = 3;

    /// <summary>Reads the reply that <paramref name="data"/> begins with.</summary>
    /// <param name="data">What was received so far.</param>
    /// <param name="lineEnding">What ends a line here.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="consumed">Its length in bytes.</param>
    /// <returns>False when its end was not received yet.</returns>
    /// <exception cref="FormatException">It is no reply, or too long.</exception>
    public static bool TryParse(ReadOnlySpan<byte> data, FtpLineEnding lineEnding, out FtpReply reply, out int consumed)
    {
        reply = null!;
        consumed = 0;
        if (!FtpLines.TryRead(data, lineEnding, out var line, out var position))
        {
            return RefuseWhenTooLong(data);
        }

        if (!TryReadCode(line, out var code) || (line.Length > CodeLength && line[CodeLength] is not ((byte)' ' or (byte)'-')))
        {
            throw new FormatException($"'{Excerpt(line)}' is not an FTP reply");
        }

        if (line.Length == CodeLength || line[CodeLength] == (byte)' ')
        {
            reply = new FtpReply(code, TextAfterCode(line));
            consumed = position;
            return position <= MaxLength || RefuseWhenTooLong(data);
        }

        // A multi-line reply goes on until a line that starts with the same code and a space.
        var text = new StringBuilder(TextAfterCode(line));
        while (FtpLines.TryRead(data[position..], lineEnding, out line, out var length))
        {
            position += length;
            var sameCode = TryReadCode(line, out var lineCode) && lineCode == code;
            var isLast = sameCode && (line.Length == CodeLength || line[CodeLength] == (byte)' ');
            var isPrefixed = sameCode && line.Length > CodeLength && line[CodeLength] == (byte)'-';
            text.Append('\n').Append(isLast || isPrefixed ? TextAfterCode(line) : Encoding.UTF8.GetString(line));
            if (isLast)
            {
                reply = new FtpReply(code, text.ToString());
                consumed = position;
                return position <= MaxLength || RefuseWhenTooLong(data);
            }
        }

        return RefuseWhenTooLong(data);
    }

    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code)
    {
        code = 0;
        if (line.Length < CodeLength || line[0] is < (byte)'1' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
        {
            return false;
        }

        code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        return true;
    }

    private static string TextAfterCode(ReadOnlySpan<byte> line) =>
        line.Length <= CodeLength + 1 ? "" : Encoding.UTF8.GetString(line[(CodeLength + 1)..]);

    private static bool RefuseWhenTooLong(ReadOnlySpan<byte> data) => data.Length <= MaxLength
        ? false
        : throw new FormatException($"a reply longer than {MaxLength} bytes, beginning '{Excerpt(data)}'");

    private static string Excerpt(ReadOnlySpan<byte> data) =>
        PrintableText.Of(Encoding.UTF8.GetString(data[..Math.Min(data.Length, 80)]));
}
