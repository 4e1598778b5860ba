using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class ApplySettingsSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _other = new();
    private readonly FakeArchive _archive = new();
    private readonly Func<IArchiveTransport> _transport;
    private int _transports;

    public ApplySettingsSpecs() => _transport = NewTransport;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _node.Dispose();
        _other.Dispose();
    }

    private CollectionOptions Options(bool automatic = true) => AgentUnderTest.Options(_node.Path, automatic);

    private AgentUnderTest Start(CollectionOptions options) => AgentUnderTest.Start(options, _transport, AgentUnderTest.InMemory);

    private IArchiveTransport NewTransport()
    {
        Interlocked.Increment(ref _transports);
        return _archive.NewTransport();
    }

    private static CollectionOptions With(CollectionOptions options, Func<UploadOptions, UploadOptions> change) => options with { Upload = change(options.Upload) };

    private bool Has(string path, string content) => _archive.Files.TryGetValue(path, out var bytes) && Encoding.UTF8.GetString(bytes) == content;

    private static Task Until(Func<bool> holds) => Until(() => Task.FromResult(holds()));

    private static async Task Until(Func<Task<bool>> holds)
    {
        var deadline = DateTime.UtcNow + Patience;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < deadline, "it did not come to that in time");
            await timer.WaitForNextTickAsync(Stop);
        }
    }

    [Fact]
    public async Task Other_connections_in_the_middle_of_uploads_lose_and_double_nothing()
    {
        for (var i = 0; i < 100; i++)
            _node.Write($"{i % 7}/{i}.log", $"content of {i}");
        _node.Write("big.log", new string('x', 200_000));
        var options = With(Options(), upload => upload with { Connections = 3, SliceBytes = 20_000, BatchFiles = 8 });
        using var hold = new ManualResetEventSlim();
        var (sends, sent) = (0, new SemaphoreSlim(0));
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "send" && Interlocked.Increment(ref sends) >= 20 && !hold.IsSet)
            {
                sent.Release();
                hold.Wait(Patience);
            }
        };
        await using var agent = Start(options);
        Assert.True(await sent.WaitAsync(Patience, Stop));
        var before = _transports;

        await agent.ApplyAsync(With(options, upload => upload with { Connections = 5, Order = UploadOrder.NewestFirst }), () => NewTransport());
        hold.Set();

        await Until(async () => (await agent.StatusAsync()) is { Totals: { PendingFiles: 0, ArchivedFiles: 101 }, Connections.Count: 5 });
        Assert.Equal(before + 5, _transports);
        Assert.Equal(101, _archive.Files.Count);
        for (var i = 0; i < 100; i++)
            Assert.True(Has($"/agent01/{i % 7}/{i}.log", $"content of {i}"));
        Assert.Equal(_archive.Files.Values.Sum(file => file.Length), _archive.BytesReceived);
        Assert.Equal(0, (await agent.LedgerAsync()).Totals.FailedFiles);
    }

    [Fact]
    public async Task A_connection_gives_back_the_rest_of_its_batch_for_the_new_ones()
    {
        for (var i = 0; i < 50; i++)
            _node.Write($"{i}.log", $"content of {i}");
        var options = With(Options(), upload => upload with { Connections = 1 });
        using var hold = new ManualResetEventSlim();
        using var sending = new SemaphoreSlim(0);
        var isFirst = true;
        var otherArchive = new FakeArchive();
        _archive.OnOperation = (operation, _) =>
        {
            if (operation != "send" || !isFirst)
                return;
            isFirst = false;
            sending.Release();
            hold.Wait(Patience);
        };
        await using var agent = Start(options);
        Assert.True(await sending.WaitAsync(Patience, Stop));

        await agent.ApplyAsync(options, otherArchive.NewTransport);
        hold.Set();

        await Until(async () => (await agent.LedgerAsync()).Totals is { PendingFiles: 0, ArchivedFiles: 50 });
        Assert.Single(_archive.Files);
        Assert.Equal(49, otherArchive.Files.Count);
    }

    [Fact]
    public async Task Connections_stay_when_nothing_of_them_changed()
    {
        _node.Write("a.log", "one");
        var options = With(Options(), upload => upload with { Connections = 1 });
        await using var agent = Start(options);
        await Until(() => Has("/agent01/a.log", "one"));

        await agent.ApplyAsync(options with { ScanInterval = TimeSpan.FromSeconds(2) }, _transport);
        _node.Write("b.log", "two");

        await Until(() => Has("/agent01/b.log", "two"));
        Assert.Equal(1, _transports);
    }

    [Fact]
    public async Task A_new_folder_is_archived_and_watched()
    {
        _node.Write("a.log", "one");
        _other.Write("old.log", "there before");
        var options = Options() with { ScanInterval = TimeSpan.FromHours(1) };
        await using var agent = Start(options);
        await Until(() => Has("/agent01/a.log", "one"));

        await agent.ApplyAsync(options with { Roots = [.. options.Roots, new WatchedRoot { Path = _other.Path, Name = "other" }] }, _transport);
        await Until(() => Has("/agent01/other/old.log", "there before"));
        _other.Write("new.log", "made later");

        await Until(() => Has("/agent01/other/new.log", "made later"));
        Assert.Equal(2, (await agent.StatusAsync()).Roots.Count);
    }

    [Fact]
    public async Task A_folder_that_is_not_watched_any_more_is_left_alone_and_what_was_archived_stays()
    {
        _node.Write("a.log", "one");
        _other.Write("b.log", "two");
        var one = Options() with { ScanInterval = TimeSpan.FromMilliseconds(200) };
        var both = one with { Roots = [.. one.Roots, new WatchedRoot { Path = _other.Path, Name = "other" }] };
        await using var agent = Start(both);
        await Until(() => Has("/agent01/other/b.log", "two"));

        await agent.ApplyAsync(one, _transport);
        _other.Append("b.log", " and more");
        _node.Append("a.log", " and more");

        await Until(() => Has("/agent01/a.log", "one and more"));
        Assert.True(Has("/agent01/other/b.log", "two"));
    }

    [Fact]
    public async Task What_is_excluded_is_not_sent_any_more_even_when_it_was_pending()
    {
        _node.Write("a.log", "one");
        _node.Write("a.tmp", "pending for ever");
        _archive.OnOperation = (operation, path) =>
        {
            if (operation == "send" && path.EndsWith(".tmp", StringComparison.Ordinal))
                throw new ArchiveException(ArchiveFault.Refused, "STOR was answered 550");
        };
        var options = Options();
        await using var agent = Start(options);
        await Until(async () => (await agent.LedgerAsync()).Totals is { PendingFiles: 1, ArchivedFiles: 1, FailedFiles: 1 });

        await agent.ApplyAsync(options with { Roots = [options.Roots[0] with { Exclude = ["**/*.tmp"] }] }, _transport);

        await Until(async () => (await agent.LedgerAsync()).Totals.PendingFiles == 0);
        _node.Write("b.tmp", "never seen");
        _node.Write("b.log", "two");
        await Until(() => Has("/agent01/b.log", "two"));
        Assert.Equal(["/agent01/a.log", "/agent01/b.log"], _archive.Files.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Settling_time_taken_away_lets_go_what_waits_for_it()
    {
        _node.Write("a.log", "one");
        var options = Options();
        await using var agent = Start(options with { Roots = [options.Roots[0] with { Settle = TimeSpan.FromHours(1) }] });
        await Until(async () => (await agent.LedgerAsync()).Totals.PendingFiles == 1);

        await agent.ApplyAsync(options, _transport);

        await Until(() => Has("/agent01/a.log", "one"));
    }

    [Fact]
    public async Task A_ledger_that_starts_anew_keeps_to_the_new_settings()
    {
        _node.Write("a.log", "one");
        var options = Options();
        await using var agent = Start(options with { Roots = [options.Roots[0] with { Settle = TimeSpan.FromHours(1) }] });
        await Until(async () => (await agent.LedgerAsync()).Totals.PendingFiles == 1);
        await agent.ApplyAsync(options, _transport);
        await Until(() => Has("/agent01/a.log", "one"));

        agent.System.ActorSelection(agent.Ledger.Path / "ledger").Tell(Akka.Actor.PoisonPill.Instance, Akka.Actor.ActorRefs.NoSender);
        _node.Write("b.log", "two");

        await Until(() => Has("/agent01/b.log", "two"));
    }
}
