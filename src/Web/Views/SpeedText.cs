namespace ActorLogArchive.Web.Views;

/// <summary>Speed limits as people type them: as <see cref="QuotaText"/>, with or without <c>/s</c>.</summary>
public static class SpeedText
{
    /// <summary>What is accepted, for a field's hint.</summary>
    public const string Hint = "e.g. 500 KiB/s or 2 MiB/s; empty for unlimited";

    private const string PerSecond = "/s";

    /// <summary>Reads a limit in bytes per second; empty, 0 and <c>unlimited</c> give 0.</summary>
    public static bool TryParse(string? text, out long bytesPerSecond)
    {
        var wanted = (text ?? "").Trim();
        return QuotaText.TryParse(wanted.EndsWith(PerSecond, StringComparison.OrdinalIgnoreCase) ? wanted[..^PerSecond.Length] : wanted, out bytesPerSecond);
    }

    /// <summary>A limit as <see cref="TryParse"/> reads it back, without loss.</summary>
    public static string Write(long bytesPerSecond) => bytesPerSecond > 0 ? SizeText.Write(bytesPerSecond) + PerSecond : "";
}
