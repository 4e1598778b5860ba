using System.Globalization;

namespace ActorLogArchive.Web.Views;

/// <summary>Speed limits as people type them.</summary>
public static class SpeedText
{
    /// <summary>What is accepted, for a field's hint.</summary>
    public const string Hint = "e.g. 500 KiB/s or 2 MiB/s; empty for unlimited";

    private static readonly (string Unit, double Factor)[] Units =
    [
        ("kib", 1024), ("mib", 1024 * 1024), ("gib", 1024 * 1024 * 1024),
        ("kb", 1000), ("mb", 1000 * 1000), ("gb", 1000 * 1000 * 1000),
        ("k", 1024), ("m", 1024 * 1024), ("g", 1024 * 1024 * 1024), ("b", 1), ("", 1),
    ];

    /// <summary>Reads a limit in bytes per second; empty, 0 and <c>unlimited</c> give 0.</summary>
    public static bool TryParse(string? text, out long bytesPerSecond)
    {
        bytesPerSecond = 0;
        var wanted = (text ?? "").Trim().ToLowerInvariant();
        if (wanted.Length == 0 || wanted == "unlimited")
            return true;

        if (wanted.EndsWith("/s", StringComparison.Ordinal))
            wanted = wanted[..^2].TrimEnd();
        var (unit, factor) = Units.First(candidate => wanted.EndsWith(candidate.Unit, StringComparison.Ordinal));
        if (!double.TryParse(wanted[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number * factor > 1e15)
            return false;

        bytesPerSecond = (long)Math.Round(number * factor);
        return true;
    }

    /// <summary>A limit as <see cref="TryParse"/> reads it back, without loss.</summary>
    public static string Write(long bytesPerSecond)
    {
        if (bytesPerSecond <= 0)
            return "";

        foreach (var (unit, size) in new[] { ("GiB/s", 1L << 30), ("MiB/s", 1L << 20), ("KiB/s", 1L << 10) })
        {
            if (bytesPerSecond % size == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / size} {unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond} B/s");
    }
}
