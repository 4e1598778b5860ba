using System.Globalization;

namespace ActorLogArchive.Web.Views;

/// <summary>Sizes as people type them: <c>500</c>, <c>10k</c>, <c>1.5 MiB</c>, <c>2 GB</c>; units are powers of 1024.</summary>
public static class SizeText
{
    private const string Units = "kmgt";

    /// <summary>Reads a size; null for what is none.</summary>
    public static long? Parse(string? text)
    {
        var trimmed = (text ?? "").Trim().ToLowerInvariant();
        foreach (var ending in (string[])["ib", "b"])
            trimmed = trimmed.EndsWith(ending, StringComparison.Ordinal) ? trimmed[..^ending.Length] : trimmed;
        var unit = trimmed.Length > 0 ? Units.IndexOf(trimmed[^1], StringComparison.Ordinal) + 1 : 0;
        var number = (unit > 0 ? trimmed[..^1] : trimmed).Trim();
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * Math.Pow(1024, unit) is >= 0 and < 9e18 and var bytes
            ? (long)bytes
            : null;
    }

    /// <summary>Writes a size so that <see cref="Parse"/> reads the same; null for none.</summary>
    public static string? Write(long? size)
    {
        if (size is not { } bytes)
            return null;
        var unit = 0;
        while (unit < Units.Length && bytes > 0 && bytes % 1024 == 0)
            (bytes, unit) = (bytes / 1024, unit + 1);
        return bytes.ToString(CultureInfo.InvariantCulture) + (unit == 0 ? "" : Units[unit - 1]);
    }
}
