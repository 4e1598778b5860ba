using System.Globalization;

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>Times as <c>YYYYMMDDHHMMSS[.sss]</c>, UTC (RFC 3659, section 2.3).</summary>
public static class FtpTime
{
    private static readonly string[] Formats = ["yyyyMMddHHmmss", "yyyyMMddHHmmss.f", "yyyyMMddHHmmss.ff", "yyyyMMddHHmmss.fff"];

    /// <summary>Writes a time to the second.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    /// <summary>Reads a time.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
