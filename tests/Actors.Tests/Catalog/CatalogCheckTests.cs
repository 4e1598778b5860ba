using System.IO.Hashing;
using System.Text;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using Microsoft.Extensions.Time.Testing;
using static ActorLogArchive.Actors.Tests.Catalog.CatalogFixture;

namespace ActorLogArchive.Actors.Tests.Catalog;

public sealed class CatalogCheckTests : IDisposable
{
    private readonly CatalogFixture _catalog = new();
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _catalog.Dispose();

    [Fact]
    public async Task A_catalog_that_agrees_has_no_difference()
    {
        Store("/a/x.log", "hello");
        Store("/a/deep/y.log", "world");

        var (found, result) = await CheckAsync(full: true);

        Assert.Empty(found);
        Assert.Equal((0, 2, 10, 0), (result.Differences, result.Files, result.Bytes, result.NotWhole));
    }

    [Fact]
    public async Task Missing_different_and_unknown_files_are_named()
    {
        Store("/a/gone.log", "hello");
        Store("/a/short.log", "hello");
        Store("/gone/all.log", "hello");
        File.Delete(_catalog.Disk("/a/gone.log"));
        Directory.Delete(_catalog.Disk("/gone"), recursive: true);
        _catalog.Put("/a/short.log", "hell");
        _catalog.Put("/new/unknown.log", "hello");

        var (found, result) = await CheckAsync(full: false);

        Assert.Equal(
            ["differs /a/short.log", "missing /a/gone.log", "missing /gone/all.log", "unknown /new/unknown.log"],
            found.Select(difference => $"{difference.Kind} {difference.Path}").Order(StringComparer.Ordinal));
        Assert.Equal(4, result.Differences);
    }

