using ActorLogArchive.Ftp.Protocol;
using LinqToDB;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>Reads the catalog. SQLite reads are synchronous, so each runs on the pool and not on its caller's thread.</summary>
internal sealed class CatalogQueries(CatalogStore store) : ICatalogQueries
{
    private const int MaxTake = 1000;
    private const long RootId = 1;

    /// <inheritdoc/>
    public Task<FolderPage?> GetFolderAsync(FolderQuery query, CancellationToken cancellationToken) =>
        FtpPath.TryResolve(FtpPath.Root, query.Path, out var path)
            ? Task.Run(() => store.Read(connection => DefineContains(connection, query.NameContains), db => ReadFolder(db, path, query)), cancellationToken)
            : Task.FromResult<FolderPage?>(null);

    /// <inheritdoc/>
    public Task<FilePage> FindFilesAsync(FileQuery query, CancellationToken cancellationToken)
    {
        var glob = string.IsNullOrEmpty(query.NameGlob) ? null : NameGlob.Parse(query.NameGlob);
        return Task.Run(() => store.Read(connection => DefineGlob(connection, glob, cancellationToken), db => Find(db, query, glob)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<CatalogFile?> GetFileAsync(string path, CancellationToken cancellationToken) =>
        FtpPath.TryResolve(FtpPath.Root, path, out var file) && !file.IsRoot
            ? Task.Run(
                () => store.Read(
                    null,
                    db => (from row in db.Files
                           join folder in db.Folders on row.FolderId equals folder.Id
                           where folder.Path == file.Parent.Value && row.Name == file.Name
                           select row).FirstOrDefault()?.ToCatalogFile(file)),
                cancellationToken)
            : Task.FromResult<CatalogFile?>(null);

    /// <inheritdoc/>
    public Task<CatalogTotals> GetTotalsAsync(CancellationToken cancellationToken) => Task.Run(
        () => store.Read(null, db =>
        {
            var root = db.Folders.First(folder => folder.Id == RootId);
            var agents = db.Folders.LongCount(folder => folder.ParentId == RootId);
            return new CatalogTotals(agents, root.Files, root.Bytes, Time(root.LastReceived), store.Rebuilding);
        }),
        cancellationToken);

    /// <inheritdoc/>
    public string? ResolveOnDisk(string path) => FtpPath.TryResolve(FtpPath.Root, path, out var file) ? store.Tree.ResolveFile(file) : null;

    private static FolderPage? ReadFolder(CatalogDatabase db, FtpPath path, FolderQuery query)
    {
        if (db.Folders.FirstOrDefault(folder => folder.Path == path.Value) is not { } row)
        {
            return null;
        }

        var folders = db.Folders.Where(folder => folder.ParentId == row.Id).OrderBy(folder => folder.Name).ToList();
        var files = db.Files.Where(file => file.FolderId == row.Id);
        if (!string.IsNullOrEmpty(query.NameContains))
        {
            var like = NameGlob.Contains(query.NameContains);
            files = query.NameContains.All(char.IsAscii)
                ? files.Where(file => Sql.Like(file.Name, like, '\\'))
                : files.Where(file => Matches(file.Name));
        }

        var page = Sort(files, query.Sort, query.Descending).Skip(Math.Max(0, query.Skip)).Take(Math.Clamp(query.Take, 1, MaxTake)).ToList();
        return new FolderPage(ToFolder(row), [.. folders.Select(ToFolder)], [.. page.Select(file => file.ToCatalogFile(path.Combine(file.Name)))], files.Count());
    }

    private static FilePage Find(CatalogDatabase db, FileQuery query, NameGlob? glob)
    {
        var found = from file in db.Files
                    join folder in db.Folders on file.FolderId equals folder.Id
                    select new Found { File = file, Folder = folder };
        if (query.ModifiedFrom is { } from)
        {
            var first = from.ToUnixTimeMilliseconds();
            found = found.Where(item => item.File.Modified >= first);
        }

        if (query.ModifiedTo is { } to)
        {
            var end = to.ToUnixTimeMilliseconds();
            found = found.Where(item => item.File.Modified < end);
        }

        if (query.Agents is { Count: > 0 } agents)
        {
            found = found.Where(item => agents.Contains(item.Folder.Agent));
        }

        if (glob is not null)
        {
            found = Match(found, glob);
        }

        var page = Sort(found, query.Sort, query.Descending).Skip(Math.Max(0, query.Skip)).Take(Math.Clamp(query.Take, 1, MaxTake)).ToList();
        return new FilePage([.. page.Select(item => item.File.ToCatalogFile(FtpPath.Parse(item.Folder.Path).Combine(item.File.Name)))], found.Count());
    }

    private static IQueryable<Found> Match(IQueryable<Found> found, NameGlob glob)
    {
        var like = glob.NameLike;
        if (like.Any(character => character != '%'))
        {
            found = found.Where(item => Sql.Like(item.File.Name, like, '\\'));
        }

        return (glob.Regex, glob.Target) switch
        {
            (null, _) => found,
            (_, NameGlob.Scope.Name) => found.Where(item => Matches(item.File.Name)),
            (_, NameGlob.Scope.BelowAgent) => found.Where(item => MatchesBelow(item.Folder.BelowAgent, item.File.Name)),
            _ => found.Where(item => MatchesIn(item.Folder.Path, item.File.Name)),
        };
    }

    private static IQueryable<FileRow> Sort(IQueryable<FileRow> files, CatalogSort sort, bool descending) => (sort, descending) switch
    {
        (CatalogSort.Size, false) => files.OrderBy(file => file.Size).ThenBy(file => file.Id),
        (CatalogSort.Size, true) => files.OrderByDescending(file => file.Size).ThenByDescending(file => file.Id),
        (CatalogSort.Modified, false) => files.OrderBy(file => file.Modified).ThenBy(file => file.Id),
        (CatalogSort.Modified, true) => files.OrderByDescending(file => file.Modified).ThenByDescending(file => file.Id),
        (CatalogSort.Received, false) => files.OrderBy(file => file.Received).ThenBy(file => file.Id),
        (CatalogSort.Received, true) => files.OrderByDescending(file => file.Received).ThenByDescending(file => file.Id),
        (_, false) => files.OrderBy(file => file.Name).ThenBy(file => file.Id),
        (_, true) => files.OrderByDescending(file => file.Name).ThenByDescending(file => file.Id),
    };

    private static IQueryable<Found> Sort(IQueryable<Found> found, CatalogSort sort, bool descending) => (sort, descending) switch
    {
        (CatalogSort.Size, false) => found.OrderBy(item => item.File.Size).ThenBy(item => item.File.Id),
        (CatalogSort.Size, true) => found.OrderByDescending(item => item.File.Size).ThenByDescending(item => item.File.Id),
        (CatalogSort.Modified, false) => found.OrderBy(item => item.File.Modified).ThenBy(item => item.File.Id),
        (CatalogSort.Modified, true) => found.OrderByDescending(item => item.File.Modified).ThenByDescending(item => item.File.Id),
        (CatalogSort.Received, false) => found.OrderBy(item => item.File.Received).ThenBy(item => item.File.Id),
        (CatalogSort.Received, true) => found.OrderByDescending(item => item.File.Received).ThenByDescending(item => item.File.Id),
        (_, false) => found.OrderBy(item => item.File.Name).ThenBy(item => item.File.Id),
        (_, true) => found.OrderByDescending(item => item.File.Name).ThenByDescending(item => item.File.Id),
    };

    // LIKE knows upper and lower case of ASCII only.
    private static void DefineContains(SqliteConnection connection, string? text)
    {
        if (!string.IsNullOrEmpty(text) && !text.All(char.IsAscii))
        {
            connection.CreateFunction("glob_matches", (string name) => name.Contains(text, StringComparison.InvariantCultureIgnoreCase), isDeterministic: true);
        }
    }

    private static void DefineGlob(SqliteConnection connection, NameGlob? glob, CancellationToken cancellationToken)
    {
        if (glob?.Regex is not { } regex)
        {
            return;
        }

        // Called for each row of a scan: the place where a long search notices that nobody waits for it any more.
        connection.CreateFunction(
            "glob_matches",
            (string path) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return regex.IsMatch(path);
            },
            isDeterministic: true);
    }

    private static CatalogFolder ToFolder(FolderRow row) => new(row.Path, row.Name, row.Files, row.Bytes, Time(row.LastReceived));

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;

    [Sql.Expression("glob_matches({0})", ServerSideOnly = true, IsPredicate = true)]
    private static bool Matches(string name) => throw new ServerSideOnlyException(nameof(Matches));

    [Sql.Expression("glob_matches({0} || {1})", ServerSideOnly = true, IsPredicate = true)]
    private static bool MatchesBelow(string folder, string name) => throw new ServerSideOnlyException(nameof(MatchesBelow));

    [Sql.Expression("glob_matches(rtrim({0}, '/') || '/' || {1})", ServerSideOnly = true, IsPredicate = true)]
    private static bool MatchesIn(string folder, string name) => throw new ServerSideOnlyException(nameof(MatchesIn));

    private sealed class Found
    {
        public required FileRow File { get; init; }

        public required FolderRow Folder { get; init; }
    }
}
