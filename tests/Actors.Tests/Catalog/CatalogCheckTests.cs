using System.IO.Hashing;
using System.Text;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Ftp.Protocol;
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
        Assert.Equal((0, 2, 10, 0), (result.Differences, result.Files, result.Bytes, result.WithoutHash));
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
        var hash = Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(content)));
        _catalog.Apply(Stored(path, content.Length, new FtpHash(FtpHashAlgorithm.Xxh128, 0, content.Length, hash)));
    }
}
