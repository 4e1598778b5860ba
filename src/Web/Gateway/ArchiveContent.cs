using System.Runtime.CompilerServices;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Search;

namespace ActorLogArchive.Web.Gateway;

/// <summary>Reads what is archived: the catalog, windows of lines, and searches inside files.</summary>
public sealed class ArchiveContent(ICatalogQueries catalog, LineReader lines, ContentScanner scanner)
{
    /// <summary>Most files one search opens; the scope has to be narrowed beyond.</summary>
    public const int MaxSearchedFiles = 50_000;

    private const int PageSize = 1000;

    /// <summary>The catalog.</summary>
    public ICatalogQueries Catalog { get; } = catalog;

    /// <summary>Reads a window of lines of an archived file.</summary>
    /// <returns>Null when there is no such file.</returns>
    public async Task<LineWindow?> ReadLinesAsync(string path, long firstLine, int count, CancellationToken cancellationToken)
    {
        if (Catalog.ResolveOnDisk(path) is not { } file)
            return null;

        try
        {
            return await lines.ReadAsync(file, firstLine, count, cancellationToken: cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Searches inside the files of a scope, newest first.</summary>
    public async IAsyncEnumerable<SearchEvent> SearchAsync(FileQuery scope, ContentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var targets = await FindTargetsAsync(scope, cancellationToken);
        await foreach (var happening in scanner.ScanAsync(targets, query, cancellationToken))
            yield return happening;
    }

    /// <summary>Searches inside one file.</summary>
    public IAsyncEnumerable<SearchEvent> SearchFileAsync(string path, ContentQuery query, CancellationToken cancellationToken) =>
        scanner.ScanAsync(Catalog.ResolveOnDisk(path) is { } file ? [new SearchTarget(path, file)] : [], query, cancellationToken);

    private async Task<IReadOnlyList<SearchTarget>> FindTargetsAsync(FileQuery scope, CancellationToken cancellationToken)
    {
        var targets = new List<SearchTarget>();
        for (var skip = 0; skip < MaxSearchedFiles; skip += PageSize)
        {
            var page = await Catalog.FindFilesAsync(
                scope with { Sort = CatalogSort.Modified, Descending = true, Skip = skip, Take = PageSize }, cancellationToken);
            foreach (var file in page.Files)
            {
                if (Catalog.ResolveOnDisk(file.Path) is { } onDisk)
                    targets.Add(new SearchTarget(file.Path, onDisk));
            }

            if (page.Files.Count < PageSize)
                break;
        }

        return targets;
    }
}
