using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>Each rule in words, and that the walk decides the same.</summary>
public sealed class FileVerdictsTests : IDisposable
{
    private readonly TemporaryFolder _node = new();

    public void Dispose() => _node.Dispose();

    private CollectionOptions Options(WatchedRoot root) => AgentUnderTest.Options(_node.Path) with { Roots = [root with { Path = _node.Path }] };

    private FileVerdict Verdict(WatchedRoot root, string path) => new FileVerdicts(Options(root)).For(Path.Combine(_node.Path, path));

    private static readonly WatchedRoot Any = new() { Path = "/" };

    [Theory]
    [InlineData("**/*.log", "", "app/a.log", "included by pattern '**/*.log' of ")]
    [InlineData("**/*.log", "*.tmp,app/**", "app/a.log", "left out by exclude pattern 'app/**'")]
    [InlineData("**/*.log", "", "a.LOG", "matches no include pattern (**/*.log); the pattern is case-sensitive and the name ends in .LOG")]
    [InlineData("**/*.log", "", "a.txt", "matches no include pattern (**/*.log)")]
    [InlineData("**/*", "app/**,!app/keep.log", "app/keep.log", "included by pattern '**/*' of ")]
    [InlineData("**/*", "app/**,!app/keep.log", "app/other.log", "left out by exclude pattern 'app/**'")]
    [InlineData("!**/*.gz", "", "a.log", "included by pattern '**/*' of ")]
    [InlineData("!**/*.gz", "", "a.gz", "taken out of the includes by pattern '!**/*.gz'")]
    [InlineData("**/*,!**/*.gz,**/new.gz", "", "new.gz", "included by pattern '**/new.gz' of ")]
    [InlineData("**/*", "", "a/b/c.log", "deeper than max-depth 1")]
    [InlineData("**/*", "", "big.log", "larger than max-file-size 100 bytes (it has 1.5 KB)")]
    [InlineData("**/*", "", "old.log", "older than ignore-older-than 30d (written 2020-01-02)")]
    public void The_rule_is_told_in_words_and_the_walk_follows_it(string include, string exclude, string path, string expected)
    {
        var file = _node.Write(path, path == "big.log" ? new string('x', 1500) : "x");
        if (path == "old.log")
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        var root = Any with
        {
            Include = include.Split(','),
            Exclude = exclude.Split(',', StringSplitOptions.RemoveEmptyEntries),
            MaxDepth = 1,
            MaxFileSize = 100,
            IgnoreOlderThan = TimeSpan.FromDays(30),
        };

        var verdict = Verdict(root, path);

        Assert.StartsWith(expected, verdict.Text, StringComparison.Ordinal);
        var differences = new ScanDifferences();
        RootScanner.ForAll(Options(root))[0].ScanAll(differences, TestContext.Current.CancellationToken);
        Assert.Equal(verdict.IsIn, differences.Found.SelectMany(group => group.Files).Any(found => !found.OnlyIfKnown));
    }

    [Fact]
    public void What_is_no_file_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs symbolic links and FIFOs");
        _node.Write("d/a.log", "x");
        ForeignNames.Shell($"cd '{_node.Path}' && mkfifo fifo && ln -s d link && ln -s none dangling");

        Assert.Equal(FileRule.Special, Verdict(Any, "fifo").Rule);
        Assert.Equal(FileRule.LinkToFolder, Verdict(Any, "link").Rule);
        Assert.Equal(FileRule.LinkToFolder, Verdict(Any, "link/a.log").Rule);
        Assert.Equal(FileRule.LinkToNoFile, Verdict(Any, "dangling").Rule);
        Assert.Equal(FileRule.Missing, Verdict(Any, "gone/a.log").Rule);
        Assert.Equal(FileRule.Folder, Verdict(Any, "d").Rule);
        Assert.Equal(FileRule.NotWatched, Verdict(Any, "../elsewhere.log").Rule);
    }

    [Fact]
    public void A_link_of_another_user_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "needs root, to give a link away");
        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("secret", "1");
        ForeignNames.Shell($"ln -s '{elsewhere.Path}/secret' '{_node.Path}/app.log' && chown -h 65534 '{_node.Path}/app.log'");

        Assert.Equal("symbolic link made by another user than the owner of its target", Verdict(Any, "app.log").Text);
    }

    [Fact]
    public void The_first_root_has_a_path_that_two_lead_to_and_the_second_gets_it_when_the_first_loses_it()
    {
        _node.Write("one/a.log", "1");
        _node.Write("two/a.log", "2");
        var options = AgentUnderTest.Options(_node.Path) with
        {
            Roots = [new WatchedRoot { Path = Path.Combine(_node.Path, "one") }, new WatchedRoot { Path = Path.Combine(_node.Path, "two") }],
        };
        var second = Path.Combine(_node.Path, "two", "a.log");
        var scanners = RootScanner.ForAll(options);

        var both = Scan();
        Assert.Equal(options.Roots[0].Path, Assert.Single(both.Found).Root);
        Assert.Equal(1, both.ProblemCount);
        Assert.Equal(FileRule.PathTaken, new FileVerdicts(options).For(second).Rule);

        File.Delete(Path.Combine(_node.Path, "one", "a.log"));
        var left = Scan();
        Assert.Equal(options.Roots[1].Path, Assert.Single(left.Found).Root);
        Assert.Empty(left.Vanished);
        Assert.True(new FileVerdicts(options).For(second).IsIn);

        _node.Write("one/a.log", "3");
        var taken = Scan();
        Assert.Equal(options.Roots[0].Path, Assert.Single(taken.Found).Root);
        Assert.Empty(taken.Vanished);
        Assert.Equal(1, taken.ProblemCount);

        ScanDifferences Scan()
        {
            var differences = new ScanDifferences();
            foreach (var scanner in scanners)
                scanner.ScanAll(differences, TestContext.Current.CancellationToken);
            return differences;
        }
    }

    [Fact]
    public async Task An_old_file_is_left_out_until_it_changes_and_one_that_is_known_stays_in()
    {
        var old = new DateTime(2020, 1, 2, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_node.Write("old.log", "1"), old);
        File.SetLastWriteTimeUtc(_node.Write("known.log", "1"), old);
        var archive = new FakeArchive();
        var clock = new FakeTimeProvider(new DateTimeOffset(old.AddDays(1)));
        var options = AgentUnderTest.Options(_node.Path) with { Roots = [new WatchedRoot { Path = _node.Path, Include = ["known.log"] }] };
        await using (var first = AgentUnderTest.Start(options, archive))
            await first.RunOnceAsync();

        Assert.Equal(["/agent01/known.log"], archive.Files.Keys);
        await using var agent = AgentUnderTest.Start(options with { Roots = [Any with { Path = _node.Path, IgnoreOlderThan = TimeSpan.FromDays(30) }] }, archive);
        Assert.True((await agent.RunOnceAsync()).IsComplete);
        Assert.DoesNotContain("/agent01/old.log", archive.Files.Keys);

        _node.Append("old.log", "2");
        File.SetLastWriteTimeUtc(Path.Combine(_node.Path, "old.log"), clock.GetUtcNow().UtcDateTime);
        Assert.True((await agent.RunOnceAsync()).IsComplete);
        Assert.Contains("/agent01/old.log", archive.Files.Keys);
    }
}
