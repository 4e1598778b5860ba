using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using Microsoft.Data.Sqlite;
using static ActorLogArchive.Actors.Tests.Catalog.CatalogFixture;

namespace ActorLogArchive.Actors.Tests.Catalog;

/// <summary>What the catalog knows of a file beside its size: versions, what was compared, and that readers are told what the disk holds.</summary>
public sealed class CatalogEvidenceTests : IDisposable
{
    private readonly CatalogFixture _catalog = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _catalog.Dispose();

    [Fact]
    public async Task A_file_is_verified_once_every_byte_was_compared()
    {
        _catalog.Put("/a/x.log", "hello world");
        _catalog.Apply(Stored("/a/x.log", 5), Stored("/a/x.log", 11, kind: FtpTransferKind.Append, offset: 5));
        _catalog.Apply(Compared("/a/x.log", 0, 5, "h1"));
        var half = await File("/a/x.log");
        _catalog.Apply(Compared("/a/x.log", 5, 11, "h2", Day.AddMinutes(1)));
        var whole = await File("/a/x.log");
        _catalog.Apply(Compared("/a/x.log", 0, 11, "of all", Day.AddMinutes(2)));

        Assert.Equal((null, 5), (half.Verified, half.VerifiedSize));
        Assert.Equal((Day.AddMinutes(1), 11, null), (whole.Verified, whole.VerifiedSize, whole.Hash));
        Assert.Equal(("of all", "XXH128", Day.AddMinutes(2)), ((await File("/a/x.log")).Hash, (await File("/a/x.log")).HashAlgorithm, (await File("/a/x.log")).Verified));
    }

    [Fact]
    public async Task What_was_compared_is_forgotten_when_other_content_takes_the_name()
    {
        _catalog.Put("/a/x.log", "hello");
        _catalog.Apply(Stored("/a/x.log", 5), Compared("/a/x.log", 0, 5, "h"));
        _catalog.Put("/a/x.log", "other");
        _catalog.Apply(Stored("/a/x.log", 5));

        Assert.Equal((null, 0, null), ((await File("/a/x.log")).Verified, (await File("/a/x.log")).VerifiedSize, (await File("/a/x.log")).Hash));
    }

    [Fact]
    public async Task A_gap_that_was_not_compared_leaves_a_file_unverified()
    {
        _catalog.Put("/a/x.log", "hello world");
        _catalog.Apply(Stored("/a/x.log", 11), Compared("/a/x.log", 6, 11, "h"));

        Assert.Equal((null, 0), ((await File("/a/x.log")).Verified, (await File("/a/x.log")).VerifiedSize));
    }

    [Fact]
    public async Task A_rotated_file_grows_no_more_unless_bytes_come_once_more()
    {
        _catalog.Put("/a/x.log", "hello");
        _catalog.Apply(Stored("/a/x.log", 5, at: DateTimeOffset.UtcNow));
        Assert.True((await File("/a/x.log")).IsGrowing);

        System.IO.File.Move(_catalog.Disk("/a/x.log"), _catalog.Disk("/a/x.log.1"));
        _catalog.Apply(Renamed("/a/x.log", "/a/x.log.1"));
        Assert.False((await File("/a/x.log.1")).IsGrowing);

        _catalog.Put("/a/x.log.1", "hello more");
        _catalog.Apply(Stored("/a/x.log.1", 10, kind: FtpTransferKind.Append, offset: 5, at: DateTimeOffset.UtcNow));
        Assert.True((await File("/a/x.log.1")).IsGrowing);
    }

    [Fact]
    public async Task Versions_are_found_by_the_name_they_were_kept_of()
    {
        foreach (var name in (string[])["x.log", "x.~20260101T000000Z~.log", "x.~20260102T000000Z-2~.log", "x.~tilde~.log", "y.~20260101T000000Z~.log", "x.~20260101T000000Z~"])
        {
            _catalog.Put("/a/" + name, name);
        }

        _catalog.Walk();

        Assert.Equal(["x.~20260101T000000Z~.log", "x.~20260102T000000Z-2~.log"], (await _catalog.Queries.GetVersionsAsync("/a/x.log", Cancel)).Select(file => file.Name));
        Assert.Equal("x", (await File("/a/x.~20260101T000000Z~")).VersionOf);
        Assert.Null((await File("/a/x.~tilde~.log")).VersionOf);
    }

