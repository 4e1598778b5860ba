using System.Globalization;
using ActorLogArchive.Actors.Catalog;

namespace ActorLogArchive.Web.Views;

/// <summary>What a folder's page shows, as its address says.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Filter">Part of a name, or a glob; null for all.</param>
/// <param name="Sort">Order of the files.</param>
/// <param name="Descending">Reversed.</param>
public sealed record FolderState(string Path, string? Filter, CatalogSort Sort, bool Descending)
{
    /// <summary>Files asked for at once; a longer list asks for more as it is scrolled.</summary>
    public const int ChunkSize = 200;

    /// <summary>Whether files of all folders below are listed, too.</summary>
    public bool Below { get; init; }

    /// <summary>First day of modification.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Last day of modification.</summary>
    public DateOnly? To { get; init; }

    /// <summary>At least so many bytes.</summary>
    public long? MinSize { get; init; }

    /// <summary>At most so many bytes.</summary>
    public long? MaxSize { get; init; }

    /// <summary>Name of the file whose details are shown; with <see cref="Below"/>, its path.</summary>
    public string? File { get; init; }

    /// <summary>Reads the parts of an address; what cannot be read counts as not given.</summary>
    public static FolderState Parse(
        string? path, string? filter, string? sort, string? order, string? below = null, string? from = null, string? to = null, string? min = null, string? max = null, string? file = null) =>
        new(
            "/" + (path ?? "").Trim('/'),
            string.IsNullOrWhiteSpace(filter) || filter.Length > 1024 ? null : filter,
            Enum.TryParse<CatalogSort>(sort, ignoreCase: true, out var by) && Enum.IsDefined(by) ? by : CatalogSort.Name,
            order == "desc")
        {
            Below = below is "1" or "true",
            From = Day(from),
            To = Day(to),
            MinSize = SizeText.Parse(min),
            MaxSize = SizeText.Parse(max),
            File = string.IsNullOrEmpty(file) ? null : file,
        };

    /// <summary>The page's address.</summary>
    public string Address => Links.Query(
        Links.Folder(Path),
        ("filter", Filter),
        ("below", Below ? "1" : null),
        ("from", Iso(From)),
        ("to", Iso(To)),
        ("min", Compact(MinSize)),
        ("max", Compact(MaxSize)),
        ("sort", Sort == CatalogSort.Name ? null : Sort.ToString().ToLowerInvariant()),
        ("order", Descending ? "desc" : null),
        ("file", File));

    /// <summary>The address of the list alone, whatever details are shown beside it.</summary>
    public string ListAddress => (this with { File = null }).Address;

    /// <summary>Whether anything narrows the list.</summary>
    public bool IsNarrowed => Filter is not null || From is not null || To is not null || MinSize is not null || MaxSize is not null;

    /// <summary>How many filters beside the name are set.</summary>
    public int MoreFilters => (Below ? 1 : 0) + (From is null ? 0 : 1) + (To is null ? 0 : 1) + (MinSize is null ? 0 : 1) + (MaxSize is null ? 0 : 1);

    /// <summary>The question to the catalog for the folder alone. Days begin and end at midnight of <paramref name="zone"/>.</summary>
    public FolderQuery Query(TimeZoneInfo zone, int skip, int take) => new(Path, null, Sort, Descending, skip, take)
    {
        NameGlob = Filter,
        ModifiedFrom = Midnight(From, zone),
        ModifiedTo = Midnight(To?.AddDays(1), zone),
        MinSize = MinSize,
        MaxSize = MaxSize,
    };

    /// <summary>The question for the folder and all below it.</summary>
    public FileQuery DeepQuery(TimeZoneInfo zone, int skip, int take) =>
        new(Filter, null, Midnight(From, zone), Midnight(To?.AddDays(1), zone), Sort, Descending, skip, take) { Below = Path, MinSize = MinSize, MaxSize = MaxSize };

    /// <summary>The state after a click on a column: the other way round, or another column, sizes and times from the largest.</summary>
    public FolderState SortedBy(CatalogSort column) => this with { Sort = column, Descending = Sort == column ? !Descending : column != CatalogSort.Name };

    private static DateTimeOffset? Midnight(DateOnly? day, TimeZoneInfo zone) =>
        day is { } date ? new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), zone.GetUtcOffset(date.ToDateTime(TimeOnly.MinValue))) : null;

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    // An address without what would have to be escaped in it.
    private static string? Compact(long? size) => SizeText.Write(size)?.Replace(" ", "", StringComparison.Ordinal);

    private static string? Iso(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