    [Fact]
    public async Task A_byte_that_changed_is_found_by_hash_only()
    {
        Store("/a/x.log", "hello");
        _catalog.Put("/a/x.log", "hellO");

        Assert.Empty((await CheckAsync(full: false)).Found);
        var difference = Assert.Single((await CheckAsync(full: true)).Found);
        Assert.Equal(("differs", "/a/x.log"), (difference.Kind, difference.Path));
        Assert.Contains("XXH128", difference.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "XXH128 of the first 5 bytes is")]
    [InlineData(8, "CRC-64 of the bytes from 5 to 15, which came behind the others, is")]
    [InlineData(14, "CRC-64 of the bytes from 5 to 15")]
    public async Task A_byte_that_changed_is_found_in_a_file_that_grew(int changed, string detail)
    {
        Store("/a/x.log", "hello");
        Append("/a/x.log", " grow");
        Append("/a/x.log", " more");
        var agreed = await CheckAsync(full: true);
        var content = "hello grow more".ToCharArray();
        content[changed] = '#';
        _catalog.Put("/a/x.log", new string(content));

        var difference = Assert.Single((await CheckAsync(full: true)).Found);

        Assert.Equal((0, 15, 0), (agreed.Result.Differences, agreed.Result.Bytes, agreed.Result.NotWhole));
        Assert.Contains(detail, difference.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_keeps_what_is_known_of_its_content_under_another_name_and_when_it_grows_on()
    {
        Store("/a/x.log", "hello");
        Append("/a/x.log", " grow");
        File.Move(_catalog.Disk("/a/x.log"), _catalog.Disk("/a/x.log.1"));
        _catalog.Apply(Renamed("/a/x.log", "/a/x.log.1"));
        Append("/a/x.log.1", " more");

        Assert.Equal((0, 0), Outcome(await CheckAsync(full: true)));
        _catalog.Put("/a/x.log.1", "hello grow_more");
        Assert.Single((await CheckAsync(full: true)).Found);
    }

    [Fact]
    public async Task Bytes_that_nobody_told_of_are_compared_by_size_until_their_hash_is_told()
    {
        Store("/a/x.log", "hello");
        Append("/a/x.log", " lost", isTold: false);
        _catalog.Walk();
        Append("/a/x.log", " more");

        var (found, result) = await CheckAsync(full: true);
        Assert.Empty(found);
        Assert.Equal((1, 15), (result.NotWhole, result.BytesBySize));
        Assert.Contains("15 bytes at the end of 1 of them by size only", result.ToString(), StringComparison.Ordinal);

        _catalog.Apply(Compared("/a/x.log", 0, 15, Hash("hello lost more")));
        Append("/a/x.log", " and");
        Assert.Equal((0, 0), Outcome(await CheckAsync(full: true)));
        _catalog.Put("/a/x.log", "hello_lost more and");
        Assert.Single((await CheckAsync(full: true)).Found);
    }

    [Fact]
    public async Task Written_in_place_cut_or_replaced_it_is_no_difference()
    {
        Store("/a/in-place.log", "hello");
        Append("/a/in-place.log", " grow");
        _catalog.Apply(Began("/a/in-place.log", 7));
        _catalog.Put("/a/in-place.log", "hello gROW");
        Assert.Empty((await CheckAsync(full: true)).Found);
        _catalog.Put("/a/in-place.log", "hello gROWN");
        _catalog.Apply(Stored("/a/in-place.log", 11, Range("hello gROWN", 7), FtpTransferKind.Append, 7) with { Checksum = Crc("ROWN") });

        Store("/a/cut.log", "hello");
        Append("/a/cut.log", " grow");
        _catalog.Put("/a/cut.log", "hello g");
        _catalog.Apply(ModifiedSet("/a/cut.log"));

        Store("/a/replaced.log", "hello");
        Append("/a/replaced.log", " grow");
        File.Delete(_catalog.Disk("/a/replaced.log"));
        _catalog.Put("/a/replaced.log", "something else");
        _catalog.Walk();

        var (found, result) = await CheckAsync(full: true);
        Assert.Empty(found);
        Assert.Equal(3, result.NotWhole);
    }

    [Fact]
    public void The_checksum_of_two_pieces_is_that_of_both_together()
    {
        var random = new Random(7);
        var content = new byte[100_000];
        random.NextBytes(content);
        for (var round = 0; round < 200; round++)
        {
            var end = random.Next(content.Length + 1);
            var middle = random.Next(end + 1);

            Assert.Equal(
                Crc64.HashToUInt64(content.AsSpan(0, end)),
                TailChecksum.Join(Crc64.HashToUInt64(content.AsSpan(0, middle)), Crc64.HashToUInt64(content.AsSpan(middle, end - middle)), end - middle));
        }
    }

    [Fact]
    public async Task Without_a_catalog_it_says_so()
    {
        var options = _catalog.Options with { DatabaseFile = Path.Combine(_catalog.DataDirectory, "none.db") };

        var missing = await Assert.ThrowsAsync<CatalogMissingException>(() => new CatalogCheck(options).RunAsync(false, _ => { }, Cancel));

        Assert.Contains("none.db", missing.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(options.DatabaseFile));
    }

    private async Task<(List<CatalogDifference> Found, CatalogCheckResult Result)> CheckAsync(bool full)
    {
        var found = new List<CatalogDifference>();
        var running = new CatalogCheck(_catalog.Options with { TimeProvider = _clock }).RunAsync(full, found.Add, Cancel);
        while (!running.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return (found, await running);
    }

    private void Store(string path, string content)
    {
        _catalog.Put(path, content);
        _catalog.Apply(Stored(path, content.Length, Range(content, 0), at: DateTimeOffset.UtcNow));
    }

    private void Append(string path, string more, bool isTold = true)
    {
        File.AppendAllText(_catalog.Disk(path), more);
        var content = File.ReadAllText(_catalog.Disk(path));
        if (isTold)
        {
            var from = content.Length - more.Length;
            _catalog.Apply(Stored(path, content.Length, Range(content, from), FtpTransferKind.Append, from, DateTimeOffset.UtcNow) with { Checksum = Crc(more) });
        }
    }

    private static (long Differences, long NotWhole) Outcome((List<CatalogDifference> Found, CatalogCheckResult Result) check) => (check.Result.Differences, check.Result.NotWhole);

    private static FtpHash Range(string content, int from) => new(FtpHashAlgorithm.Xxh128, from, content.Length, Hash(content[from..]));

    private static string Hash(string content) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(content)));

    private static ulong Crc(string content) => Crc64.HashToUInt64(Encoding.UTF8.GetBytes(content));
}