    [Fact]
    public async Task A_reader_is_told_what_the_disk_holds_whatever_the_rows_say()
    {
        _catalog.Put("/a/grown.log", "12345");
        _catalog.Put("/a/gone.log", "12345");
        _catalog.Apply(Stored("/a/grown.log", 5, new FtpHash(FtpHashAlgorithm.Xxh128, 0, 5, "h")), Compared("/a/grown.log", 0, 5, "h"), Stored("/a/gone.log", 5));
        _catalog.Put("/a/grown.log", "1234567");
        System.IO.File.Delete(_catalog.Disk("/a/gone.log"));

        var page = await _catalog.Queries.GetFolderAsync(new FolderQuery("/a"), Cancel);

        var only = Assert.Single(page!.Files);
        Assert.Equal(("grown.log", 7, null, null, 5), (only.Name, only.Size, only.Hash, only.Verified, only.VerifiedSize));
        Assert.Null(await _catalog.Queries.GetFileAsync("/a/gone.log", Cancel));
        Assert.Equal(["/a/grown.log 7"], (await _catalog.Queries.FindFilesAsync(new FileQuery(), Cancel)).Files.Select(file => $"{file.Path} {file.Size}"));
    }

    [Fact]
    public async Task A_file_is_shown_from_its_first_byte_on()
    {
        _catalog.Put("/a/x.log", "12");
        _catalog.Apply(Began("/a/x.log"));

        Assert.Equal(2, (await File("/a/x.log")).Size);
    }

    [Theory]
    [InlineData("log", "a.log,b.LOG")]
    [InlineData("*.log", "a.log,b.LOG")]
    [InlineData("[ab]*.[lt]*", "a.log,b.LOG,b.txt")]
    [InlineData("ü", "Ünicode")]
    public async Task A_folder_is_filtered_by_a_part_of_the_name_or_a_glob(string filter, string expected)
    {
        foreach (var name in (string[])["a.log", "b.LOG", "b.txt", "Ünicode"])
        {
            _catalog.Put("/a/" + name, name);
        }

        _catalog.Walk();

        var page = await _catalog.Queries.GetFolderAsync(new FolderQuery("/a") { NameGlob = filter }, Cancel);
        Assert.Equal(expected.Split(','), page!.Files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal(page.Files.Count, page.TotalFiles);
    }

    [Fact]
    public async Task A_folder_and_all_below_it_are_narrowed_by_size_and_date()
    {
        _catalog.Put("/a/small.log", "1", Day);
        _catalog.Put("/a/deep/big.log", "123456", Day.AddDays(1));
        _catalog.Put("/ab/big.log", "123456", Day.AddDays(1));
        _catalog.Walk();

        Assert.Equal(["/a/deep/big.log"], await Find(new FileQuery { Below = "/a", MinSize = 2 }));
        Assert.Equal(["/a/small.log"], await Find(new FileQuery { Below = "/a", MaxSize = 1 }));
        Assert.Equal(["/a/deep/big.log"], await Find(new FileQuery(ModifiedFrom: Day.AddHours(1)) { Below = "/a" }));
        Assert.Equal(["/a/deep/big.log", "/a/small.log", "/ab/big.log"], await Find(new FileQuery { Below = "/" }));
        Assert.Equal(["/a/small.log", "/a/deep/big.log"], await Below("/a"));
    }

    /// <summary>Golden: the schema as the first version made it. It must stay readable, and keep what it knew.</summary>
    [Fact]
    public async Task A_catalog_of_the_first_version_is_brought_up_to_date_with_all_it_knew()
    {
        _catalog.Put("/a/x.log", "12345");
        _catalog.Put("/a/x.~20260101T000000Z~.log", "1");
        _catalog.Store.Dispose();
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_catalog.DataDirectory, "catalog.db*"))
        {
            System.IO.File.Delete(file);
        }

        var script = await System.IO.File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Catalog", "catalog-v1.sql"), Cancel);
        await using (var connection = new SqliteConnection($"Data Source={_catalog.Options.DatabaseFile};Pooling=False"))
        {
            connection.Open();
            await using var command = connection.CreateCommand();
            command.CommandText = script;
            await command.ExecuteNonQueryAsync(Cancel);
        }

        _catalog.Reopen();

        var known = await File("/a/x.log");
        Assert.Equal(("0123456789abcdef0123456789abcdef", "XXH128", null), (known.Hash, known.HashAlgorithm, known.Verified));
        Assert.Equal("x.log", (await File("/a/x.~20260101T000000Z~.log")).VersionOf);
        Assert.Empty(Directory.GetFiles(_catalog.DataDirectory, "*set-aside*"));
    }

    private async Task<CatalogFile> File(string path) => (await _catalog.Queries.GetFileAsync(path, Cancel))!;

    private async Task<IEnumerable<string>> Find(FileQuery query) => (await _catalog.Queries.FindFilesAsync(query, Cancel)).Files.Select(file => file.Path).Order(StringComparer.Ordinal);

    private async Task<List<string>> Below(string path)
    {
        var found = new List<string>();
        await foreach (var file in _catalog.Queries.ListBelowAsync(path, Cancel))
        {
            found.Add(file.Path);
        }

        return found;
    }
}
