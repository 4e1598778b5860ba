namespace ActorLogArchive.Search;

/// <summary>Matches a text as it is, anywhere or as a whole word.</summary>
internal sealed class TextMatcher(string text, bool ignoreCase, bool wholeWord) : LineMatcher
{
    // A character is at most four bytes, and one more is looked at on either side.
    private readonly int _overlap = (text.Length + 4) * 4;
    private readonly StringComparison _comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    public override ByteLiteral? Literal { get; } = ByteLiteral.From(text, ignoreCase);

    public override int Overlap => _overlap;

    public override bool TryFind(ReadOnlySpan<char> line, int from, out MatchSpan match)
    {
        while (from <= line.Length)
        {
            var found = line[from..].IndexOf(text, _comparison);
            if (found < 0) break;
            match = new(from + found, text.Length);
            if (!wholeWord || IsWhole(line, match)) return true;
            from = match.Start + 1;
        }

        match = default;
        return false;
    }

    private static bool IsWhole(ReadOnlySpan<char> line, MatchSpan match)
    {
        var end = match.Start + match.Length;
        return (match.Start == 0 || !IsWordCharacter(line[match.Start - 1])) && (end == line.Length || !IsWordCharacter(line[end]));
    }

    private static bool IsWordCharacter(char c) => c == '_' || char.IsLetterOrDigit(c);
}
