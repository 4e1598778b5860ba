using System.IO.Enumeration;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Web.Tests.Fakes;

/// <summary>A catalog that looks at a folder each time it is asked.</summary>
internal sealed class DirectoryCatalog(string root) : ICatalogQueries
{
    public bool Rebuilding { get; set; }

    public Exception? Failure { get; set; }

    public Task<FolderPage?> GetFolderAsync(FolderQuery query, CancellationToken cancellationToken)
    {
        if (Failure is not null)
            throw Failure;
        var folder = OnDisk(query.Path);
        if (folder is null || !Directory.Exists(folder))
            return Task.FromResult<FolderPage?>(null);

        var files = Sorted(
            Directory.GetFiles(folder).Select(File).Where(file => query.NameContains is null || file.Name.Contains(query.NameContains, StringComparison.OrdinalIgnoreCase))
                .Where(file => query.NameGlob is null || (query.NameGlob.IndexOfAny(['*', '?']) >= 0 ? FileSystemName.MatchesSimpleExpression(query.NameGlob, file.Name) : file.Name.Contains(query.NameGlob, StringComparison.OrdinalIgnoreCase)))
                .Where(file => (query.MinSize is null || file.Size >= query.MinSize) && (query.MaxSize is null || file.Size <= query.MaxSize))
                .Where(file => (query.ModifiedFrom is null || file.Modified >= query.ModifiedFrom) && (query.ModifiedTo is null || file.Modified < query.ModifiedTo)),
            query.Sort,
            query.Descending).ToArray();
        var folders = Directory.GetDirectories(folder).Select(Folder).OrderBy(child => child.Name, StringComparer.Ordinal).ToArray();
        return Task.FromResult<FolderPage?>(new FolderPage(Folder(folder), folders, [.. files.Skip(query.Skip).Take(query.Take)], files.Length));
    }

    public Task<FilePage> FindFilesAsync(FileQuery query, CancellationToken cancellationToken)
    {
        var isPattern = query.NameGlob?.IndexOfAny(['*', '?']) >= 0;
        var files = Sorted(
            Directory.GetFiles(root, "*", SearchOption.AllDirectories).Select(File)
                .Where(file => query.Agents is not { Count: > 0 } agents || agents.Contains(file.Agent))
                .Where(file => query.Below is null or "/" || file.Path.StartsWith(query.Below + "/", StringComparison.Ordinal))
                .Where(file => (query.MinSize is null || file.Size >= query.MinSize) && (query.MaxSize is null || file.Size <= query.MaxSize))
                .Where(file => query.ModifiedFrom is null || file.Modified >= query.ModifiedFrom)
                .Where(file => query.ModifiedTo is null || file.Modified < query.ModifiedTo)
                .Where(file => query.NameGlob is null || (isPattern ? FileSystemName.MatchesSimpleExpression(query.NameGlob, file.Name) : file.Name.Contains(query.NameGlob, StringComparison.OrdinalIgnoreCase))),
            query.Sort,
            query.Descending).ToArray();
        return Task.FromResult(new FilePage([.. files.Skip(query.Skip).Take(query.Take)], files.Length));
    }

    public Task<CatalogFile?> GetFileAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult(ResolveOnDisk(path) is { } file ? File(file) : null);

    public Task<IReadOnlyList<CatalogFile>> GetVersionsAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CatalogFile>>(Path.GetDirectoryName(ResolveOnDisk(path)) is { } folder
            ? [.. Directory.GetFiles(folder).Select(File).Where(file => file.VersionOf == path[(path.LastIndexOf('/') + 1)..]).OrderBy(file => file.Name, StringComparer.Ordinal)]
            : []);

    public async IAsyncEnumerable<CatalogFile> ListBelowAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (var file in Directory.GetFiles(OnDisk(path)!, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File).ToList())
            yield return file;
    }

    /// <summary>What is told of the whole, in place of what is in the folder.</summary>
    public CatalogTotals? Totals { get; set; }

    public Task<CatalogTotals> GetTotalsAsync(CancellationToken cancellationToken)
    {
        if (Failure is not null)
            throw Failure;
        var whole = Folder(root);
        return Task.FromResult(Totals ?? new CatalogTotals(Directory.GetDirectories(root).Length, whole.Files, whole.Bytes, whole.LastReceived, Rebuilding));
    }

    public string? ResolveOnDisk(string path) => OnDisk(path) is { } file && System.IO.File.Exists(file) ? file : null;

    private static IEnumerable<CatalogFile> Sorted(IEnumerable<CatalogFile> files, CatalogSort sort, bool descending)
    {
        var ordered = sort switch
        {
            CatalogSort.Size => files.OrderBy(file => file.Size),
            CatalogSort.Modified => files.OrderBy(file => file.Modified),
            CatalogSort.Received => files.OrderBy(file => file.Received),
            _ => files.OrderBy(file => file.Name, StringComparer.Ordinal),
        };
        return descending ? ordered.Reverse() : ordered;
    }

    private string? OnDisk(string path) => FtpPath.TryResolve(FtpPath.Root, path, out var resolved) ? root + (resolved.IsRoot ? "" : resolved.Value) : null;

    private CatalogFolder Folder(string folder)
    {
        var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
        var path = "/" + Path.GetRelativePath(root, folder).TrimStart('.');
        return new CatalogFolder(path, Path.GetFileName(path), files.Length, files.Sum(file => file.Length), files.Length == 0 ? null : files.Max(file => file.LastWriteTimeUtc));
    }

    private CatalogFile File(string file)
    {
        var path = "/" + Path.GetRelativePath(root, file);
        var info = new FileInfo(file);
        return new CatalogFile(path, path.Split('/')[1], path[..path.LastIndexOf('/')], info.Name, info.Length, info.LastWriteTimeUtc, info.LastWriteTimeUtc, info.Length > 0 ? "0f1e2d3c4b5a69788796a5b4c3d2e1f0" : null)
        {
            HashAlgorithm = info.Length > 0 ? "XXH128" : null,
            Verified = info.Length > 0 ? new DateTimeOffset(info.LastWriteTimeUtc).AddSeconds(4) : null,
            VerifiedSize = info.Length,
            VersionOf = info.Name.Contains(".~", StringComparison.Ordinal) ? info.Name[..info.Name.IndexOf(".~", StringComparison.Ordinal)] + info.Name[(info.Name.LastIndexOf('~') + 1)..] : null,
            IsGrowing = info.Name == "service.log",
        };
    }
}
