using System.Text;
using System.Text.RegularExpressions;

namespace ActorLogArchive.Search.Tests;

/// <summary>Lines and matches found the plain way, for comparison.</summary>
public static class PlainLines
{
    public static IReadOnlyList<string> Of(byte[] content)
    {
        var lines = new List<string>();
        for (var start = 0; start < content.Length;)
        {
            var end = Array.IndexOf(content, (byte)'\n', start);
            if (end < 0) end = content.Length;
            var line = Encoding.UTF8.GetString(content, start, end - start);
            lines.Add(line.EndsWith('\r') ? line[..^1] : line);
            start = end + 1;
        }

        return lines;
    }

    public static IReadOnlyList<MatchSpan>? Matches(string line, ContentQuery query)
    {
        if (query.Kind == PatternKind.Regex)
        {
            var found = Regex.Matches(line, query.Pattern, RegexOptions.CultureInvariant | (query.IgnoreCase ? RegexOptions.IgnoreCase : 0));
            return found.Count == 0 ? null : [.. found.Where(m => m.Length > 0).Select(m => new MatchSpan(m.Index, m.Length))];
        }

        var spans = new List<MatchSpan>();
        for (var i = 0; i + query.Pattern.Length <= line.Length;)
        {
            var isMatch = string.Compare(line, i, query.Pattern, 0, query.Pattern.Length, query.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal) == 0;
            var end = i + query.Pattern.Length;
            if (isMatch && query.Kind == PatternKind.Word) isMatch = (i == 0 || !IsWord(line[i - 1])) && (end == line.Length || !IsWord(line[end]));
            if (isMatch) spans.Add(new(i, query.Pattern.Length));
            i = isMatch ? end : i + 1;
        }

        return spans.Count == 0 ? null : spans;
    }

    private static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c);
}
