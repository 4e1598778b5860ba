using System.Globalization;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client.Parsing;

/// <summary>Reads lines of MLSD and MLST (RFC 3659, section 7): <c>type=file;size=3;modify=20260101000000; name</c>.</summary>
internal static class FtpFactsParser
{
    /// <summary>Reads one line of MLSD.</summary>
    /// <returns>Null for the folder itself, its parent, and anything that is no entry.</returns>
    public static FtpListItem? ParseEntry(ReadOnlySpan<char> line)
    {
        // The name starts after the first space: facts hold none (section 7.2).
        var space = line.IndexOf(' ');
        if (space < 0)
        {
            return null;
        }

        var facts = line[..space];
        var name = line[(space + 1)..].ToString();
        if (facts.Contains(FtpText.EncodedNameFact, StringComparison.OrdinalIgnoreCase))
        {
            name = FtpText.PercentDecode(name);
        }

        return FtpListItem.IsName(name) && ReadFacts(facts, out var isSelf) is { } item && !isSelf ? item with { Name = name } : null;
    }

    /// <summary>Reads the facts of the text of a 250 reply to MLST; the name of the result is empty.</summary>
    public static FtpListItem? ParseReply(string text)
    {
        foreach (var line in text.Split('\n').Skip(1))
        {
            var facts = line.AsSpan().TrimStart(' ');
            var space = facts.IndexOf(' ');
            if (space > 0 && facts[..space].Contains('='))
            {
                return ReadFacts(facts[..space], out _);
            }
        }

        return null;
    }

    /// <summary>Reads <c>YYYYMMDDHHMMSS[.sss]</c>, UTC (RFC 3659, section 2.3).</summary>
    public static DateTimeOffset? ParseTime(ReadOnlySpan<char> text)
    {
        var point = text.IndexOf('.');
        var seconds = point < 0 ? text : text[..point];
        if (seconds.Length != 14 || !DateTimeOffset.TryParseExact(
            seconds, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return null;
        }

        return point >= 0 && text.Length <= point + 10 && int.TryParse(text[(point + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var fraction)
            ? time.AddTicks((long)(fraction * Math.Pow(10, 7 - (text.Length - point - 1))))
            : time;
    }

    private static FtpListItem? ReadFacts(ReadOnlySpan<char> facts, out bool isSelf)
    {
        isSelf = false;
        var isDirectory = false;
        long size = 0;
        DateTimeOffset? modified = null;
        var known = false;
        foreach (var range in facts.Split(';'))
        {
            var fact = facts[range];
            var equals = fact.IndexOf('=');
            if (equals <= 0)
            {
                continue;
            }

            var name = fact[..equals];
            var value = fact[(equals + 1)..];
            if (name.Equals("type", StringComparison.OrdinalIgnoreCase))
            {
                known = true;
                isSelf = value.Equals("cdir", StringComparison.OrdinalIgnoreCase) || value.Equals("pdir", StringComparison.OrdinalIgnoreCase);
                isDirectory = isSelf || value.Equals("dir", StringComparison.OrdinalIgnoreCase);
            }
            else if (name.Equals("size", StringComparison.OrdinalIgnoreCase))
            {
                known |= long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out size);
            }
            else if (name.Equals("modify", StringComparison.OrdinalIgnoreCase))
            {
                modified = ParseTime(value);
            }
        }

        return known || modified is not null ? new FtpListItem("", isDirectory, isDirectory ? 0 : size, modified) : null;
    }
}
