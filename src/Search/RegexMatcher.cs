using System.Buffers;
using System.Text.RegularExpressions;

namespace ActorLogArchive.Search;

/// <summary>
/// Matches a regular expression in bounded time. A pattern that backtracks for too long on a line is tried there again by the
/// engine that does not backtrack; a pattern which that engine does not know (look-around, back references) is given up on.
/// </summary>
/// <remarks>
/// The engine without backtracking is not the first choice because it is slower, and because that of .NET 10 overlooks matches: it
/// does not find <c>a?b</c> in <c>aAb</c>.
/// </remarks>
internal sealed class RegexMatcher : LineMatcher
{
    /// <summary>Longest time that a look at one line may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Time for backtracking when there is another way.
    private static readonly TimeSpan ShortPatience = TimeSpan.FromMilliseconds(250);

    // After so many lines that backtracked for too long, the pattern is known for what it is.
    private const int MaxSlowLines = 4;

    private readonly Regex _regex;
    private readonly Regex? _linear;
    private int _slowLines;

    public RegexMatcher(string pattern, bool ignoreCase)
    {
        var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        _linear = TryWithoutBacktracking(pattern, options);
        _regex = new(pattern, options | RegexOptions.Compiled, _linear is null ? Patience : ShortPatience);
        if (RequiredText.Of(pattern) is { } text) Literal = ByteLiteral.From(text, ignoreCase, ignoreCase ? Unusable(text) : null);
    }

    public override ByteLiteral? Literal { get; }

    public override int Overlap => 64 * 1024;

    /// <exception cref="RegexMatchTimeoutException">The pattern cannot be matched here in the time allowed.</exception>
    public override bool TryFind(ReadOnlySpan<char> line, int from, out MatchSpan match)
    {
        if (_linear is null) return TryFind(_regex, line, from, out match);
        if (Volatile.Read(ref _slowLines) >= MaxSlowLines) return TryFind(_linear, line, from, out match);
        try
        {
            return TryFind(_regex, line, from, out match);
        }
        catch (RegexMatchTimeoutException)
        {
            Interlocked.Increment(ref _slowLines);
            return TryFind(_linear, line, from, out match);
        }
    }

    /// <summary>What is wrong with a pattern; null when it can be run.</summary>
    public static string? Validate(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, Patience);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"Not a valid regular expression: {e.Message}";
        }
    }

    private static bool TryFind(Regex regex, ReadOnlySpan<char> line, int from, out MatchSpan match)
    {
        foreach (var found in regex.EnumerateMatches(line, from))
        {
            match = new(found.Index, found.Length);
            return true;
        }

        match = default;
        return false;
    }

    private static Regex? TryWithoutBacktracking(string pattern, RegexOptions options)
    {
        try
        {
            return new(pattern, options | RegexOptions.NonBacktracking, Patience);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    // The spellings known to ByteLiteral are those of ordinal comparison. The regex engine goes beyond them outside ASCII, and finds
    // the Kelvin sign for a k.
    private static SearchValues<char> Unusable(string text) => SearchValues.Create([.. text.Where(c => c is 'k' or 'K' || (c > 127 && char.IsLetter(c)))]);
}
