using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using CsCheck;
using Microsoft.Data.Sqlite;
using static ActorLogArchive.Actors.Tests.Catalog.CatalogFixture;

namespace ActorLogArchive.Actors.Tests.Catalog;

public sealed class CatalogStoreTests : IDisposable
{
    private readonly CatalogFixture _catalog = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _catalog.Dispose();

    [Fact]
    public async Task A_stored_file_is_found_with_size_times_and_hash()
    {
        _catalog.Put("/agent01/Logs/a.log", "hello", Day.AddDays(-1));
        var hash = new FtpHash(FtpHashAlgorithm.Xxh128, 0, 5, "abc");

        var told = Assert.Single(_catalog.Apply(Stored("/agent01/Logs/a.log", 5, hash)));

        var expected = new CatalogFile("/agent01/Logs/a.log", "agent01", "/agent01/Logs", "a.log", 5, Day.AddDays(-1), Day, "abc") { HashAlgorithm = "XXH128" };
        Assert.Equal(expected, told);
        Assert.Equal(expected, await _catalog.Queries.GetFileAsync("/agent01/Logs/a.log", Cancel));
        Assert.Equal(["/ 1 5", "/agent01 1 5", "/agent01/Logs 1 5"], await _catalog.AllFolders());
        Assert.Equal(new CatalogTotals(1, 1, 5, Day, true), await _catalog.Queries.GetTotalsAsync(Cancel));
    }

    [Fact]
    public async Task A_file_that_grew_counts_once_and_its_hash_is_no_longer_known()
    {
        _catalog.Put("/a/x.log", "hello");
        _catalog.Apply(Stored("/a/x.log", 5, new FtpHash(FtpHashAlgorithm.Xxh128, 0, 5, "abc")));
        _catalog.Put("/a/x.log", "hello world");
        _catalog.Apply(Stored("/a/x.log", 11, new FtpHash(FtpHashAlgorithm.Xxh128, 5, 11, "def"), FtpTransferKind.Append, 5, Day.AddHours(1)));

        var file = await _catalog.Queries.GetFileAsync("/a/x.log", Cancel);
        Assert.Equal((11, null, Day.AddHours(1)), (file!.Size, file.Hash, file.Received));
        Assert.Equal(["/ 1 11", "/a 1 11"], await _catalog.AllFolders());
        Assert.Equal(Day, await _catalog.Store.GetFirstArchivedAsync(FtpPath.Parse("/a/x.log"), Cancel));
    }

    [Fact]
    public async Task Content_set_aside_keeps_its_hash_under_the_new_name()
    {
        _catalog.Put("/a/x.log", "old!!");
        _catalog.Apply(Stored("/a/x.log", 5, new FtpHash(FtpHashAlgorithm.Xxh128, 0, 5, "old")));
        File.Move(_catalog.Disk("/a/x.log"), _catalog.Disk("/a/x.v.log"));
        _catalog.Put("/a/x.log", "newer");
        _catalog.Apply(new FtpServerProtocol.FileSetAside(FtpPath.Parse("/a/x.log"), FtpPath.Parse("/a/x.v.log")), Stored("/a/x.log", 5, new FtpHash(FtpHashAlgorithm.Xxh128, 0, 5, "new")));

        Assert.Equal("old", (await _catalog.Queries.GetFileAsync("/a/x.v.log", Cancel))!.Hash);
        Assert.Equal("new", (await _catalog.Queries.GetFileAsync("/a/x.log", Cancel))!.Hash);
        Assert.Equal(["/ 2 10", "/a 2 10"], await _catalog.AllFolders());
    }

