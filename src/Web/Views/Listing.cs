using ActorLogArchive.Actors.Catalog;

namespace ActorLogArchive.Web.Views;

/// <summary>The beginning of a folder's list, and how long the whole of it is.</summary>
/// <param name="Folder">The folder; null when there is none.</param>
/// <param name="Folders">Its sub-folders that match.</param>
/// <param name="Files">The first files.</param>
/// <param name="TotalFiles">All that match.</param>
public sealed record Listing(CatalogFolder? Folder, IReadOnlyList<CatalogFolder> Folders, IReadOnlyList<CatalogFile> Files, int TotalFiles)
{
    /// <summary>Rows of the whole list.</summary>
    public int Rows => Folders.Count + TotalFiles;

    /// <summary>Whether <see cref="Files"/> are all.</summary>
    public bool IsWhole => Files.Count >= TotalFiles;

    /// <summary>Reads it from the catalog.</summary>
    public static async Task<Listing> LoadAsync(ICatalogQueries catalog, FolderState state, TimeZoneInfo zone, int skip, int take, CancellationToken cancellationToken)
    {
        if (!state.Below)
        {
            var page = await catalog.GetFolderAsync(state.Query(zone, skip, take), cancellationToken);
            return page is null ? new Listing(null, [], [], 0) : new Listing(page.Folder, [.. page.Folders.Where(folder => IsShown(folder, state))], page.Files, page.TotalFiles);
        }

        var folder = await catalog.GetFolderAsync(new FolderQuery(state.Path, Take: 1), cancellationToken);
        if (folder is null)
            return new Listing(null, [], [], 0);
        var found = await catalog.FindFilesAsync(state.DeepQuery(zone, skip, take), cancellationToken);
        return new Listing(folder.Folder, [], found.Files, found.Total);
    }

    // A folder has a name but neither one date nor one size.
    private static bool IsShown(CatalogFolder folder, FolderState state) =>
        !state.IsNarrowed || (state.Filter is { } filter && state.From is null && state.To is null && state.MinSize is null && state.MaxSize is null
            && folder.Name.Contains(filter.Trim('*'), StringComparison.OrdinalIgnoreCase));
}
