using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Retention;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>Removal of local files that the archive has.</summary>
public sealed class RetentionSpecs : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);
    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _data = new();
    private readonly FakeArchive _archive = new();

    public void Dispose()
    {
        _node.Dispose();
        _data.Dispose();
    }

    private string LedgerFile => Path.Combine(_data.Path, "ledger.db");

    private AgentUnderTest Start(RetentionOptions retention, TimeSpan? sealAfter = null)
    {
        var options = AgentUnderTest.Options(_node.Path, automatic: true);
        return AgentUnderTest.Start(
            options with
            {
                Roots = [options.Roots[0] with { SealAfter = sealAfter ?? TimeSpan.Zero }],
                LedgerFile = LedgerFile,
                Retention = retention with { FreeSpacePeriod = Soon, AgePeriod = Soon },
            },
            _archive);
    }

    private static RetentionOptions OlderThan30Days => new() { OlderThan = TimeSpan.FromDays(30) };

    private string Write(string name, string content, int daysAgo)
    {
        var file = _node.Write(name, content);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-daysAgo));
        return file;
    }

    [Fact]
    public async Task Old_files_go_once_the_archive_has_them_and_their_story_tells_which_rule_it_was()
    {
        Write("old.log", "old", 40);
        Write("deep/older.log", "older", 50);
        Write("young.log", "young", 20);
        await using var agent = Start(OlderThan30Days);

        await UntilAsync(() => string.Join(' ', Names()) == "young.log");

        Assert.Equal(["/agent01/deep/older.log", "/agent01/old.log", "/agent01/young.log"], _archive.Files.Keys.Order(StringComparer.Ordinal));
        Assert.True(Directory.Exists(Path.Combine(_node.Path, "deep")), "a folder was removed");
        using var store = LedgerStore.OpenToRead(LedgerFile)!;
        await UntilAsync(() => store.Story("old.log").Any(item => item.Kind == StoryKind.Deleted));
        Assert.Contains("retention.older-than = 30d", store.Story("old.log").Single(item => item.Kind == StoryKind.Deleted).Message, StringComparison.Ordinal);
        Assert.NotNull(store.Find("old.log")!.Archived);
        Assert.Equal(0, (await agent.LedgerAsync()).Totals.PendingFiles);
    }

    [Fact]
    public async Task When_space_is_short_the_oldest_go_but_none_that_is_younger_than_keep_at_least()
    {
        Write("1.log", new string('1', 100), 9);
        Write("2.log", new string('2', 100), 8);
        Write("3.log", new string('3', 100), 7);
        Write("4.log", new string('4', 100), 0);
        var free = 10_000L;
        var used = 400L;
        var retention = new RetentionOptions
        {
            MinFree = 1200,
            FreeSpace = _ => Interlocked.Read(ref free) + used - Names().Sum(name => new FileInfo(Path.Combine(_node.Path, name)) is { Exists: true } file ? file.Length : 0),
        };
        await using var agent = Start(retention);
        // The oldest of those that are archived go, so all have to be before it begins.
        await UntilAsync(async () => await agent.LedgerAsync() is { Totals: { PendingFiles: 0, ArchivedFiles: 4 } });

        Interlocked.Exchange(ref free, 1000);
        await UntilAsync(() => string.Join(' ', Names()) == "3.log 4.log");
        Interlocked.Exchange(ref free, 0);
        await UntilAsync(() => string.Join(' ', Names()) == "4.log");

        await AssertStaysAsync("4.log");
    }

    [Fact]
    public async Task A_file_that_a_process_has_open_stays_until_it_is_closed()
    {
        var file = Write("open.log", "open", 40);
        Write("closed.log", "closed", 40);
        await using var agent = Start(OlderThan30Days);
        await using (new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            await UntilAsync(() => string.Join(' ', Names()) == "open.log");
            await AssertStaysAsync("open.log");
        }

        await UntilAsync(() => !File.Exists(file));
    }

    [Fact]
    public async Task A_file_with_a_second_name_and_a_link_stay()
    {
        var target = Write("target/target.log", "target", 40);
        File.CreateSymbolicLink(Path.Combine(_node.Path, "link.log"), target);
        var linked = Write("linked.log", "linked", 40);
        TemporaryFolder.Link(linked, Path.Combine(_node.Path, "other-name.log"));
        await using var agent = Start(OlderThan30Days);

        await UntilAsync(() => !File.Exists(target));

        await AssertStaysAsync("linked.log");
        Assert.True(File.Exists(Path.Combine(_node.Path, "other-name.log")));
        Assert.NotNull(new FileInfo(Path.Combine(_node.Path, "link.log")).LinkTarget);
    }

    [Fact]
    public async Task What_the_archive_lost_meanwhile_stays_and_is_sent_again()
    {
        var file = Write("a.log", "content", 40);
        var isOpen = 1;
        _archive.OnOperation = (operation, path) =>
        {
            // The first look at it before a removal: by then an older backup was restored.
            if (operation == "hash" && path == "/agent01/a.log" && Interlocked.Exchange(ref isOpen, 0) == 1)
                _archive.Put("/agent01/a.log", "CONTENT"u8.ToArray());
        };
        await using var agent = Start(OlderThan30Days);

        await UntilAsync(() => !File.Exists(file));

        Assert.Equal(["CONTENT", "content"], _archive.Files.Values.Select(Encoding.UTF8.GetString).Order(StringComparer.Ordinal));
        Assert.Equal("content", Encoding.UTF8.GetString(_archive.Files["/agent01/a.log"]));
    }

    [Fact]
    public async Task What_changed_since_it_was_archived_stays()
    {
        var file = Write("a.log", "content", 40);
        var isFirst = 1;
        _archive.OnOperation = (operation, path) =>
        {
            // Between the look at the archive and the removal.
            if (operation == "hash" && path == "/agent01/a.log" && Interlocked.Exchange(ref isFirst, 0) == 1)
                File.AppendAllText(file, " and more");
        };
        await using var agent = Start(OlderThan30Days);

        await UntilAsync(() => _archive.Files.TryGetValue("/agent01/a.log", out var content) && Encoding.UTF8.GetString(content) == "content and more");

        await AssertStaysAsync("a.log");
    }

    [Fact]
    public async Task What_was_not_compared_as_a_whole_stays()
    {
        Write("a.log", "content", 40);
        _archive.Put("/agent01/a.log", "cont"u8.ToArray());
        await using var agent = Start(OlderThan30Days, sealAfter: TimeSpan.FromDays(365));
        await UntilAsync(() => _archive.Files["/agent01/a.log"].Length == 7);

        await AssertStaysAsync("a.log");
    }

    [Fact]
    public void A_file_that_is_another_one_by_now_is_not_removed()
    {
        var file = Write("a.log", "content", 40);
        var facts = Scanning(file);
        var content = new ArchivedContent(facts.Id, facts.Size, facts.Modified.UtcTicks, "", 0, null, 0);
        var removable = new RetentionProtocol.RemovableFile("a.log", _node.Path, file, "/agent01/a.log", content);
        File.Move(file, file + ".1");
        Write("a.log", "content", 40);

        Assert.Equal("it has changed", FileRemoval.Remove(removable));
        Assert.True(File.Exists(file));
        File.Move(file + ".1", file, overwrite: true);
        Assert.Null(FileRemoval.Remove(removable));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void A_folder_that_became_a_link_leads_to_no_removal_elsewhere()
    {
        using var elsewhere = new TemporaryFolder();
        var victim = elsewhere.Write("a.log", "content");
        var facts = Scanning(victim);
        var content = new ArchivedContent(facts.Id, facts.Size, facts.Modified.UtcTicks, "", 0, null, 0);
        Directory.CreateSymbolicLink(Path.Combine(_node.Path, "folder"), elsewhere.Path);

        Assert.NotNull(FileRemoval.Remove(new RetentionProtocol.RemovableFile("folder/a.log", _node.Path, Path.Combine(_node.Path, "folder/a.log"), "/agent01/folder/a.log", content)));

        Assert.True(File.Exists(victim));
    }

    private static Actors.Collection.Scanning.NodeFileFacts Scanning(string file) => Actors.Collection.Scanning.NodeFiles.Look(file)!;

    private List<string> Names() =>
        [.. Directory.EnumerateFiles(_node.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_node.Path, file)).Order(StringComparer.Ordinal)];

    // Some rounds of retention pass: a file of the same age that comes later has gone by then.
    private async Task AssertStaysAsync(string name)
    {
        for (var i = 0; i < 2; i++)
        {
            var marker = Write($"marker-{i}.log", "marker", 40);
            await UntilAsync(() => !File.Exists(marker));
        }

        Assert.True(File.Exists(Path.Combine(_node.Path, name)), $"{name} is gone");
    }

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(40), $"not within 40 s: {string.Join(' ', Names())}\n{string.Join('\n', _archive.Log.TakeLast(30))}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
