using System.Runtime.CompilerServices;
using ActorLogArchive.Ftp.Protocol;
using Akka.Actor;
using LinqToDB;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>Reads the catalog. Reads of a database are synchronous, so each runs on the pool and not on its caller's thread.</summary>
internal sealed class CatalogQueries(CatalogStore store) : ICatalogQueries
{
    private const int MaxTake = 1000;
    private const long RootId = 1;

    /// <inheritdoc/>
    public async Task<FolderPage?> GetFolderAsync(FolderQuery query, CancellationToken cancellationToken)
    {
        if (!FtpPath.TryResolve(FtpPath.Root, query.Path, out var path))
        {
            return null;
        }

        await store.SettleAsync(path, cancellationToken).ConfigureAwait(false);
        var glob = string.IsNullOrEmpty(query.NameGlob) ? null : NameGlob.Parse(query.NameGlob);
        var page = await Task.Run(() => store.Read(Test(glob, query.NameContains, cancellationToken), db => ReadFolder(db, path, query, glob)), cancellationToken).ConfigureAwait(false);
        if (page is not null)
        {
            return page with { Files = Look(page.Files) };
        }

        // Made this moment, by the account's first sign-in, or behind the server's back: a folder like any other, for which there will be a row.
        if (!store.Tree.IsFolder(path))
        {
            return null;
        }

        store.Writer?.Tell(new CatalogProtocol.LookAgain([path]), ActorRefs.NoSender);
        return new FolderPage(new CatalogFolder(path.Value, path.Name, 0, 0, null), [], [], 0);
    }

    /// <inheritdoc/>
    public async Task<FilePage> FindFilesAsync(FileQuery query, CancellationToken cancellationToken)
    {
        var glob = string.IsNullOrEmpty(query.NameGlob) ? null : NameGlob.Parse(query.NameGlob);
        await store.SettleAsync(null, cancellationToken).ConfigureAwait(false);
        var page = await Task.Run(() => store.Read(Test(glob, null, cancellationToken), db => Find(db, query, glob)), cancellationToken).ConfigureAwait(false);
        return page with { Files = Look(page.Files) };
    }

    /// <inheritdoc/>
    public async Task<CatalogFile?> GetFileAsync(string path, CancellationToken cancellationToken)
    {
        if (!FtpPath.TryResolve(FtpPath.Root, path, out var file) || file.IsRoot)
        {
            return null;
        }

        await store.SettleAsync(file.Parent, cancellationToken).ConfigureAwait(false);
        var row = await Task.Run(() => store.Read(null, db => InFolder(db, file.Parent).FirstOrDefault(row => row.Name == file.Name)), cancellationToken).ConfigureAwait(false);
        return row is null ? null : Look([row.ToCatalogFile(file, store.GrowsSince)]).FirstOrDefault();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CatalogFile>> GetVersionsAsync(string path, CancellationToken cancellationToken)
    {
        if (!FtpPath.TryResolve(FtpPath.Root, path, out var file) || file.IsRoot)
        {
            return [];
        }

        await store.SettleAsync(file.Parent, cancellationToken).ConfigureAwait(false);
        var rows = await Task.Run(
            () => store.Read(null, db => InFolder(db, file.Parent).Where(row => row.VersionOf == file.Name).OrderBy(row => row.Name).Take(MaxTake).ToList()),
            cancellationToken).ConfigureAwait(false);
        return Look([.. rows.Select(row => row.ToCatalogFile(file.Parent.Combine(row.Name), store.GrowsSince))]);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<CatalogFile> ListBelowAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!FtpPath.TryResolve(FtpPath.Root, path, out var top))
        {
            yield break;
        }

        await store.SettleAsync(top, cancellationToken).ConfigureAwait(false);
        var folders = await Task.Run(() => store.Read(null, db => Below(db.Folders, top).OrderBy(folder => folder.Path).Select(folder => new { folder.Id, folder.Path }).ToList()), cancellationToken).ConfigureAwait(false);
        foreach (var folder in folders)
        {
            var (parent, last, rows) = (FtpPath.Parse(folder.Path), "", (List<FileRow>)[]);
            do
            {
                var after = last;
                rows = await Task.Run(
                    () => store.Read(null, db => db.Files.Where(file => file.FolderId == folder.Id && file.Name.CompareTo(after) > 0).OrderBy(file => file.Name).Take(MaxTake).ToList()),
                    cancellationToken).ConfigureAwait(false);
                foreach (var file in Look([.. rows.Select(row => row.ToCatalogFile(parent.Combine(row.Name), store.GrowsSince))]))
                {
                    yield return file;
                }

                last = rows.Count > 0 ? rows[^1].Name : "";
            }
            while (rows.Count == MaxTake);
        }
    }

