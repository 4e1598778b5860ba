using System.Globalization;

namespace ActorLogArchive.Ftp.Client.Parsing;

/// <summary>
/// Reads lines of LIST, whose form no standard fixes: that of <c>ls -l</c>, and that of Windows servers. A time is taken
/// as UTC, as there is no way to know the server's zone.
/// </summary>
internal static class FtpListParser
{
    private const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";

    /// <summary>Reads one line.</summary>
    /// <returns>Null for <c>total 12</c>, the folder itself, devices, and anything that is no entry.</returns>
    public static FtpListItem? ParseEntry(ReadOnlySpan<char> line, DateTimeOffset now)
    {
        if (line.Length == 0)
        {
            return null;
        }

        var item = char.IsAsciiDigit(line[0]) ? ParseWindows(line) : ParseUnix(line, now);
        return item is not null && FtpListItem.IsName(item.Name) ? item : null;
    }

    /// <summary><c>-rw-r--r-- 1 owner group 589 Apr 14 15:47 name</c>, or with a year or an ISO date in place of the time.</summary>
    private static FtpListItem? ParseUnix(ReadOnlySpan<char> line, DateTimeOffset now)
    {
        var kind = line[0];
        if (kind is not ('-' or 'd' or 'l') || line.Length < 20)
        {
            return null;
        }

        // Owner and group may be missing or hold spaces; a size followed by a date is what can be relied on.
        var size = default(ReadOnlySpan<char>);
        var position = 0;
        while (TryReadWord(line, ref position, out var word))
        {
            if (IsNumber(size) && TryReadDate(line, word, position, now, out var modified, out var nameStart))
            {
                var name = line[nameStart..];
                var arrow = kind == 'l' ? name.IndexOf(" -> ") : -1;
                var isDirectory = kind == 'd';
                return long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                    ? new FtpListItem((arrow > 0 ? name[..arrow] : name).ToString(), isDirectory, isDirectory ? 0 : bytes, modified)
                    : null;
            }

            size = word;
        }

        return null;
    }

    /// <summary><c>04-14-26  03:47PM  589 name</c> or <c>04-14-2026  15:47  &lt;DIR&gt;          name</c>.</summary>
    private static FtpListItem? ParseWindows(ReadOnlySpan<char> line)
    {
        var position = 0;
        if (!TryReadWord(line, ref position, out var date) || !TryReadWord(line, ref position, out var time) || !TryReadWord(line, ref position, out var size))
        {
            return null;
        }

        if (!DateTimeOffset.TryParseExact(
            $"{date} {time}",
            ["MM-dd-yy hh:mmtt", "MM-dd-yyyy hh:mmtt", "MM-dd-yy HH:mm", "MM-dd-yyyy HH:mm", "yyyy-MM-dd HH:mm"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var modified))
        {
            return null;
        }

        if (size.Equals("<DIR>", StringComparison.OrdinalIgnoreCase))
        {
            // The name stands in a column of its own, ten spaces after <DIR>; further ones belong to it.
            var start = position;
            while (start < line.Length && start - position < 10 && line[start] == ' ')
            {
                start++;
            }

            return start > position ? new FtpListItem(line[start..].ToString(), true, 0, modified) : null;
        }

        return position < line.Length && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? new FtpListItem(line[(position + 1)..].ToString(), false, bytes, modified)
            : null;
    }

    /// <summary>Reads the date that begins with <paramref name="word"/> and goes on at <paramref name="position"/>.</summary>
    private static bool TryReadDate(
        ReadOnlySpan<char> line, ReadOnlySpan<char> word, int position, DateTimeOffset now, out DateTimeOffset? modified, out int nameStart)
    {
        modified = null;
        nameStart = 0;
        if (!TryReadWord(line, ref position, out var second))
        {
            return false;
        }

        if (word.Length == 10 && word[4] == '-')
        {
            modified = DateTimeOffset.TryParseExact(
                $"{word} {second}", "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var iso) ? iso : null;
        }
        else if (ReadMonth(word) is { } month && TryReadWord(line, ref position, out var third)
            && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var day))
        {
            modified = ReadTimeOrYear(third, month, day, now);
        }

        nameStart = position + 1;
        return modified is not null && nameStart <= line.Length;
    }

    private static DateTimeOffset? ReadTimeOrYear(ReadOnlySpan<char> text, int month, int day, DateTimeOffset now)
    {
        if (TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            // `ls` leaves the year out for the last six months: it is the latest that does not lie in the future. A day is
            // allowed for clocks that differ, at New Year too.
            for (var recent = now.Year + 1; recent >= now.Year - 1; recent--)
            {
                if (MakeDate(recent, month, day, time) is { } date && date - now <= TimeSpan.FromDays(1))
                {
                    return date;
                }
            }

            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1900 and <= 9998
            ? MakeDate(year, month, day, default)
            : null;
    }

    private static DateTimeOffset? MakeDate(int year, int month, int day, TimeOnly time) =>
        year is >= 1 and <= 9999 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateTimeOffset(year, month, day, time.Hour, time.Minute, 0, TimeSpan.Zero)
            : null;

    private static int? ReadMonth(ReadOnlySpan<char> word)
    {
        Span<char> lower = stackalloc char[3];
        if (word.Length != 3 || word.ToLowerInvariant(lower) != 3)
        {
            return null;
        }

        var index = Months.AsSpan().IndexOf(lower);
        return index >= 0 && index % 3 == 0 ? (index / 3) + 1 : null;
    }

    private static bool IsNumber(ReadOnlySpan<char> word) => word.Length > 0 && !word.ContainsAnyExceptInRange('0', '9');

    /// <summary>Reads the next word; <paramref name="position"/> is left at the space that ends it.</summary>
    private static bool TryReadWord(ReadOnlySpan<char> line, scoped ref int position, out ReadOnlySpan<char> word)
    {
        while (position < line.Length && line[position] == ' ')
        {
            position++;
        }

        var start = position;
        while (position < line.Length && line[position] != ' ')
        {
            position++;
        }

        word = line[start..position];
        return word.Length > 0;
    }
}