    [Fact]
    public async Task A_renamed_folder_takes_all_below_it_along()
    {
        foreach (var path in (string[])["/a/old/1.log", "/a/old/deep/2.log", "/a/old2/3.log"])
        {
            _catalog.Put(path, "12345");
            _catalog.Apply(Stored(path, 5, new FtpHash(FtpHashAlgorithm.Xxh128, 0, 5, "h")));
        }

        Directory.CreateDirectory(_catalog.Disk("/b"));
        Directory.Move(_catalog.Disk("/a/old"), _catalog.Disk("/b/new"));
        _catalog.Apply(Renamed("/a/old", "/b/new"));

        Assert.Equal(["/ 3 15", "/a 1 5", "/a/old2 1 5", "/b 2 10", "/b/new 2 10", "/b/new/deep 1 5"], await _catalog.AllFolders());
        Assert.Equal("h", (await _catalog.Queries.GetFileAsync("/b/new/deep/2.log", Cancel))!.Hash);
        Assert.Equal("b", (await _catalog.Queries.GetFileAsync("/b/new/1.log", Cancel))!.Agent);
        Assert.Null(await _catalog.Queries.GetFileAsync("/a/old/1.log", Cancel));
    }

    [Fact]
    public async Task A_deleted_file_leaves_its_folder_for_as_long_as_the_disk_has_it()
    {
        _catalog.Put("/a/x/y/1.log", "12345");
        _catalog.Put("/a/2.log", "1");
        _catalog.Apply(Stored("/a/x/y/1.log", 5, at: Day.AddDays(1)), Stored("/a/2.log", 1));
        File.Delete(_catalog.Disk("/a/x/y/1.log"));
        _catalog.Apply(Deleted("/a/x/y/1.log"));
        var emptied = await _catalog.AllFolders();
        Directory.Delete(_catalog.Disk("/a/x"), recursive: true);
        _catalog.Apply(Deleted("/a/x/y", isDirectory: true), Deleted("/a/x", isDirectory: true));

        Assert.Equal(["/ 1 1", "/a 1 1", "/a/x 0 0", "/a/x/y 0 0"], emptied);
        Assert.Equal(["/ 1 1", "/a 1 1"], await _catalog.AllFolders());
        Assert.Equal(Day, (await _catalog.Queries.GetTotalsAsync(Cancel)).LastReceived);
    }

    [Fact]
    public async Task An_empty_folder_is_one_of_the_tree_told_walked_or_only_on_disk()
    {
        Directory.CreateDirectory(_catalog.Disk("/a/told"));
        _catalog.Apply(Made("/a/told"));
        Directory.CreateDirectory(_catalog.Disk("/a/walked"));
        var told = await _catalog.AllFolders();
        var onDisk = await _catalog.Queries.GetFolderAsync(new FolderQuery("/a/walked"), Cancel);
        _catalog.Walk();
        var walked = await _catalog.AllFolders();
        Directory.Delete(_catalog.Disk("/a"), recursive: true);
        _catalog.Walk();

        Assert.Equal(["/ 0 0", "/a 0 0", "/a/told 0 0"], told);
        Assert.Equal(("/a/walked", "walked", 0L), (onDisk!.Folder.Path, onDisk.Folder.Name, onDisk.Folder.Files));
        Assert.Equal(["/ 0 0", "/a 0 0", "/a/told 0 0", "/a/walked 0 0"], walked);
        Assert.Equal(["/ 0 0"], await _catalog.AllFolders());
        Assert.Null(await _catalog.Queries.GetFolderAsync(new FolderQuery("/a/walked"), Cancel));
    }

