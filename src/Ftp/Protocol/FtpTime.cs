using System.Globalization;

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>Times as <c>YYYYMMDDHHMMSS[.sss]</c>, UTC (RFC 3659, section 2.3).</summary>
public static class FtpTime
{
    private static readonly string[] Formats = ["yyyyMMddHHmmss", "yyyyMMddHHmmss.f", "yyyyMMddHHmmss.ff", "yyyyMMddHHmmss.fff"];

    /// <summary>Writes a time to the second.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    /// <summary>Writes a time to the second, as 14 ASCII digits.</summary>
    /// <returns>Their number.</returns>
    internal static int Write(DateTimeOffset time, Span<byte> text)
    {
        var utc = time.UtcDateTime;
        utc.Deconstruct(out var year, out int month, out var day);
        WriteTwo(text, year / 100);
        WriteTwo(text[2..], year % 100);
        WriteTwo(text[4..], month);
        WriteTwo(text[6..], day);
        WriteTwo(text[8..], utc.Hour);
        WriteTwo(text[10..], utc.Minute);
        WriteTwo(text[12..], utc.Second);
        return 14;
    }

    /// <summary>Reads a time.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    private static void WriteTwo(Span<byte> text, int number)
    {
        text[0] = (byte)('0' + (number / 10));
        text[1] = (byte)('0' + (number % 10));
    }
}
