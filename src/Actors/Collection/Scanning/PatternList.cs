namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Patterns in order. One that begins with <c>!</c> takes files back out of the list; of those that match, the last one decides,
/// as in .gitignore.
/// </summary>
internal sealed class PatternList
{
    private const string Everything = "**/*";
    private readonly (string Text, Glob Glob, bool TakesOut)[] _patterns;
    private readonly bool _hasTakers;

    /// <param name="patterns">Patterns known to be valid.</param>
    /// <param name="ignoreCase">Overrides the operating system's rule.</param>
    public PatternList(IReadOnlyList<string> patterns, bool? ignoreCase = null)
    {
        _patterns = [.. patterns.Select(text => (text, Glob.Parse(Bare(text), ignoreCase), TakesOut(text)))];
        _hasTakers = _patterns.Any(pattern => pattern.TakesOut);
    }

    /// <summary>Include patterns: a list that only takes out takes out of everything.</summary>
    public static PatternList Include(IReadOnlyList<string> patterns, bool? ignoreCase = null) =>
        new(patterns.Count > 0 && TakesOut(patterns[0]) ? [Everything, .. patterns] : patterns, ignoreCase);

    /// <summary>What is wrong with a pattern; null when nothing is.</summary>
    public static string? Check(string pattern) => Glob.TryParse(Bare(pattern), out _, out var error) ? null : error;

    /// <summary>The pattern that decides on a path; null when none matches.</summary>
    public (string Text, bool IsIn)? Decide(string path)
    {
        for (var i = _patterns.Length - 1; i >= 0; i--)
        {
            if (_patterns[i].Glob.IsMatch(path))
                return (_patterns[i].Text, !_patterns[i].TakesOut);
        }

        return null;
    }

    /// <summary>Whether the path is in the list.</summary>
    public bool Has(string path) => Decide(path) is { IsIn: true };

    /// <summary>The pattern that has everything below a folder in the list; null when single files may be out.</summary>
    public string? AllBelow(string folder)
    {
        if (_hasTakers)
            return null;
        foreach (var pattern in _patterns)
        {
            if (pattern.Glob.MatchesAllBelow(folder))
                return pattern.Text;
        }

        return null;
    }

    private static bool TakesOut(string pattern) => pattern.StartsWith('!');

    private static string Bare(string pattern) => TakesOut(pattern) ? pattern[1..] : pattern;
}
