using System.Text;

namespace ActorLogArchive.Search;

/// <summary>Cuts lines to what is shown of them.</summary>
internal static class ShownLine
{
    private const char Ellipsis = '…';

    /// <summary>The beginning of a line that is still in bytes, cut to <paramref name="maxLength"/> characters.</summary>
    public static string Beginning(ReadOnlySpan<byte> line, in TextFormat format, int maxLength)
    {
        // Three bytes of UTF-8, or two of UTF-16, are the most that a character takes; a little more lets the cut be seen.
        var enough = (maxLength + 2) * (format.UnitSize == 1 ? 3 : 2);
        var text = format.Decode(line.Length > enough ? line[..enough] : line);
        return Cut(text, maxLength);
    }

    /// <summary>The beginning of a text, with an ellipsis as its last character where it was cut.</summary>
    public static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength) return text;
        var end = maxLength - 1;
        if (end > 0 && char.IsHighSurrogate(text[end - 1])) end--;
        return string.Concat(text.AsSpan(0, end), [Ellipsis]);
    }

    /// <summary>The part of a line around its first match, and the matches that are seen in it.</summary>
    public static (string Line, IReadOnlyList<MatchSpan> Matches) Around(ReadOnlySpan<char> line, IReadOnlyList<MatchSpan> matches, int maxLength)
    {
        if (line.Length <= maxLength) return (line.ToString(), matches);
        var first = matches.Count > 0 ? matches[0] : default;
        var lead = Math.Max(0, (maxLength - first.Length) / 2);
        var start = Math.Clamp(first.Start - lead, 0, line.Length - maxLength);
        var end = start + maxLength;
        // An ellipsis takes the place of the outermost character on a side that was cut, and of both halves of a pair.
        var from = start == 0 ? 0 : start + 1;
        var to = end == line.Length ? end : end - 1;
        if (from > 0 && from < to && char.IsLowSurrogate(line[from])) from++;
        if (to < line.Length && to > from && char.IsHighSurrogate(line[to - 1])) to--;
        var shown = new StringBuilder(maxLength);
        if (from > 0) shown.Append(Ellipsis);
        shown.Append(line[from..to]);
        if (to < line.Length) shown.Append(Ellipsis);
        return (shown.ToString(), Seen(matches, from, to, from > 0 ? 1 : 0));
    }

    private static List<MatchSpan> Seen(IReadOnlyList<MatchSpan> matches, int from, int to, int shift)
    {
        var seen = new List<MatchSpan>();
        foreach (var match in matches)
        {
            var (start, end) = (Math.Max(match.Start, from), Math.Min(match.Start + match.Length, to));
            if (start < end) seen.Add(new(start - from + shift, end - start));
        }

        return seen;
    }
}
