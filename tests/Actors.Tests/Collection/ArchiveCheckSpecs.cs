using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>An archive that has less than it had, as after an older backup was restored there.</summary>
public sealed class ArchiveCheckSpecs : IDisposable
{
    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _data = new();
    private readonly FakeArchive _archive = new();

    public void Dispose()
    {
        _node.Dispose();
        _data.Dispose();
    }

    private CollectionOptions Options(TimeSpan verifyInterval) => AgentUnderTest.Options(_node.Path, automatic: true) with
    {
        LedgerFile = Path.Combine(_data.Path, "ledger.db"),
        VerifyInterval = verifyInterval,
    };

    [Fact]
    public async Task What_the_archive_has_no_more_is_sent_again_without_a_restart()
    {
        var expected = WriteTree();
        await using var agent = AgentUnderTest.Start(Options(TimeSpan.FromSeconds(2)), _archive);
        await UntilAsync(() => Text() == expected);

        _archive.Remove("/agent01/a.log");
        _archive.Remove("/agent01/two/deep/c.log");
        _archive.Put("/agent01/one/b.log", "cont"u8.ToArray());

        await UntilAsync(() => Text() == expected);
        await UntilAsync(async () => (await agent.LedgerAsync()).Totals is { ArchivedFiles: 4, PendingFiles: 0 });
    }

    [Fact]
    public async Task What_an_upload_finds_lacking_leads_to_a_look_at_all_folders()
    {
        var expected = WriteTree();
        await using var agent = AgentUnderTest.Start(Options(TimeSpan.Zero), _archive);
        await UntilAsync(() => Text() == expected);

        // The archive is stopped, put back to an older backup, and started.
        var lost = 4;
        _archive.Remove("/agent01/one/b2.log");
        _archive.Remove("/agent01/two/deep/c.log");
        _archive.OnOperation = (operation, _) =>
        {
            if (operation != "connect" && Interlocked.Decrement(ref lost) >= 0)
                throw FakeArchive.Lost();
        };
        _node.Append("one/b.log", "!");

        await UntilAsync(() => Text() == expected.Replace("content of b;", "content of b!;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_node_has_no_more_either_is_told_in_its_story_and_is_not_pending()
    {
        var expected = WriteTree();
        var options = Options(TimeSpan.FromSeconds(2));
        await using var agent = AgentUnderTest.Start(options, _archive);
        await UntilAsync(() => Text() == expected);
        File.Delete(Path.Combine(_node.Path, "a.log"));
        using var store = LedgerStore.OpenToRead(options.LedgerFile!)!;
        await UntilAsync(() => store.Story("a.log").Any(item => item.Kind == StoryKind.Vanished));

        _archive.Remove("/agent01/a.log");

        await UntilAsync(() => store.Story("a.log").Any(item => item.Kind == StoryKind.LostInArchive));
        Assert.Equal(0, (await agent.LedgerAsync()).Totals.PendingFiles);
        Assert.DoesNotContain("/agent01/a.log", _archive.Files.Keys);
    }

    [Fact]
    public void Content_that_was_renamed_or_continued_since_it_was_looked_at_is_not_lost()
    {
        var state = new LedgerState();
        Archive(state, "renamed.log", 1, 10);
        Archive(state, "grown.log", 2, 10);
        Archive(state, "lost.log", 3, 10);
        Archive(state, "in-hand.log", 4, 10);
        var lacking = ExpectedFolders.Of(state, new JobsInHand(), [""]).Folders[""];
        var inHand = new JobsInHand();
        inHand.Add(new UploadJob("in-hand.log", "/x", "/x", default, 0, 0, null, [], false));

        Archive(state, "new-name.log", 1, 10, "renamed.log");
        Archive(state, "grown.log", 2, 11);

        Assert.Equal(4, lacking.Count);
        Assert.Equal(["lost.log"], ExpectedFolders.StillExpected(state, inHand, lacking));
    }

    [Fact]
    public void Content_that_an_attempt_may_have_renamed_whose_end_is_not_known_is_not_lost()
    {
        var state = new LedgerState();
        Archive(state, "app.log", 1, 10);
        Archive(state, "other.log", 2, 10);
        var lacking = ExpectedFolders.Of(state, new JobsInHand(), [""]).Folders[""];

        var renamed = new FilesSeen.SeenFile("app.log.1", state.Find("app.log")!.Id, 10, 1, false, FileChange.New) { RenamedFrom = "app.log" };
        foreach (var happened in new ILedgerEvent[] { new FilesSeen(default, "/r", [renamed]), new FilesVanished(default, ["app.log", "other.log"]), new UploadsBegan(default, ["app.log.1"]) })
            LedgerDecisions.Apply(state, happened);

        Assert.Equal(["other.log"], ExpectedFolders.StillExpected(state, new JobsInHand(), lacking));
    }

    [Fact]
    public void All_folders_are_gone_through_in_order_and_then_from_the_beginning()
    {
        var state = new LedgerState();
        foreach (var path in new[] { "root.log", "b/1.log", "a/1.log", "a/2.log", "a/deep/1.log", "c/1.log" })
            Archive(state, path, (ulong)path.GetHashCode(StringComparison.Ordinal) | 1, 5);

        var seen = new List<string>();
        string? after = null;
        do
        {
            var next = ExpectedFolders.Next(state, new JobsInHand(), after, 0.3);
            Assert.InRange(next.Folders.Count, 1, 2);
            seen.AddRange(next.Folders.Values.SelectMany(files => files.Select(file => file.Path)).Order(StringComparer.Ordinal));
            after = next.Last;
        }
        while (after is not null);

        Assert.Equal(["a/1.log", "a/2.log", "a/deep/1.log", "b/1.log", "c/1.log", "root.log"], seen.Order(StringComparer.Ordinal));
    }

    private static void Archive(LedgerState state, string path, ulong inode, long length, string? movedFrom = null)
    {
        var id = new FileId(1, inode, 0);
        var content = new ArchivedContent(id, length, 7, new string('a', 32), (int)length, null, 1);
        LedgerDecisions.Apply(state, new FilesSeen(DateTimeOffset.UnixEpoch, "/x", [new FilesSeen.SeenFile(path, id, length, 7, false, FileChange.New)]));
        LedgerDecisions.Apply(state, new FilesArchived(DateTimeOffset.UnixEpoch, [new FilesArchived.ArchivedFile(path, content, movedFrom, null, false)]));
    }

    private string WriteTree()
    {
        _node.Write("a.log", "content of a");
        _node.Write("one/b.log", "content of b");
        _node.Write("one/b2.log", "content of b2");
        _node.Write("two/deep/c.log", "content of c");
        return "/agent01/a.log=content of a;/agent01/one/b.log=content of b;/agent01/one/b2.log=content of b2;/agent01/two/deep/c.log=content of c;";
    }

    private string Text() => string.Concat(_archive.Files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key}={Encoding.UTF8.GetString(file.Value)};"));

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(40), $"not within 40 s: {Text()}\n{string.Join('\n', _archive.Log.TakeLast(40))}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
