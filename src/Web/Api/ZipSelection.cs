using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Web.Views;

namespace ActorLogArchive.Web.Api;

/// <summary>What goes into a zip.</summary>
/// <param name="Name">Name of the zip, without its ending.</param>
/// <param name="Files">Single files.</param>
/// <param name="Folders">Folders with all below them.</param>
/// <param name="Above">The folder that names in the zip are relative to.</param>
/// <param name="Missing">A path that is not archived; null when all are.</param>
internal sealed record ZipSelection(string Name, IReadOnlyList<CatalogFile> Files, IReadOnlyList<string> Folders, string Above, string? Missing)
{
    /// <summary>Looks paths up. One that lies below another of them is taken once.</summary>
    public static async Task<ZipSelection> FindAsync(ICatalogQueries catalog, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var (files, folders) = (new SortedDictionary<string, CatalogFile>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            if (await catalog.GetFileAsync(path, cancellationToken) is { } file)
                files[file.Path] = file;
            else if (await catalog.GetFolderAsync(new FolderQuery(path, Take: 1), cancellationToken) is { } page)
                folders.Add(page.Folder.Path);
            else
                return new ZipSelection("", [], [], "/", path);
        }

        var outer = folders.Where(folder => !folders.Any(other => other != folder && Contains(other, folder))).ToList();
        var single = files.Values.Where(file => !outer.Any(folder => Contains(folder, file.Path))).ToList();
        var above = Common([.. outer.Concat(single.Select(file => file.Path)).Select(Links.ParentOf)]);
        var only = outer.Count + single.Count == 1 ? outer.Concat(single.Select(file => file.Path)).Single() : above;
        return new ZipSelection(only == "/" ? "archive" : only.Trim('/').Replace('/', '-'), single, outer, above, null);
    }

    private static bool Contains(string folder, string path) => folder == "/" || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static string Common(IReadOnlyList<string> folders)
    {
        var common = folders[0];
        while (!folders.All(folder => folder == common || Contains(common, folder)))
            common = Links.ParentOf(common);
        return common;
    }
}
