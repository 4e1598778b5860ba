using System.Runtime.CompilerServices;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Users.Web;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// The archived files as one account may see them: the only <see cref="ICatalogQueries"/> that requests and circuits get. Names, counts and totals of
/// other agents than those of the scope are not in its answers, and their files are not found on disk.
/// </summary>
public sealed class ScopedCatalog([FromKeyedServices(ScopedArchiveGateway.Bare)] ICatalogQueries catalog, CurrentAccess current) : ICatalogQueries
{
    private AgentScope Scope => current.Demand(WebRole.Viewer).Scope;

    /// <inheritdoc/>
    public async Task<FolderPage?> GetFolderAsync(FolderQuery query, CancellationToken cancellationToken)
    {
        var scope = Scope;
        if (scope.IsAll)
            return await catalog.GetFolderAsync(query, cancellationToken);

        if (scope.AllowsPath(query.Path, out var path))
            return await catalog.GetFolderAsync(query with { Path = path }, cancellationToken);

        return path == "/" ? await RootAsync(scope, cancellationToken) : null;
    }

    /// <inheritdoc/>
    public Task<FilePage> FindFilesAsync(FileQuery query, CancellationToken cancellationToken)
    {
        var scope = Scope;
        if (scope.IsAll)
            return catalog.FindFilesAsync(query, cancellationToken);

        // None left must not become none given, which means all.
        IReadOnlyList<string> agents = query.Agents is { Count: > 0 } asked ? [.. asked.Where(scope.Allows)] : scope.Agents;
        return agents.Count == 0 ? Task.FromResult(new FilePage([], 0)) : catalog.FindFilesAsync(query with { Agents = agents }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<CatalogFile?> GetFileAsync(string path, CancellationToken cancellationToken)
    {
        var scope = Scope;
        if (scope.IsAll)
            return catalog.GetFileAsync(path, cancellationToken);
        return scope.AllowsPath(path, out var resolved) ? catalog.GetFileAsync(resolved, cancellationToken) : Task.FromResult<CatalogFile?>(null);
    }

    /// <inheritdoc/>
    public async Task<CatalogTotals> GetTotalsAsync(CancellationToken cancellationToken)
    {
        var scope = Scope;
        var totals = await catalog.GetTotalsAsync(cancellationToken);
        if (scope.IsAll)
            return totals;

        var folders = await FoldersAsync(scope, cancellationToken);
        var sum = Sum(folders);
        return totals with { Agents = folders.Count, Files = sum.Files, Bytes = sum.Bytes, LastReceived = sum.LastReceived };
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CatalogFile>> GetVersionsAsync(string path, CancellationToken cancellationToken)
    {
        var scope = Scope;
        if (scope.IsAll)
            return catalog.GetVersionsAsync(path, cancellationToken);
        return scope.AllowsPath(path, out var resolved) ? catalog.GetVersionsAsync(resolved, cancellationToken) : Task.FromResult<IReadOnlyList<CatalogFile>>([]);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<CatalogFile> ListBelowAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scope = Scope;
        string[] roots = scope.IsAll ? [path]
            : scope.AllowsPath(path, out var resolved) ? [resolved]
            : resolved == "/" ? [.. scope.Agents.Select(agent => "/" + agent)]
            : [];
        foreach (var root in roots)
        {
            await foreach (var file in catalog.ListBelowAsync(root, cancellationToken))
                yield return file;
        }
    }

    /// <inheritdoc/>
    public string? ResolveOnDisk(string path)
    {
        var scope = Scope;
        if (scope.IsAll)
            return catalog.ResolveOnDisk(path);
        return scope.AllowsPath(path, out var resolved) ? catalog.ResolveOnDisk(resolved) : null;
    }

    // The list of agents: only those of the scope, and no file that lies beside them.
    private async Task<FolderPage?> RootAsync(AgentScope scope, CancellationToken cancellationToken)
    {
        var folders = await FoldersAsync(scope, cancellationToken);
        return folders.Count == 0 ? null : new FolderPage(Sum(folders), folders, [], 0);
    }

    private async Task<IReadOnlyList<CatalogFolder>> FoldersAsync(AgentScope scope, CancellationToken cancellationToken)
    {
        var folders = new List<CatalogFolder>();
        foreach (var agent in scope.Agents)
        {
            if (await catalog.GetFolderAsync(new FolderQuery("/" + agent, Take: 1), cancellationToken) is { } page)
                folders.Add(page.Folder);
        }

        return folders;
    }

    private static CatalogFolder Sum(IReadOnlyList<CatalogFolder> folders) =>
        new("/", "", folders.Sum(folder => folder.Files), folders.Sum(folder => folder.Bytes), folders.Max(folder => folder.LastReceived));
}
