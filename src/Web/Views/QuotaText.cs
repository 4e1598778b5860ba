namespace ActorLogArchive.Web.Views;

/// <summary>Quotas of bytes as people type them: a size, or nothing for no limit.</summary>
public static class QuotaText
{
    /// <summary>What is accepted, for a field's hint.</summary>
    public const string Hint = "e.g. 500 MiB or 20 GiB; empty for unlimited";

    /// <summary>Reads a size in bytes; empty, 0 and <c>unlimited</c> give 0.</summary>
    public static bool TryParse(string? text, out long bytes)
    {
        var wanted = (text ?? "").Trim();
        var size = wanted.Length == 0 || wanted.Equals("unlimited", StringComparison.OrdinalIgnoreCase) ? 0 : SizeText.Parse(wanted);
        bytes = size ?? 0;
        return size is not null;
    }

    /// <summary>A quota as <see cref="TryParse"/> reads it back, without loss.</summary>
    public static string Write(long bytes) => SizeText.Write(bytes > 0 ? bytes : null) ?? "";
}
