using System.Globalization;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Search;

namespace ActorLogArchive.Web.Views;

/// <summary>A search as the page's address holds it.</summary>
/// <param name="Text">What to look for inside files; empty to look for files by name only.</param>
/// <param name="Kind">How the text is read.</param>
/// <param name="MatchCase">Whether upper and lower case differ.</param>
/// <param name="Files">Glob or part of a name.</param>
/// <param name="Agents">Only these; empty for all.</param>
/// <param name="From">First day of modification.</param>
/// <param name="To">Last day of modification.</param>
/// <param name="Page">Page of a list of files.</param>
public sealed record SearchState(
    string Text, PatternKind Kind, bool MatchCase, string Files, IReadOnlyList<string> Agents, DateOnly? From, DateOnly? To, int Page = 1)
{
    /// <summary>Hits shown on the page; the search ends there.</summary>
    public const int MaxHits = 500;

    /// <summary>Files a page.</summary>
    public const int PageSize = 100;

    /// <summary>Nothing asked for.</summary>
    public static readonly SearchState Empty = new("", PatternKind.Text, false, "", [], null, null);

    /// <summary>Reads the values of an address; what cannot be read counts as not given.</summary>
    public static SearchState Parse(string? text, string? kind, string? matchCase, string? files, string[]? agents, string? from, string? to, int? page) =>
        new(
            text ?? "",
            Enum.TryParse<PatternKind>(kind, ignoreCase: true, out var read) && Enum.IsDefined(read) ? read : PatternKind.Text,
            matchCase is "1" or "true",
            files ?? "",
            agents ?? [],
            Day(from),
            Day(to),
            page is > 0 ? page.Value : 1);

    /// <summary>Whether anything is asked for.</summary>
    public bool IsEmpty => Text.Length == 0 && Files.Length == 0 && Agents.Count == 0 && From is null && To is null;

    /// <summary>Whether lines are looked for, not only files.</summary>
    public bool LooksInside => Text.Length > 0;

    /// <summary>The page's address.</summary>
    public string Address => Links.Query(
        "/search",
        [
            ("q", Text),
            ("kind", Kind == PatternKind.Text ? null : Kind.ToString().ToLowerInvariant()),
            ("case", MatchCase ? "1" : null),
            ("files", Files),
            .. Agents.Select(agent => ("agent", (string?)agent)),
            ("from", Iso(From)),
            ("to", Iso(To)),
            ("page", Page > 1 ? Page.ToString(CultureInfo.InvariantCulture) : null),
        ]);

    /// <summary>What to look for inside files.</summary>
    public ContentQuery Query => new(Text, Kind, !MatchCase, ContextLines: 2, MaxHitsPerFile: 50, MaxHits);

    /// <summary>Which files. Days begin and end at midnight of <paramref name="zone"/>.</summary>
    public FileQuery Scope(TimeZoneInfo zone) => new(
        Files.Length == 0 ? null : Files,
        Agents.Count == 0 ? null : Agents,
        Midnight(From, zone),
        Midnight(To?.AddDays(1), zone),
        CatalogSort.Modified,
        Descending: true,
        Skip: (Page - 1) * PageSize,
        Take: PageSize);

    private static DateTimeOffset? Midnight(DateOnly? day, TimeZoneInfo zone) =>
        day is { } date ? new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), zone.GetUtcOffset(date.ToDateTime(TimeOnly.MinValue))) : null;

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string? Iso(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
