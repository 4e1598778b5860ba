using ActorLogArchive.Actors.Catalog;

namespace ActorLogArchive.Web.Views;

/// <summary>The catalog's state in words.</summary>
public static class CatalogText
{
    /// <summary>How far a comparison is: <c>1,200 files in 30 folders compared, 12 folders to go</c>.</summary>
    public static string Progress(CatalogProtocol.CatalogStatus status) =>
        $"{Format.Count(status.FilesCompared, "file", "files")} in {Format.Count(status.FoldersCompared, "folder", "folders")} compared, {Format.Count(status.PendingFolders, "folder", "folders")} to go"
        + (status.RowsCorrected > 0 ? $", {Format.Count(status.RowsCorrected, "entry", "entries")} corrected" : "");
}
