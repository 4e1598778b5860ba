using System.Globalization;
using System.Net;

namespace ActorLogArchive.Ftp.Client.Parsing;

/// <summary>Reads where the server listens from its answers to EPSV and PASV.</summary>
internal static class FtpPassiveReply
{
    /// <summary>Reads the port of <c>229 … (|||6446|)</c> (RFC 2428, section 3); the delimiter may be any character.</summary>
    public static bool TryParseExtended(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        var open = text.IndexOf('(');
        if (open < 0 || text.Length < open + 6)
        {
            return false;
        }

        var inner = text[(open + 1)..];
        var delimiter = inner[0];
        if (char.IsAsciiDigit(delimiter) || inner[1] != delimiter || inner[2] != delimiter)
        {
            return false;
        }

        var digits = inner[3..];
        var end = digits.IndexOf(delimiter);
        return end > 0 && TryParsePort(digits[..end], out port);
    }

    /// <summary>Reads <c>227 … (h1,h2,h3,h4,p1,p2)</c> (RFC 1123, section 4.1.2.6: the six numbers are to be searched for).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPEndPoint endPoint)
    {
        endPoint = null!;
        Span<byte> numbers = stackalloc byte[6];
        for (var start = 0; start < text.Length; start++)
        {
            if (!char.IsAsciiDigit(text[start]) || (start > 0 && char.IsAsciiDigit(text[start - 1])))
            {
                continue;
            }

            if (TryReadSix(text[start..], numbers))
            {
                var port = (numbers[4] << 8) | numbers[5];
                if (port == 0)
                {
                    return false;
                }

                endPoint = new IPEndPoint(new IPAddress(numbers[..4]), port);
                return true;
            }
        }

        return false;
    }

    private static bool TryReadSix(ReadOnlySpan<char> text, Span<byte> numbers)
    {
        var position = 0;
        for (var index = 0; index < numbers.Length; index++)
        {
            if (index > 0 && (position >= text.Length || text[position++] != ','))
            {
                return false;
            }

            var start = position;
            while (position < text.Length && char.IsAsciiDigit(text[position]) && position - start < 4)
            {
                position++;
            }

            if (!byte.TryParse(text[start..position], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[index]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryParsePort(ReadOnlySpan<char> digits, out int port) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
