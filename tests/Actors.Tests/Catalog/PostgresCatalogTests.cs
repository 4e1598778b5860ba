using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Ftp.Protocol;
using Npgsql;
using static ActorLogArchive.Actors.Tests.Catalog.CatalogFixture;

namespace ActorLogArchive.Actors.Tests.Catalog;

/// <summary>The catalog in PostgreSQL does what the one in SQLite does.</summary>
public sealed class PostgresCatalogTests : IDisposable
{
    private readonly PostgresServer _server = PostgresServer.Start();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Both_databases_answer_alike()
    {
        using var sqlite = new CatalogFixture();
        using var postgres = new CatalogFixture(_server.ConnectionString);
        foreach (var catalog in (CatalogFixture[])[sqlite, postgres])
        {
            Fill(catalog);
        }

        Assert.Equal("postgresql", postgres.Store.Provider);
        Assert.Equal(await sqlite.AllFolders(), await postgres.AllFolders());
        Assert.Equal(await sqlite.AllFiles(), await postgres.AllFiles());
        FileQuery[] queries =
        [
            new("LOG"), new("*.log"), new("**/x*.log"), new("deep/*"), new("/a/**"), new("[!a-w]*.{log,txt}"), new("100%_\\"), new("Ü"), new("a b#"),
            new(Agents: ["a"]), new(ModifiedFrom: Day.AddMinutes(3)), new(Sort: CatalogSort.Size, Descending: true, Skip: 1, Take: 3), new() { Below = "/a/deep" }, new() { MinSize = 6, MaxSize = 8 },
        ];
        foreach (var query in queries)
        {
            var (expected, actual) = (await sqlite.Queries.FindFilesAsync(query, Cancel), await postgres.Queries.FindFilesAsync(query, Cancel));
            Assert.Equal((query.NameGlob, string.Join(' ', expected.Files.Select(file => file.Path)), expected.Total), (query.NameGlob, string.Join(' ', actual.Files.Select(file => file.Path)), actual.Total));
        }

        Assert.Equal(await Page(sqlite, "x"), await Page(postgres, "x"));
        Assert.Equal(["x.~20260101T000000Z~.log"], (await postgres.Queries.GetVersionsAsync("/a/deep/x.log", Cancel)).Select(file => file.Name));
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart_and_a_lost_schema_is_made_again()
    {
        using var catalog = new CatalogFixture(_server.ConnectionString);
        Fill(catalog);
        var before = await catalog.AllFiles();

        catalog.Reopen();
        Assert.Equal(before, await catalog.AllFiles());

        catalog.Store.SetAsideAndCreate();
        Assert.Empty(await catalog.AllFiles());
        catalog.Walk();
        Assert.Equal(before, await catalog.AllFiles());
        var result = await new CatalogCheck(catalog.Options).RunAsync(full: false, _ => { }, Cancel);
        Assert.Equal(0, result.Differences);
    }

    [Fact]
    public async Task A_schema_of_the_version_before_keeps_what_it_knows()
    {
        using var catalog = new CatalogFixture(_server.ConnectionString);
        Fill(catalog);
        await using (var source = NpgsqlDataSource.Create(_server.ConnectionString))
        {
            await using var back = source.CreateCommand(
                "ALTER TABLE log_archive_catalog.files DROP COLUMN hashed_size, DROP COLUMN tail_checksum, DROP COLUMN known_size, DROP COLUMN rotated; UPDATE log_archive_catalog.version SET number = 2");
            await back.ExecuteNonQueryAsync(Cancel);
        }

        catalog.Reopen();

        Assert.Equal("h2", (await catalog.Queries.GetFileAsync("/a/deep/x.log", Cancel))!.Hash);
    }

    private static async Task<string> Page(CatalogFixture catalog, string glob) =>
        string.Join(' ', (await catalog.Queries.GetFolderAsync(new FolderQuery("/a/deep") { NameGlob = glob }, Cancel))!.Files.Select(file => file.Name));

    private static void Fill(CatalogFixture catalog)
    {
        var number = 0;
        foreach (var path in (string[])["/a/1.log", "/a/deep/x.log", "/a/deep/x.~20260101T000000Z~.log", "/a/deep/z.txt", "/b/X.LOG", "/b/100%_\\.log", "/b/Über.log", "/b/a b#.log", "/b/old/2.log"])
        {
            catalog.Put(path, new string('x', 3 + number), Day.AddMinutes(number++));
            catalog.Apply(Stored(path, 2 + number, new FtpHash(FtpHashAlgorithm.Xxh128, 0, 2 + number, "h" + number)), Compared(path, 0, 2 + number, "h" + number));
        }

        Directory.Move(catalog.Disk("/b/old"), catalog.Disk("/b/new"));
        catalog.Apply(Renamed("/b/old", "/b/new"));
        File.Delete(catalog.Disk("/a/1.log"));
        catalog.Apply(Deleted("/a/1.log"));
        catalog.Walk();
    }
}
