using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>Walks that are told in parts.</summary>
public sealed class ScanPartsSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _node = new();

    public void Dispose() => _node.Dispose();

    private void Fill(string folder, int files)
    {
        Directory.CreateDirectory(Path.Combine(_node.Path, folder));
        for (var i = 0; i < files; i++)
            File.Create(Path.Combine(_node.Path, folder, $"{i}.log")).Dispose();
    }

    [Fact]
    public void A_folder_stays_in_one_part_unless_it_is_more_than_a_part_holds()
    {
        Fill("a", 3000);
        Fill("b", 3000);
        Fill("c", 12_000);
        for (var folder = 0; folder < 50; folder++)
            Fill($"d/{folder}", 50);
        var parts = new List<ScanPart>();
        var differences = new ScanDifferences(parts.Add);

        new RootScanner(new WatchedRoot { Path = _node.Path }).ScanAll(differences, TestContext.Current.CancellationToken);

        var all = parts.Select(part => part.Found).Append(differences.Found).Select(found => found.SelectMany(group => group.Files).Select(file => file.Path).ToList()).ToList();
        Assert.All(all, part => Assert.InRange(part.Count, 0, ScanDifferences.LargestPart));
        Assert.All(all.Where(part => part.Select(Path.GetDirectoryName).Distinct().Count() > 1), part => Assert.InRange(part.Count, 2, ScanDifferences.PartSize));
        Assert.Equal(20_500, all.SelectMany(part => part).Distinct().Count());
        Assert.Single(all, part => part.Exists(path => path.StartsWith("a/", StringComparison.Ordinal)));
        Assert.Single(all, part => part.Exists(path => path.StartsWith("b/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_walk_waits_when_two_parts_are_not_acknowledged()
    {
        Fill("a", 22_000);
        using var system = ActorSystem.Create("parts");
        var ledger = Akka.Actor.Inbox.Create(system);
        var scanner = system.ActorOf(ScannerActor.Props(AgentUnderTest.Options(_node.Path), ledger.Receiver));
        scanner.Tell(new CollectionProtocol.LedgerStarted(Guid.NewGuid()));
        scanner.Tell(CollectionProtocol.ScanNow.Instance);

        var first = await NextAsync();
        var second = await NextAsync();
        Assert.Equal((0, 1), (first.Part, second.Part));
        var third = NextAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => third.WaitAsync(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));

        var part = second;
        scanner.Tell(new CollectionProtocol.ScanRecorded(first.ScanId, first.Part));
        scanner.Tell(new CollectionProtocol.ScanRecorded(second.ScanId, second.Part));
        for (part = await third; !part.IsLast; part = await NextAsync())
        {
            Assert.True(part.Scan.IsBaseline);
            scanner.Tell(new CollectionProtocol.ScanRecorded(part.ScanId, part.Part));
        }

        Assert.Equal(4, part.Part);
        await system.Terminate();

        async Task<CollectionProtocol.ReportScan> NextAsync()
        {
            while (true)
            {
                var message = await ledger.ReceiveAsync(Patience);
                if (message is CollectionProtocol.ReportScan report)
                    return report;
                Assert.IsNotType<Status.Failure>(message);
            }
        }
    }

    [Fact]
    public async Task A_rotation_that_is_told_in_two_parts_is_followed_by_a_rename_and_sent_once()
    {
        var archive = new FakeArchive();
        await using var agent = AgentUnderTest.Start(AgentUnderTest.Options(_node.Path), archive);
        _node.Write("app.log", "first");
        Assert.True((await agent.RunOnceAsync()).IsComplete);
        _node.Move("app.log", "old/app.log.1");
        _node.Write("app.log", "second!");
        var (moved, taken) = (Found("old/app.log.1"), Found("app.log"));

        // The name that was taken over is told first: its older content must not be set aside before the walk comes to its new name.
        Assert.Equal(0, (await ReportAsync(0, isLast: false, taken)).Part);
        Assert.Equal((1, "app.log"), ((int)(await agent.LedgerAsync()).Totals.PendingFiles, (await agent.LedgerAsync()).OldestPendingPath));
        await ReportAsync(1, isLast: true, moved);
        Assert.True((await agent.RunOnceAsync()).IsComplete);

        Assert.Equal(["/agent01/app.log: second!", "/agent01/old/app.log.1: first"], Contents());
        Assert.Equal(12, archive.BytesReceived);

        FoundFile Found(string path)
        {
            var file = NodeFile.Probe(Path.Combine(_node.Path, path));
            return new FoundFile(path, file.Id, file.Size, file.Modified, false);
        }

        Task<CollectionProtocol.ScanRecorded> ReportAsync(int part, bool isLast, FoundFile file) => agent.Ledger.Ask<CollectionProtocol.ScanRecorded>(
            new CollectionProtocol.ReportScan(
                77, part, isLast, new RecordScan([new FoundFiles(_node.Path, [file])], [], false, []), []),
            Patience,
            TestContext.Current.CancellationToken);

        IEnumerable<string> Contents() =>
            archive.Files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key}: {Encoding.UTF8.GetString(file.Value)}");
    }

    [Fact]
    public async Task A_baseline_in_parts_takes_only_what_no_part_told_for_gone()
    {
        Fill("a", 4000);
        Fill("b", 4000);
        var archive = new FakeArchive();
        using var data = new TemporaryFolder();
        var options = AgentUnderTest.Options(_node.Path) with { LedgerFile = Path.Combine(data.Path, "ledger.db") };
        await using var agent = AgentUnderTest.Start(options, archive);
        Assert.True((await agent.RunOnceAsync()).IsComplete);
        File.Delete(Path.Combine(_node.Path, "b", "7.log"));

        // Another scanner knows nothing of what this one has seen.
        var scanner = agent.System.ActorOf(ScannerActor.Props(AgentUnderTest.Options(_node.Path), agent.Ledger));
        await scanner.Ask<CollectionProtocol.ScanFinished>(CollectionProtocol.ScanNow.Instance, Patience, TestContext.Current.CancellationToken);

        await agent.WriteDownAsync();
        using var store = LedgerStore.OpenToRead(options.LedgerFile!)!;
        Assert.Equal("b/7.log", Assert.Single(store.Load().GoneEntries).Path);
    }

    [Fact]
    public async Task Without_any_event_the_periodic_walk_finds_what_changes()
    {
        _node.Write("sub/a.log", "one");
        var archive = new FakeArchive();
        await using var agent = AgentUnderTest.Start(
            AgentUnderTest.Options(_node.Path, automatic: true) with { Watch = false, ScanInterval = TimeSpan.FromMilliseconds(200) }, archive);
        await UntilAsync("one");
        _node.Append("sub/a.log", " two");
        await UntilAsync("one two");

        async Task UntilAsync(string content)
        {
            using var deadline = new CancellationTokenSource(Patience);
            while (!archive.Files.TryGetValue("/agent01/sub/a.log", out var bytes) || Encoding.UTF8.GetString(bytes) != content)
                await Task.Delay(20, deadline.Token);
        }
    }
}
