using System.Globalization;

namespace ActorLogArchive.Web.Views;

/// <summary>Quotas of bytes as people type them: as <see cref="SpeedText"/>, without the time.</summary>
public static class QuotaText
{
    /// <summary>What is accepted, for a field's hint.</summary>
    public const string Hint = "e.g. 500 MiB or 20 GiB; empty for unlimited";

    private const long TiB = 1L << 40;

    /// <summary>Reads a size in bytes; empty, 0 and <c>unlimited</c> give 0.</summary>
    public static bool TryParse(string? text, out long bytes)
    {
        var wanted = (text ?? "").Trim();
        if (wanted.EndsWith("TiB", StringComparison.OrdinalIgnoreCase)
            && decimal.TryParse(wanted[..^3], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var tib)
            && tib < 1_000_000)
        {
            bytes = (long)(tib * TiB);
            return true;
        }

        bytes = 0;
        return !wanted.EndsWith("/s", StringComparison.OrdinalIgnoreCase) && SpeedText.TryParse(wanted, out bytes);
    }

    /// <summary>A size as <see cref="TryParse"/> reads it back, without loss.</summary>
    public static string Write(long bytes) => bytes > 0 && bytes % TiB == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / TiB} TiB")
        : SpeedText.Write(bytes).Replace("/s", "", StringComparison.Ordinal);
}
