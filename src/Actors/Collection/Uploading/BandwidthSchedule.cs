using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>A part of the week with a bandwidth of its own.</summary>
/// <param name="Days">Days on which it begins; by <see cref="DayOfWeek"/>, one bit each.</param>
/// <param name="From">When it begins, on the clock of the wall.</param>
/// <param name="To">When it ends: on the next day when that is not after <paramref name="From"/>.</param>
/// <param name="BytesPerSecond">What is allowed; null for any number.</param>
public sealed record BandwidthWindow(int Days, TimeSpan From, TimeSpan To, long? BytesPerSecond)
{
    /// <summary>Whether a local time lies in it.</summary>
    public bool Contains(DateTime local)
    {
        var time = local.TimeOfDay;
        if (From < To)
            return BeginsOn(local.DayOfWeek) && time >= From && time < To;

        // Over midnight: the early hours belong to the evening before.
        return (BeginsOn(local.DayOfWeek) && time >= From) || (BeginsOn(local.AddDays(-1).DayOfWeek) && time < To);
    }

    private bool BeginsOn(DayOfWeek day) => (Days & (1 << (int)day)) != 0;
}

/// <summary>
/// How many bytes per second uploads may take, by the local time of the node. When the clocks are changed, the clock of
/// the wall counts: an hour that comes twice counts twice.
/// </summary>
/// <param name="Otherwise">Outside all windows; null for any number.</param>
/// <param name="Windows">The first one that holds the time counts.</param>
public sealed record BandwidthSchedule(long? Otherwise, IReadOnlyList<BandwidthWindow> Windows)
{
    /// <summary>Least limit, bytes per second: below it, transfers would look as if they stood still.</summary>
    public const long LeastRate = 1000;

    private const int AllDays = 0b111_1111;

    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>No limit at any time.</summary>
    public static BandwidthSchedule Unlimited { get; } = new(null, []);

    /// <summary>What is allowed at a local time; null for any number.</summary>
    public long? RateAt(DateTime local)
    {
        foreach (var window in Windows)
        {
            if (window.Contains(local))
                return window.BytesPerSecond;
        }

        return Otherwise;
    }

    /// <summary>Reads <c>unlimited</c>, or a rate such as <c>2MB/s</c>, <c>500 KB/s</c> or <c>1.5MiB/s</c>.</summary>
    /// <param name="text">What to read.</param>
    /// <param name="rate">Bytes per second; null for any number.</param>
    /// <param name="error">What is wrong, when it cannot be read.</param>
    public static bool TryParseRate(string text, out long? rate, [NotNullWhen(false)] out string? error)
    {
        (rate, error) = (null, null);
        var word = text.Trim();
        if (word.Equals("unlimited", StringComparison.OrdinalIgnoreCase))
            return true;

        var digits = word.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        long? unit = word[digits..].Trim().ToUpperInvariant() switch
        {
            "B/S" => 1,
            "KB/S" => 1000,
            "MB/S" => 1000_000,
            "GB/S" => 1000_000_000,
            "KIB/S" => 1L << 10,
            "MIB/S" => 1L << 20,
            "GIB/S" => 1L << 30,
            _ => null,
        };
        if (unit is null || !decimal.TryParse(word[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1_000_000)
        {
            error = "the word unlimited, or a rate such as 2MB/s or 500KB/s (B, KB, MB, GB, KiB, MiB, GiB), is allowed";
            return false;
        }

        rate = (long)(number * unit.Value);
        if (rate >= LeastRate)
            return true;
        error = "a rate below 1KB/s is not allowed; to stop uploads, pause the agent";
        return false;
    }

    /// <summary>Reads a window: <c>22:00-06:00 = unlimited</c>, <c>Mon-Fri 08:00-18:00 = 500KB/s</c>, <c>Sat,Sun 00:00-24:00 = 5MB/s</c>.</summary>
    /// <param name="text">What to read.</param>
    /// <param name="window">The window.</param>
    /// <param name="error">What is wrong, when it cannot be read.</param>
    public static bool TryParseWindow(string text, [NotNullWhen(true)] out BandwidthWindow? window, [NotNullWhen(false)] out string? error)
    {
        window = null;
        var halves = text.Split('=');
        var words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (halves.Length != 2 || words.Length is 0 or > 2)
        {
            error = "DAYS HH:MM-HH:MM = RATE is allowed, such as 'Mon-Fri 08:00-18:00 = 500KB/s'; without days it is every day";
            return false;
        }

        var days = AllDays;
        if (words.Length == 2 && !TryParseDays(words[0], out days))
        {
            error = $"'{words[0]}' names no days; Mon, Tue, Wed, Thu, Fri, Sat, Sun, with commas and from-to, such as Mon-Wed,Sat, are allowed";
            return false;
        }

        if (words[^1].Split('-') is not [var first, var second] || !TryParseTime(first, out var from) || !TryParseTime(second, out var to))
        {
            error = $"'{words[^1]}' is no span of time; HH:MM-HH:MM from 00:00 to 24:00 is allowed";
            return false;
        }

        if (from == to || from == TimeSpan.FromDays(1))
        {
            error = $"'{words[^1]}' is no span of time; the whole day is 00:00-24:00";
            return false;
        }

        if (!TryParseRate(halves[1], out var rate, out error))
            return false;
        window = new BandwidthWindow(days, from, to, rate);
        return true;
    }

    private static bool TryParseDays(string text, out int days)
    {
        days = 0;
        foreach (var part in text.ToLowerInvariant().Split(','))
        {
            var ends = part.Split('-');
            var (first, last) = (Array.IndexOf(Days, ends[0]), Array.IndexOf(Days, ends[^1]));
            if (ends.Length > 2 || first < 0 || last < 0)
                return false;
            for (var day = first; ; day = (day + 1) % 7)
            {
                days |= 1 << day;
                if (day == last)
                    break;
            }
        }

        return true;
    }

    private static bool TryParseTime(string text, out TimeSpan time)
    {
        if (text == "24:00")
        {
            time = TimeSpan.FromDays(1);
            return true;
        }

        return TimeSpan.TryParseExact(text, @"hh\:mm", CultureInfo.InvariantCulture, out time);
    }
}
