using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorLogArchive.Actors;

/// <summary>Names under which older content stays: <c>app.log</c> becomes <c>app.~20240723T111325Z~.log</c>.</summary>
internal static partial class VersionName
{
    /// <summary>The name of the file that a name is a version of; null when it is none.</summary>
    /// <remarks>A name that was cut to fit gives a cut name back.</remarks>
    public static string? OriginalOf(string name) => name.Contains(".~", StringComparison.Ordinal) && Form().Match(name) is { Success: true } match ? match.Groups[1].Value + match.Groups[2].Value : null;

    /// <summary>Whether a path ends in the name of a version.</summary>
    public static bool IsOne(string path) => path.Contains(".~", StringComparison.Ordinal) && OriginalOf(path[(path.LastIndexOf('/') + 1)..]) is not null;

    [GeneratedRegex(@"\A(.+)\.~\d{8}T\d{6}Z(?:-\d{1,6})?~(\.[^.]*)?\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Form();

    // The limit of the common Linux file systems.
    private const int MaxNameBytes = 255;

    /// <summary>The name for content first archived at <paramref name="firstArchived"/>: at most 255 bytes, of a longer one the stem is cut.</summary>
    /// <param name="name">Its name now.</param>
    /// <param name="firstArchived">Part of the name, UTC, in seconds.</param>
    /// <param name="number">1 at first, more when the name is taken.</param>
    public static string Of(string name, DateTimeOffset firstArchived, int number)
    {
        // A leading dot is no extension: .bashrc becomes .bashrc.~…~
        var dot = name.LastIndexOf('.');
        var (stem, ending) = dot > 0 ? (name[..dot], name[dot..]) : (name, "");
        var counter = number > 1 ? string.Create(CultureInfo.InvariantCulture, $"-{number}") : "";
        var stamp = firstArchived.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var tail = $".~{stamp}{counter}~{ending}";
        while (stem.Length > 0 && Encoding.UTF8.GetByteCount(stem) + Encoding.UTF8.GetByteCount(tail) > MaxNameBytes)
        {
            stem = stem[..^(stem.Length > 1 && char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        }

        return stem + tail;
    }
}
