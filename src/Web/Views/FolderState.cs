using ActorLogArchive.Actors.Catalog;

namespace ActorLogArchive.Web.Views;

/// <summary>What a folder's page shows, as its address says.</summary>
public sealed record FolderState(string Path, string? Filter, CatalogSort Sort, bool Descending, int Page)
{
    /// <summary>Files a page.</summary>
    public const int PageSize = 100;

    /// <summary>Reads the parts of an address; what cannot be read counts as not given.</summary>
    public static FolderState From(string? path, string? filter, string? sort, string? order, int? page) =>
        new(
            "/" + (path ?? "").Trim('/'),
            string.IsNullOrWhiteSpace(filter) ? null : filter,
            Enum.TryParse<CatalogSort>(sort, ignoreCase: true, out var by) && Enum.IsDefined(by) ? by : CatalogSort.Name,
            order == "desc",
            page is > 0 ? page.Value : 1);

    /// <summary>The page's address.</summary>
    public string Address => Links.Query(
        Links.Folder(Path),
        ("filter", Filter),
        ("sort", Sort == CatalogSort.Name ? null : Sort.ToString().ToLowerInvariant()),
        ("order", Descending ? "desc" : null),
        ("page", Page > 1 ? Format.Count(Page).Replace(",", "", StringComparison.Ordinal) : null));

    /// <summary>The question to the catalog.</summary>
    public FolderQuery Query => new(Path, Filter, Sort, Descending, (Page - 1) * PageSize, PageSize);

    /// <summary>The state after a click on a column: the other way round, or another column, sizes and times from the largest.</summary>
    public FolderState SortedBy(CatalogSort column) =>
        this with { Sort = column, Descending = Sort == column ? !Descending : column != CatalogSort.Name, Page = 1 };

    /// <summary>Pages for a number of files, at least one.</summary>
    public static int Pages(int files) => Math.Max(1, (files + PageSize - 1) / PageSize);
}
