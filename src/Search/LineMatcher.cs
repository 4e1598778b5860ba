namespace ActorLogArchive.Search;

/// <summary>A query made ready to run: what a matching line must hold in bytes, and where a decoded line matches.</summary>
internal abstract class LineMatcher
{
    /// <summary>Something every matching line holds; null when nothing is known.</summary>
    public abstract ByteLiteral? Literal { get; }

    /// <summary>Bytes by which the pieces of a very long line overlap, so that a match across two pieces is found.</summary>
    public abstract int Overlap { get; }

    /// <summary>Finds the next match at or after <paramref name="from"/>. What lies before is looked at as context only.</summary>
    public abstract bool TryFind(ReadOnlySpan<char> line, int from, out MatchSpan match);

    public static LineMatcher Create(ContentQuery query) => query.Kind switch
    {
        PatternKind.Text => new TextMatcher(query.Pattern, query.IgnoreCase, wholeWord: false),
        PatternKind.Word => new TextMatcher(query.Pattern, query.IgnoreCase, wholeWord: true),
        _ => new RegexMatcher(query.Pattern, query.IgnoreCase),
    };
}
