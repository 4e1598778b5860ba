using System.Globalization;

namespace ActorLogArchive.Web.Views;

/// <summary>
/// Sizes as people type them: <c>500</c>, <c>10k</c>, <c>1.5 MiB</c>, <c>2 GB</c>. Letters alone and <c>KiB</c>, <c>MiB</c>, <c>GiB</c>, <c>TiB</c>
/// are powers of 1024, <c>kB</c>, <c>MB</c>, <c>GB</c>, <c>TB</c> powers of 1000.
/// </summary>
public static class SizeText
{
    private static readonly string[] Written = ["B", "KiB", "MiB", "GiB", "TiB"];

    private static readonly (string Unit, long Factor)[] Units =
    [
        ("kib", 1L << 10), ("mib", 1L << 20), ("gib", 1L << 30), ("tib", 1L << 40),
        ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
        ("k", 1L << 10), ("m", 1L << 20), ("g", 1L << 30), ("t", 1L << 40), ("b", 1), ("", 1),
    ];

    /// <summary>Reads a size in bytes; null for what is none.</summary>
    public static long? Parse(string? text)
    {
        var wanted = (text ?? "").Trim().ToLowerInvariant();
        var (unit, factor) = Units.First(candidate => wanted.EndsWith(candidate.Unit, StringComparison.Ordinal));
        return decimal.TryParse(wanted[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= (decimal)long.MaxValue / factor
            ? (long)(number * factor)
            : null;
    }

    /// <summary>A size as <see cref="Parse"/> reads it back, without loss; null for none.</summary>
    public static string? Write(long? size)
    {
        if (size is not { } bytes)
            return null;
        var unit = 0;
        while (unit < Written.Length - 1 && bytes > 0 && bytes % 1024 == 0)
            (bytes, unit) = (bytes / 1024, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes} {Written[unit]}");
    }
}
