namespace ActorLogArchive.Search;

/// <summary>How the pattern is read.</summary>
public enum PatternKind
{
    /// <summary>The text anywhere in a line.</summary>
    Text,

    /// <summary>The text as a whole word: no letter, digit or underscore beside it.</summary>
    Word,

    /// <summary>A .NET regular expression, tried on each line for itself and bounded in time.</summary>
    Regex,
}

/// <summary>What to look for inside files.</summary>
/// <param name="Pattern">1 to 1,000 characters.</param>
/// <param name="Kind">How to read it.</param>
/// <param name="IgnoreCase">Letters match in any case.</param>
/// <param name="ContextLines">Lines shown before and after each hit, 0 to 20.</param>
/// <param name="MaxHitsPerFile">Further hits of a file are only counted. 1 to 100,000.</param>
/// <param name="MaxHits">The search ends after this many hits. 1 to 1,000,000.</param>
public sealed record ContentQuery(
    string Pattern, PatternKind Kind = PatternKind.Text, bool IgnoreCase = true, int ContextLines = 2, int MaxHitsPerFile = 100, int MaxHits = 1000)
{
    /// <summary>Longest pattern, in characters.</summary>
    public const int MaxPatternLength = 1000;

    /// <summary>What is wrong with it, in words for a person; null when it can be run.</summary>
    public string? Validate()
    {
        if (Pattern.Length == 0) return "Type something to search for.";
        if (Pattern.Length > MaxPatternLength) return $"The pattern has {Pattern.Length} characters; at most {MaxPatternLength} are allowed.";
        if (Kind != PatternKind.Regex && Pattern.AsSpan().ContainsAny('\r', '\n')) return "A line break cannot be searched for: lines are searched one by one.";
        if (!Enum.IsDefined(Kind)) return $"'{Kind}' is not a kind of pattern.";
        if (ContextLines is < 0 or > 20) return $"{ContextLines} context lines; 0 to 20 are allowed.";
        if (MaxHitsPerFile is < 1 or > 100_000) return $"{MaxHitsPerFile} hits per file; 1 to 100000 are allowed.";
        if (MaxHits is < 1 or > 1_000_000) return $"{MaxHits} hits; 1 to 1000000 are allowed.";
        return Kind == PatternKind.Regex ? RegexMatcher.Validate(Pattern) : null;
    }
}

/// <summary>A file to be searched.</summary>
/// <param name="Id">What the caller calls it, such as its archive path.</param>
/// <param name="File">The file on disk.</param>
public sealed record SearchTarget(string Id, string File);

/// <summary>A stretch of a line that matched, in characters.</summary>
public readonly record struct MatchSpan(int Start, int Length);

/// <summary>Something a running search tells.</summary>
public abstract record SearchEvent;

/// <summary>A line that matched. Lines are cut to <see cref="ContentScanner.MaxLineLength"/> characters around the match.</summary>
/// <param name="Id">The target's id.</param>
/// <param name="LineNumber">From 1.</param>
/// <param name="Line">The line without its end, decoded as UTF-8 (invalid bytes replaced).</param>
/// <param name="Matches">Where in <paramref name="Line"/> it matched.</param>
/// <param name="Before">Context lines before.</param>
/// <param name="After">Context lines after.</param>
public sealed record SearchHit(
    string Id, long LineNumber, string Line, IReadOnlyList<MatchSpan> Matches, IReadOnlyList<string> Before, IReadOnlyList<string> After) : SearchEvent;

/// <summary>A file could not be searched (gone, unreadable); the search goes on.</summary>
public sealed record SearchProblem(string Id, string Message) : SearchEvent;

/// <summary>How far it is; sent about four times a second and at the end.</summary>
/// <param name="FilesDone">Files searched.</param>
/// <param name="FilesTotal">Files to search.</param>
/// <param name="BytesDone">Bytes searched.</param>
/// <param name="Hits">Hits so far, shown or not.</param>
/// <param name="Finished">Whether this is the last event.</param>
/// <param name="Truncated">Whether it ended at <see cref="ContentQuery.MaxHits"/>.</param>
public sealed record SearchProgress(int FilesDone, int FilesTotal, long BytesDone, long Hits, bool Finished, bool Truncated) : SearchEvent;