    /// <summary>The heart of it: whatever happens to a tree, telling it step by step, telling only half of it and walking, and starting from nothing all end in the same catalog.</summary>
    [Fact]
    public void Told_half_told_and_rebuilt_catalogs_all_agree_with_the_tree() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 40], Gen.Bool).Array[1, 40].Sample(
            steps =>
            {
                using var told = new CatalogFixture();
                using var halfTold = new CatalogFixture();
                foreach (var (kind, one, other, size, heard) in steps)
                {
                    var events = Perform(told, kind, one, other, size);
                    Perform(halfTold, kind, one, other, size);
                    told.Apply(events);
                    if (heard)
                    {
                        halfTold.Apply(events);
                    }
                }

                var (files, folders) = Content(told);
                Assert.Equal(OnDisk(told), files);
                Assert.Equal(FoldersOnDisk(told), folders.Select(folder => folder.Split(' ')[0]));
                halfTold.Walk();
                Assert.Equal((files, folders), Content(halfTold), new ContentComparer());
                Assert.Equal((files, folders), RebuiltFrom(told), new ContentComparer());
            },
            iter: 25,
            threads: 1);

    [Fact]
    public void A_walk_over_an_unchanged_tree_changes_nothing()
    {
        _catalog.Put("/a/1.log", "12345");
        _catalog.Put("/b/deep/2.log", "1");
        _catalog.Walk();
        var before = File.ReadAllBytes(_catalog.Options.DatabaseFile + "-wal").Length;

        Assert.Empty(_catalog.Store.Write(batch =>
        {
            batch.Reconcile(FtpPath.Parse("/a"));
            batch.Flush();
            return batch.Changed.ToList();
        }));
        Assert.Equal(before, File.ReadAllBytes(_catalog.Options.DatabaseFile + "-wal").Length);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("another version")]
    public async Task A_database_that_cannot_be_used_is_set_aside_and_made_again(string how)
    {
        _catalog.Put("/a/1.log", "12345");
        _catalog.Walk();
        _catalog.Store.Dispose();
        SqliteConnection.ClearAllPools();
        if (how == "garbage")
        {
            File.WriteAllText(_catalog.Options.DatabaseFile, new string('x', 5000));
        }
        else
        {
            await using var connection = new SqliteConnection($"Data Source={_catalog.Options.DatabaseFile};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 77";
            command.ExecuteNonQuery();
        }

        _catalog.Reopen();
        Assert.Empty(await _catalog.AllFiles());
        _catalog.Walk();

        Assert.Single(await _catalog.AllFiles());
        Assert.NotEmpty(Directory.GetFiles(_catalog.DataDirectory, "catalog.db.set-aside-*"));
    }

    [Fact]
    public void Only_regular_files_of_the_tree_are_given_out()
    {
        _catalog.Put("/a/1.log", "x");
        var outside = Path.Combine(_catalog.DataDirectory, "secret");
        File.WriteAllText(outside, "secret");
        Directory.CreateDirectory(Path.Combine(_catalog.DataDirectory, "folder"));
        File.WriteAllText(Path.Combine(_catalog.DataDirectory, "folder", "f"), "secret");
        File.CreateSymbolicLink(_catalog.Disk("/a/link"), outside);
        Directory.CreateSymbolicLink(_catalog.Disk("/a/folder"), Path.Combine(_catalog.DataDirectory, "folder"));

        Assert.Equal(_catalog.Disk("/a/1.log"), _catalog.Queries.ResolveOnDisk("/a/1.log"));
        foreach (var path in (string[])["/a/link", "/a/folder/f", "/../secret", "/a/../../secret", "/a", "/", "/a/none", "/a/1.log/x", "/a/\0"])
        {
            Assert.Null(_catalog.Queries.ResolveOnDisk(path));
        }
    }

    [Fact]
    public async Task Links_and_odd_names_do_not_end_a_walk()
    {
        _catalog.Put("/a/name with # and 'quotes' and \n newline ü.log", "x");
        _catalog.Put("/a/.hidden", "x");
        File.CreateSymbolicLink(_catalog.Disk("/a/link"), "/etc/passwd");
        Directory.CreateSymbolicLink(_catalog.Disk("/a/loop"), _catalog.Disk("/a"));

        _catalog.Walk();

        Assert.Equal(["/ 2 2", "/a 2 2"], await _catalog.AllFolders());
    }

    private static IReadOnlyList<object> Perform(CatalogFixture catalog, int kind, int one, int other, int size)
    {
        var (from, to) = (Name(one), Name(other));
        switch (kind)
        {
            case 0 or 1:
                catalog.Put(from, new string('x', size));
                return [Stored(from, size)];
            case 2 when File.Exists(catalog.Disk(from)):
                File.Delete(catalog.Disk(from));
                return [Deleted(from)];
            case 3 when File.Exists(catalog.Disk(from)) && !File.Exists(catalog.Disk(to)):
                Directory.CreateDirectory(Path.GetDirectoryName(catalog.Disk(to))!);
                File.Move(catalog.Disk(from), catalog.Disk(to));
                return [Renamed(from, to)];
            case 4 when Directory.Exists(catalog.Disk("/a/d")) && !Directory.Exists(catalog.Disk("/b/e")):
                Directory.CreateDirectory(catalog.Disk("/b"));
                Directory.Move(catalog.Disk("/a/d"), catalog.Disk("/b/e"));
                return [Renamed("/a/d", "/b/e")];
            case 5 when File.Exists(catalog.Disk(from)):
                File.SetLastWriteTimeUtc(catalog.Disk(from), Day.AddMinutes(size).UtcDateTime);
                return [ModifiedSet(from)];
            case 6:
                var made = Path.GetDirectoryName(from)! + (size % 2 == 0 ? "" : "/empty");
                Directory.CreateDirectory(catalog.Disk(made));
                return [Made(made)];
            case 7 when Directory.Exists(catalog.Disk("/a/d/empty")):
                Directory.Delete(catalog.Disk("/a/d/empty"));
                return [Deleted("/a/d/empty", isDirectory: true)];
            default:
                return [];
        }
    }

    private static string Name(int number) => number < 4 ? $"/a/d/{number}.log" : number < 6 ? $"/a/{number}.log" : $"/b/e/{number}.log";

    private static IReadOnlyList<string> OnDisk(CatalogFixture catalog) =>
    [
        .. new DirectoryInfo(catalog.Options.FilesDirectory).EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => $"/{Path.GetRelativePath(catalog.Options.FilesDirectory, file.FullName)} {file.Length} {new DateTimeOffset(file.LastWriteTimeUtc):O}")
            .Order(StringComparer.Ordinal),
    ];

    private static IReadOnlyList<string> FoldersOnDisk(CatalogFixture catalog) =>
    [
        .. new DirectoryInfo(catalog.Options.FilesDirectory).EnumerateDirectories("*", SearchOption.AllDirectories)
            .Select(folder => "/" + Path.GetRelativePath(catalog.Options.FilesDirectory, folder.FullName))
            .Append("/")
            .Order(StringComparer.Ordinal),
    ];

    private static (IReadOnlyList<string> Files, IReadOnlyList<string> Folders) RebuiltFrom(CatalogFixture catalog)
    {
        catalog.Store.Dispose();
        File.Delete(catalog.Options.DatabaseFile);
        File.Delete(catalog.Options.DatabaseFile + "-wal");
        File.Delete(catalog.Options.DatabaseFile + "-shm");
        catalog.Reopen();
        catalog.Walk();
        return Content(catalog);
    }

    private static (IReadOnlyList<string> Files, IReadOnlyList<string> Folders) Content(CatalogFixture catalog) => catalog.Store.Read(null, db =>
    {
        var folders = db.Folders.ToList();
        var byId = folders.ToDictionary(folder => folder.Id);
        return (
            (IReadOnlyList<string>)[.. db.Files.ToList()
                .Select(file => $"{byId[file.FolderId].Path.TrimEnd('/')}/{file.Name} {file.Size} {DateTimeOffset.FromUnixTimeMilliseconds(file.Modified):O}")
                .Order(StringComparer.Ordinal)],
            (IReadOnlyList<string>)[.. folders
                .Select(folder => $"{folder.Path} {folder.Files} {folder.Bytes} {folder.Agent} {folder.BelowAgent} in {(folder.ParentId == 0 ? "" : byId[folder.ParentId].Path)}")
                .Order(StringComparer.Ordinal)]);
    });

    private sealed class ContentComparer : IEqualityComparer<(IReadOnlyList<string> Files, IReadOnlyList<string> Folders)>
    {
        public bool Equals((IReadOnlyList<string> Files, IReadOnlyList<string> Folders) x, (IReadOnlyList<string> Files, IReadOnlyList<string> Folders) y) =>
            x.Files.SequenceEqual(y.Files) && x.Folders.SequenceEqual(y.Folders);

        public int GetHashCode((IReadOnlyList<string> Files, IReadOnlyList<string> Folders) content) => content.Files.Count;
    }
}
