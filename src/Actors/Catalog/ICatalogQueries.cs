namespace ActorLogArchive.Actors.Catalog;

/// <summary>An archived file. Paths are the archive's: <c>/agent01/Logs/a.log</c>.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Agent">First segment.</param>
/// <param name="Folder">Path without the name.</param>
/// <param name="Name">Last segment.</param>
/// <param name="Size">Bytes stored.</param>
/// <param name="Modified">Modification time as the node had it, where known.</param>
/// <param name="Received">When bytes of it last arrived.</param>
/// <param name="Hash">Hash of the whole content where known, lower-case hexadecimal.</param>
public sealed record CatalogFile(
    string Path, string Agent, string Folder, string Name, long Size, DateTimeOffset Modified, DateTimeOffset Received, string? Hash)
{
    /// <summary>How <see cref="Hash"/> was computed: <c>XXH128</c>, <c>SHA-256</c>, <c>CRC32</c>.</summary>
    public string? HashAlgorithm { get; init; }

    /// <summary>When the agent last compared the hash of the archived bytes with its own; null while not all bytes have been compared.</summary>
    public DateTimeOffset? Verified { get; init; }

    /// <summary>Bytes from the first one on that were compared.</summary>
    public long VerifiedSize { get; init; }

    /// <summary>Name of the file (in the same folder) this is an older version of; null for the content of its own name.</summary>
    public string? VersionOf { get; init; }

    /// <summary>Whether it is being written, or got bytes a short while ago and was not rotated since. Otherwise it counts as sealed.</summary>
    public bool IsGrowing { get; init; }
}

/// <summary>A folder with totals over everything below it.</summary>
public sealed record CatalogFolder(string Path, string Name, long Files, long Bytes, DateTimeOffset? LastReceived);

/// <summary>What a list is sorted by.</summary>
public enum CatalogSort
{
    /// <summary>By name.</summary>
    Name,

    /// <summary>By size.</summary>
    Size,

    /// <summary>By modification time.</summary>
    Modified,

    /// <summary>By time of arrival.</summary>
    Received,
}

/// <summary>Asks for one page of a folder: sub-folders (all, by name), then files.</summary>
/// <param name="Path">The folder; <c>/</c> lists the agents.</param>
/// <param name="NameContains">Only files whose name contains this, in any case.</param>
/// <param name="Sort">Order of the files.</param>
/// <param name="Descending">Reversed.</param>
/// <param name="Skip">Files to skip.</param>
/// <param name="Take">Files to return, 1 to 1,000.</param>
public sealed record FolderQuery(string Path, string? NameContains = null, CatalogSort Sort = CatalogSort.Name, bool Descending = false, int Skip = 0, int Take = 200)
{
    /// <summary>Only files whose name matches this glob; a text without <c>*?[{</c> matches names that contain it.</summary>
    public string? NameGlob { get; init; }

    /// <summary>Modified at or after.</summary>
    public DateTimeOffset? ModifiedFrom { get; init; }

    /// <summary>Modified before.</summary>
    public DateTimeOffset? ModifiedTo { get; init; }

    /// <summary>At least so many bytes.</summary>
    public long? MinSize { get; init; }

    /// <summary>At most so many bytes.</summary>
    public long? MaxSize { get; init; }
}

/// <summary>A page of a folder.</summary>
/// <param name="Folder">The folder itself, with totals.</param>
/// <param name="Folders">Its sub-folders.</param>
/// <param name="Files">Files of this page.</param>
/// <param name="TotalFiles">Files of the folder that match.</param>
public sealed record FolderPage(CatalogFolder Folder, IReadOnlyList<CatalogFolder> Folders, IReadOnlyList<CatalogFile> Files, int TotalFiles);

/// <summary>Asks for files over all folders.</summary>
/// <param name="NameGlob">Glob over the path below the agent (<c>**/*.log</c>), or over the name when it has no slash; null for all. A text without <c>*?[{</c> matches names that contain it.</param>
/// <param name="Agents">Only these agents; empty for all.</param>
/// <param name="ModifiedFrom">Modified at or after.</param>
/// <param name="ModifiedTo">Modified before.</param>
/// <param name="Sort">Order.</param>
/// <param name="Descending">Reversed.</param>
/// <param name="Skip">Files to skip.</param>
/// <param name="Take">Files to return, 1 to 1,000.</param>
public sealed record FileQuery(
    string? NameGlob = null,
    IReadOnlyList<string>? Agents = null,
    DateTimeOffset? ModifiedFrom = null,
    DateTimeOffset? ModifiedTo = null,
    CatalogSort Sort = CatalogSort.Name,
    bool Descending = false,
    int Skip = 0,
    int Take = 200)
{
    /// <summary>Only files in this folder or below it; null for all.</summary>
    public string? Below { get; init; }

    /// <summary>At least so many bytes.</summary>
    public long? MinSize { get; init; }

    /// <summary>At most so many bytes.</summary>
    public long? MaxSize { get; init; }
}

/// <summary>A page of files and how many match in all.</summary>
public sealed record FilePage(IReadOnlyList<CatalogFile> Files, int Total);

/// <summary>Totals over the whole archive.</summary>
public sealed record CatalogTotals(long Agents, long Files, long Bytes, DateTimeOffset? LastReceived, bool Rebuilding);

/// <summary>
/// Reads the catalog. Safe for concurrent use; each call is one short read transaction. What it tells of a file is what the disk holds
/// at that moment: it waits for the changes that FTP clients were told of before, and looks at each file it returns.
/// </summary>
public interface ICatalogQueries
{
    /// <summary>A page of a folder, null when there is none.</summary>
    Task<FolderPage?> GetFolderAsync(FolderQuery query, CancellationToken cancellationToken);

    /// <summary>Files by name, glob, agent and date.</summary>
    Task<FilePage> FindFilesAsync(FileQuery query, CancellationToken cancellationToken);

    /// <summary>One file, null when it is not archived.</summary>
    Task<CatalogFile?> GetFileAsync(string path, CancellationToken cancellationToken);

    /// <summary>Older content that was kept of a file (see <see cref="CatalogFile.VersionOf"/>), oldest first.</summary>
    Task<IReadOnlyList<CatalogFile>> GetVersionsAsync(string path, CancellationToken cancellationToken);

    /// <summary>Every file in a folder or below it, folder by folder, by name; nothing when there is none. Reads as it goes: files that come or go meanwhile may be missing or there.</summary>
    IAsyncEnumerable<CatalogFile> ListBelowAsync(string path, CancellationToken cancellationToken);

    /// <summary>Totals.</summary>
    Task<CatalogTotals> GetTotalsAsync(CancellationToken cancellationToken);

    /// <summary>The file on disk that holds an archived path, after checking that it lies in the tree and is a regular file; null otherwise.</summary>
    string? ResolveOnDisk(string path);
}
