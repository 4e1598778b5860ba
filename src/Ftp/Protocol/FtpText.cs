using System.Buffers;
using System.Text;

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>How text and file names travel on FTP connections (RFC 2640).</summary>
public static class FtpText
{
    /// <summary>
    /// The fact (RFC 3659, section 7.5: local facts begin with <c>X.</c>) that marks a listed name as percent-encoded,
    /// because it holds CR, LF or NUL and would break the line; <c>%</c> is encoded in such a name too.
    /// </summary>
    public const string EncodedNameFact = "X.name=percent";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SearchValues<char> LineBreakers = SearchValues.Create("\r\n\0");

    /// <summary>Reads UTF-8; bytes that are not UTF-8 come from an old client and are read as Latin-1.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return StrictUtf8.GetString(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    /// <summary>Whether <paramref name="text"/> would break a line: it holds CR, LF or NUL.</summary>
    public static bool BreaksLine(ReadOnlySpan<char> text) => text.ContainsAny(LineBreakers);

    /// <summary>The text with <c>?</c> for all that would break a line; for people, not for use as a name.</summary>
    public static string OnOneLine(string text) =>
        BreaksLine(text) ? text.Replace('\r', '?').Replace('\n', '?').Replace('\0', '?') : text;

    /// <summary>
    /// A path as the argument of a command: CR becomes CR NUL (RFC 2640, section 3.1), so that no name can end the line
    /// and begin another command. LF goes as it is: a line ends only in CRLF.
    /// </summary>
    public static string EscapeArgument(string path) => path.Replace("\r", "\r\0", StringComparison.Ordinal);

    /// <summary>Encodes a name that breaks lines, see <see cref="EncodedNameFact"/>.</summary>
    public static string PercentEncode(string name) => name
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal)
        .Replace("\0", "%00", StringComparison.Ordinal);

    /// <summary>Undoes <see cref="PercentEncode"/>.</summary>
    public static string PercentDecode(string name) => name
        .Replace("%0D", "\r", StringComparison.Ordinal)
        .Replace("%0A", "\n", StringComparison.Ordinal)
        .Replace("%00", "\0", StringComparison.Ordinal)
        .Replace("%25", "%", StringComparison.Ordinal);
}