    /// <inheritdoc/>
    public async Task<CatalogTotals> GetTotalsAsync(CancellationToken cancellationToken)
    {
        await store.SettleAsync(null, cancellationToken).ConfigureAwait(false);
        return await Task.Run(
            () => store.Read(null, db =>
            {
                var root = db.Folders.First(folder => folder.Id == RootId);
                var agents = db.Folders.LongCount(folder => folder.ParentId == RootId);
                return new CatalogTotals(agents, root.Files, root.Bytes, Time(root.LastReceived), store.Rebuilding);
            }),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public string? ResolveOnDisk(string path) => FtpPath.TryResolve(FtpPath.Root, path, out var file) ? store.Tree.ResolveFile(file) : null;

    // What the disk says is what is told, however the row came to differ: a walk that has not been there yet, a change behind the
    // server's back, an upload between two reports of its progress.
    private IReadOnlyList<CatalogFile> Look(IReadOnlyList<CatalogFile> files)
    {
        List<FtpPath>? differing = null;
        var looked = new List<CatalogFile>(files.Count);
        foreach (var file in files)
        {
            var path = FtpPath.Parse(file.Path);
            var now = file with { IsGrowing = file.IsGrowing || store.BeingWritten.ContainsKey(file.Path) };
            switch (store.Tree.Look(path))
            {
                case null:
                    (differing ??= []).Add(path);
                    break;
                case { } onDisk when onDisk.Size != file.Size || onDisk.Modified.ToUnixTimeMilliseconds() != file.Modified.ToUnixTimeMilliseconds():
                    (differing ??= []).Add(path);
                    looked.Add(onDisk.Size == file.Size
                        ? now with { Modified = onDisk.Modified }
                        : now with { Size = onDisk.Size, Modified = onDisk.Modified, Hash = null, HashAlgorithm = null, Verified = null, VerifiedSize = onDisk.Size < file.VerifiedSize ? 0 : file.VerifiedSize });
                    break;
                default:
                    looked.Add(now);
                    break;
            }
        }

        if (differing is not null)
        {
            store.Writer?.Tell(new CatalogProtocol.LookAgain(differing), ActorRefs.NoSender);
        }

        return looked;
    }

    private FolderPage? ReadFolder(CatalogDatabase db, FtpPath path, FolderQuery query, NameGlob? glob)
    {
        if (db.Folders.FirstOrDefault(folder => folder.Path == path.Value) is not { } row)
        {
            return null;
        }

        var folders = db.Folders.Where(folder => folder.ParentId == row.Id).OrderBy(folder => folder.Name).ToList();
        var files = db.Files.Where(file => file.FolderId == row.Id);
        if (!string.IsNullOrEmpty(query.NameContains))
        {
            var (like, pattern) = (NameGlob.Contains(query.NameContains), System.Text.RegularExpressions.Regex.Escape(query.NameContains));
            files = query.NameContains.All(char.IsAscii)
                ? files.Where(file => CatalogMatch.Like(file.Name, like))
                : files.Where(file => CatalogMatch.Name(file.Name, pattern));
        }

        if (glob is not null)
        {
            var (like, pattern) = (glob.NameLike, glob.PosixPattern);
            files = files.Where(file => CatalogMatch.Like(file.Name, like));
            files = glob.Regex is null ? files : files.Where(file => CatalogMatch.Name(file.Name, pattern));
        }

        files = Narrow(files, query.ModifiedFrom, query.ModifiedTo, query.MinSize, query.MaxSize);
        var page = Sort(files, query.Sort, query.Descending).Skip(Math.Max(0, query.Skip)).Take(Math.Clamp(query.Take, 1, MaxTake)).ToList();
        return new FolderPage(ToFolder(row), [.. folders.Select(ToFolder)], [.. page.Select(file => file.ToCatalogFile(path.Combine(file.Name), store.GrowsSince))], files.Count());
    }

    private FilePage Find(CatalogDatabase db, FileQuery query, NameGlob? glob)
    {
        var folders = query.Below is { } below && FtpPath.TryResolve(FtpPath.Root, below, out var top) && !top.IsRoot ? Below(db.Folders, top) : db.Folders;
        var found = from file in Narrow(db.Files, query.ModifiedFrom, query.ModifiedTo, query.MinSize, query.MaxSize)
                    join folder in folders on file.FolderId equals folder.Id
                    select new Found { File = file, Folder = folder };
        if (query.Agents is { Count: > 0 } agents)
        {
            found = found.Where(item => agents.Contains(item.Folder.Agent));
        }

        if (glob is not null)
        {
            found = Match(found, glob);
        }

        var page = Sort(found, query.Sort, query.Descending).Skip(Math.Max(0, query.Skip)).Take(Math.Clamp(query.Take, 1, MaxTake)).ToList();
        return new FilePage([.. page.Select(item => item.File.ToCatalogFile(FtpPath.Parse(item.Folder.Path).Combine(item.File.Name), store.GrowsSince))], found.Count());
    }

    private static IQueryable<FileRow> InFolder(CatalogDatabase db, FtpPath folder) =>
        from file in db.Files
        join parent in db.Folders on file.FolderId equals parent.Id
        where parent.Path == folder.Value
        select file;

    private static IQueryable<FolderRow> Below(IQueryable<FolderRow> folders, FtpPath top)
    {
        if (top.IsRoot)
        {
            return folders;
        }

        // '0' is the character after '/': the range holds all that starts with "<path>/", by the index.
        var (path, first, end) = (top.Value, top.Value + "/", top.Value + "0");
        return folders.Where(folder => folder.Path == path || (folder.Path.CompareTo(first) >= 0 && folder.Path.CompareTo(end) < 0));
    }

    private static IQueryable<FileRow> Narrow(IQueryable<FileRow> files, DateTimeOffset? from, DateTimeOffset? to, long? least, long? most)
    {
        if (from?.ToUnixTimeMilliseconds() is { } first)
        {
            files = files.Where(file => file.Modified >= first);
        }

        if (to?.ToUnixTimeMilliseconds() is { } end)
        {
            files = files.Where(file => file.Modified < end);
        }

        if (least is { } smallest)
        {
            files = files.Where(file => file.Size >= smallest);
        }

        return most is { } largest ? files.Where(file => file.Size <= largest) : files;
    }

    private static IQueryable<Found> Match(IQueryable<Found> found, NameGlob glob)
    {
        var (like, pattern) = (glob.NameLike, glob.PosixPattern);
        if (like.Any(character => character != '%'))
        {
            found = found.Where(item => CatalogMatch.Like(item.File.Name, like));
        }

        return (glob.Regex, glob.Target) switch
        {
            (null, _) => found,
            (_, NameGlob.Scope.Name) => found.Where(item => CatalogMatch.Name(item.File.Name, pattern)),
            (_, NameGlob.Scope.BelowAgent) => found.Where(item => CatalogMatch.Below(item.Folder.BelowAgent, item.File.Name, pattern)),
            _ => found.Where(item => CatalogMatch.Path(item.Folder.Path, item.File.Name, pattern)),
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

    private static Func<string, bool>? Test(NameGlob? glob, string? contains, CancellationToken cancellationToken)
    {
        if (glob?.Regex is { } regex)
        {
            // Called for each row of a scan: the place where a long search notices that nobody waits for it any more.
            return path =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return regex.IsMatch(path);
            };
        }

        // LIKE knows upper and lower case of ASCII only.
        return string.IsNullOrEmpty(contains) || contains.All(char.IsAscii) ? null : name => name.Contains(contains, StringComparison.InvariantCultureIgnoreCase);
    }

    private static CatalogFolder ToFolder(FolderRow row) => new(row.Path, row.Name, row.Files, row.Bytes, Time(row.LastReceived));

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;

    private sealed class Found
    {
        public required FileRow File { get; init; }

        public required FolderRow Folder { get; init; }
    }
}
