using System.Globalization;

namespace ActorLogArchive.Web.Views;

/// <summary>Figures and times as people read them.</summary>
public static class Format
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>A size: <c>0 B</c>, <c>1.5 KiB</c>, <c>23 MiB</c>.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        var value = Math.Abs(bytes);
        while (value >= 1023.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var digits = unit == 0 || value >= 99.95 ? "0" : "0.0";
        return $"{(bytes < 0 ? "-" : "")}{value.ToString(digits, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A speed: <c>1.5 MiB/s</c>; a dash when nothing moves.</summary>
    public static string Rate(double bytesPerSecond) => bytesPerSecond < 1 ? "–" : $"{Bytes(bytesPerSecond)}/s";

    /// <summary>A speed limit, where 0 means none.</summary>
    public static string Limit(long bytesPerSecond) => bytesPerSecond <= 0 ? "unlimited" : $"{Bytes(bytesPerSecond)}/s";

    /// <summary>A count with separators: <c>12,345</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: <c>1 file</c>, <c>2 files</c>.</summary>
    public static string Count(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>How long something takes or lasts, in its largest unit: <c>12 s</c>, <c>3 min</c>, <c>5 h</c>, <c>2 d</c>.</summary>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalSeconds: < 60 } => $"{(int)duration.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)duration.TotalMinutes} min",
        { TotalHours: < 48 } => $"{(int)duration.TotalHours} h",
        _ => Count((long)duration.TotalDays) + " d",
    };

    /// <summary>How long ago a moment is: <c>now</c>, <c>12 s ago</c>; a moment ahead, by a clock that differs, counts as now.</summary>
    public static string Age(DateTimeOffset? moment, DateTimeOffset now) => moment switch
    {
        null => "–",
        { } at when now - at < TimeSpan.FromSeconds(2) => "now",
        { } at => $"{Duration(now - at)} ago",
    };

    /// <summary>A moment in a time zone: <c>2026-11-23 10:22:31</c>.</summary>
    public static string Time(DateTimeOffset? moment, TimeZoneInfo zone) =>
        moment is { } at ? TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "–";

    /// <summary>A name or text from outside with its control characters made visible, so that it cannot break a line or hide.</summary>
    public static string Visible(string text)
    {
        if (!text.Any(IsHidden))
            return text;

        return string.Create(text.Length, text, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                target[i] = source[i] < ' ' ? (char)('\u2400' + source[i]) : IsHidden(source[i]) ? '\uFFFD' : source[i];
        });
    }

    // Control characters, and the marks that turn the direction of writing and can make gpj.exe read as exe.jpg.
    private static bool IsHidden(char c) =>
        char.IsControl(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F';
}
