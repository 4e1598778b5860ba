using ActorLogArchive.Actors.Catalog;
using static ActorLogArchive.Actors.Tests.Catalog.CatalogFixture;

namespace ActorLogArchive.Actors.Tests.Catalog;

public sealed class NameGlobTests
{
    private static readonly string[] Tree =
    [
        "/a/app.log", "/a/APP2.LOG", "/a/app.log.1", "/a/Logs/app.log", "/a/Logs/deep/x.csv", "/a/Logs/deep/über.log", "/b/Logs/[x]{y}.log", "/b/50%_done.txt", "/top.log",
    ];

    [Theory]
    [InlineData("*.log", "/a/APP2.LOG /a/Logs/app.log /a/Logs/deep/über.log /a/app.log /b/Logs/[x]{y}.log /top.log")]
    [InlineData("app", "/a/APP2.LOG /a/Logs/app.log /a/app.log /a/app.log.1")]
    [InlineData("app?.log", "/a/APP2.LOG")]
    [InlineData("app.lo[a-m]", "/a/Logs/app.log /a/app.log")]
    [InlineData("[!a]*.log", "/a/Logs/deep/über.log /b/Logs/[x]{y}.log /top.log")]
    [InlineData("*.{csv,txt}", "/a/Logs/deep/x.csv /b/50%_done.txt")]
    [InlineData("**/*.csv", "/a/Logs/deep/x.csv")]
    [InlineData("Logs/*", "/a/Logs/app.log /b/Logs/[x]{y}.log")]
    [InlineData("logs/**", "/a/Logs/app.log /a/Logs/deep/x.csv /a/Logs/deep/über.log /b/Logs/[x]{y}.log")]
    [InlineData("**/app.log", "/a/Logs/app.log /a/app.log")]
    [InlineData("/a/*.log", "/a/APP2.LOG /a/app.log")]
    [InlineData("/{a,b}/Logs/*.log", "/a/Logs/app.log /b/Logs/[x]{y}.log")]
    [InlineData("ÜBER", "/a/Logs/deep/über.log")]
    [InlineData("Logs/deep", "/a/Logs/deep/x.csv /a/Logs/deep/über.log")]
    [InlineData("0%_d", "/b/50%_done.txt")]
    [InlineData("%", "/b/50%_done.txt")]
    [InlineData("[", "")]
    [InlineData("[[]x*", "/b/Logs/[x]{y}.log")]
    [InlineData("*[z-a]*", "/a/APP2.LOG /a/Logs/app.log /a/app.log /a/app.log.1")]
    [InlineData("{unclosed", "")]
    [InlineData("(.*)+$", "")]
    public async Task A_glob_finds(string glob, string expected)
    {
        using var catalog = new CatalogFixture();
        foreach (var path in Tree)
        {
            catalog.Put(path, "x");
        }

        catalog.Walk();
        var page = await catalog.Queries.FindFilesAsync(new FileQuery(glob), TestContext.Current.CancellationToken);

        Assert.Equal(expected, string.Join(' ', page.Files.Select(file => file.Path).Order(StringComparer.Ordinal)));
        Assert.Equal(page.Files.Count, page.Total);
    }

    [Fact]
    public void A_glob_beyond_measure_is_refused() =>
        Assert.Contains("allowed are 1 to 1024", Assert.Throws<ArgumentException>(() => NameGlob.Parse(new string('*', 1025))).Message, StringComparison.Ordinal);
}
