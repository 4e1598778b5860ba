using ActorLogArchive.Search;

namespace ActorLogArchive.Web.Views;

/// <summary>A stretch of a line, marked or not.</summary>
public readonly record struct LinePart(string Text, bool Marked);

/// <summary>Cuts lines into marked and unmarked stretches; pages write them out as text, never as markup.</summary>
public static class LineParts
{
    /// <summary>Cuts at given stretches, which may overlap or reach beyond the line.</summary>
    public static IReadOnlyList<LinePart> Cut(string line, IReadOnlyList<MatchSpan> matches)
    {
        var parts = new List<LinePart>();
        var at = 0;
        foreach (var match in matches.OrderBy(match => match.Start))
        {
            var start = Math.Clamp(match.Start, at, line.Length);
            var end = Math.Clamp(match.Start + match.Length, start, line.Length);
            if (end == start)
                continue;

            if (start > at)
                parts.Add(new LinePart(line[at..start], false));
            parts.Add(new LinePart(line[start..end], true));
            at = end;
        }

        if (at < line.Length)
            parts.Add(new LinePart(line[at..], false));
        return parts;
    }

    /// <summary>Cuts at every occurrence of a text, in any case.</summary>
    public static IReadOnlyList<LinePart> Cut(string line, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return line.Length == 0 ? [] : [new LinePart(line, false)];

        var matches = new List<MatchSpan>();
        for (var at = line.IndexOf(text, StringComparison.OrdinalIgnoreCase); at >= 0; at = line.IndexOf(text, at + text.Length, StringComparison.OrdinalIgnoreCase))
            matches.Add(new MatchSpan(at, text.Length));
        return Cut(line, matches);
    }
}
