using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using Akka.Actor;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class UploaderSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _node = new();
    private readonly FakeArchive _archive = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    private CollectionOptions Options(Func<UploadOptions, UploadOptions>? change = null, bool automatic = false)
    {
        var options = AgentUnderTest.Options(_node.Path, automatic);
        return options with { Upload = (change ?? (upload => upload))(options.Upload) };
    }

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
    public async Task Started_again_with_nothing_to_do_there_is_no_connection()
    {
        using var data = new TemporaryFolder();
        _node.Write("a.log", "content");
        await using (var first = AgentUnderTest.Start(Options(), _archive, AgentUnderTest.Sqlite(data.Path)))
            await first.RunOnceAsync();
        _archive.Log.Clear();
        _archive.OnOperation = (_, _) => throw FakeArchive.Lost();
        await using var agent = AgentUnderTest.Start(Options(), _archive, AgentUnderTest.Sqlite(data.Path));

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Empty(_archive.Log);
        var status = await agent.StatusAsync();
        Assert.Null(status.LastError);
        Assert.All(status.Connections, connection => Assert.Equal(ConnectionState.Idle, connection.State));
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(30, 8)]
    [InlineData(500, 10)]
    public async Task To_an_archive_far_away_there_are_more_connections(int milliseconds, int connections)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "noop")
                clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        };
        _node.Write("a.log", "content");
        await using var agent = AgentUnderTest.Start(Options(upload => upload with { Connections = 4, MaxConnections = 10 }) with { TimeProvider = clock }, _archive);

        await agent.RunOnceAsync();

        Assert.Equal(connections, (await agent.StatusAsync()).Connections.Count);
    }

    [Fact]
    public async Task A_clock_set_back_an_hour_delays_nothing()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var refusals = 0;
        _archive.OnOperation = (operation, path) =>
        {
            if (operation == "send" && path.EndsWith("/a.log", StringComparison.Ordinal) && Interlocked.Increment(ref refusals) == 1)
                throw new ArchiveException(ArchiveFault.Refused, "not now");
        };
        _node.Write("a.log", "content");
        await using var agent = AgentUnderTest.Start(
            Options(upload => upload with { Backoff = BackoffTable.Uniform(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)) }, automatic: true) with { TimeProvider = clock }, _archive);
        await Until(async () => (await FiguresAsync()).Totals.FailedFiles == 1);

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromHours(1));
        _node.Write("b.log", "other content");

        await Until(async () => (await FiguresAsync()).Totals is { PendingFiles: 0, ArchivedFiles: 2 });

        async Task<LedgerFigures> FiguresAsync() =>
            (await agent.Ledger.Ask<CollectionProtocol.LedgerView>(CollectionProtocol.GetLedger.Instance, Patience)).Figures;
    }

    [Fact]
    public async Task An_idle_connection_that_the_archive_closed_is_made_anew_without_an_error()
    {
        var (errors, closed) = (0, false);
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "connect")
                closed = false;
            else if (closed)
                throw FakeArchive.Lost();
        };
        _node.Write("a.log", "one");
        await using var agent = AgentUnderTest.Start(Options(upload => upload with { KeepAlive = TimeSpan.FromMilliseconds(20) }), _archive);
        await agent.RunOnceAsync();
        closed = true;
        await Until(async () =>
        {
            errors += (await agent.StatusAsync()).Connections.Count(connection => connection.LastError is not null);
            return !_archive.Log.IsEmpty;
        });
        _node.Write("b.log", "two");

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal(0, errors);
    }

    [Fact]
    public async Task A_big_file_is_sent_in_slices_with_others_in_between()
    {
        _node.Write("a-big.log", new string('x', 100_000));
        for (var i = 0; i < 20; i++)
            _node.Write($"small/{i:00}.log", $"content {i}");
        await using var agent = AgentUnderTest.Start(Options(upload => upload with { Connections = 1, SliceBytes = 10_000, BatchBytes = 1 }), _archive);

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal(new string('x', 100_000), System.Text.Encoding.UTF8.GetString(_archive.Files["/agent01/a-big.log"]));
        var sends = _archive.Log.Where(operation => operation.StartsWith("send", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, sends.Count(send => send.EndsWith("a-big.log", StringComparison.Ordinal)));
        var (begin, end) = (sends.FindIndex(send => send.EndsWith("a-big.log", StringComparison.Ordinal)), sends.FindLastIndex(send => send.EndsWith("a-big.log", StringComparison.Ordinal)));
        Assert.InRange(end - begin - 9, 5, 20);
        Assert.Equal(100_000 + _archive.Files.Where(file => file.Key.Contains("small")).Sum(file => file.Value.Length), _archive.BytesReceived);
        Assert.Equal(0, (await agent.StatusAsync()).Totals.PendingFiles);
    }

    [Fact]
    public async Task A_slice_shorter_than_the_head_that_is_hashed_is_continued_all_the_same()
    {
        _node.Write("a.log", new string('x', 9000));
        await using var agent = AgentUnderTest.Start(Options(upload => upload with { Connections = 1, SliceBytes = 1000 }), _archive);

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal(9000, _archive.BytesReceived);
        Assert.DoesNotContain(_archive.Log, operation => operation.StartsWith("hash", StringComparison.Ordinal) || operation.StartsWith("rename", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_became_shorter_than_it_was_seen_ends_as_archived()
    {
        var path = _node.Write("a.log", "longer content");
        var shortened = false;
        _archive.OnOperation = (operation, _) =>
        {
            if (operation != "connect" || shortened)
                return;
            shortened = true;
            using var file = new FileStream(path, FileMode.Open);
            file.SetLength(6);
        };
        await using var agent = AgentUnderTest.Start(Options(), _archive);

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal("longer", System.Text.Encoding.UTF8.GetString(_archive.Files["/agent01/a.log"]));
    }

    [Theory]
    [InlineData(ArchiveFault.OverQuota, FailureCause.OverQuota)]
    [InlineData(ArchiveFault.NoSpace, FailureCause.NoSpace)]
    public async Task Where_there_is_no_room_files_do_not_fail_one_after_the_other(ArchiveFault fault, FailureCause cause)
    {
        for (var i = 0; i < 500; i++)
            _node.Write($"{i:000}.log", "content");
        var (sends, full) = (0, true);
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "send" && full)
            {
                Interlocked.Increment(ref sends);
                throw new ArchiveException(fault, "no room");
            }
        };
        await using var agent = AgentUnderTest.Start(
            Options(upload => upload with { Backoff = BackoffTable.Uniform(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)) }, automatic: true), _archive);
        await Until(async () => (await agent.StatusAsync()).Failed.Count > 0);

        var status = await agent.StatusAsync();

        Assert.InRange(sends, 1, 4 * 3);
        Assert.All(status.Failed, failed => Assert.Equal(cause, failed.Failure.Cause));
        Assert.Contains("no room", status.LastError);
        full = false;
        await Until(async () => (await agent.StatusAsync()).Totals.PendingFiles == 0);
        Assert.Equal(500, _archive.Files.Count);
    }

    [Fact]
    public async Task A_file_that_stalls_tells_why()
    {
        _node.Write("a.log", "content");
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "send")
                throw new ArchiveException(ArchiveFault.Timeout, "nothing moved for 60 s");
        };
        await using var agent = AgentUnderTest.Start(Options(), _archive);

        var summary = await agent.RunOnceAsync();

        Assert.False(summary.IsComplete);
        Assert.Contains("nothing moved", Assert.Single(summary.Left).Reason);
        Assert.Equal(FailureCause.Timeout, Assert.Single((await agent.StatusAsync()).Failed).Failure.Cause);
    }

    [Fact]
    public async Task Paused_it_begins_nothing_and_resumed_it_goes_on()
    {
        var options = Options(automatic: true);
        await using var agent = AgentUnderTest.Start(options, _archive);
        _node.Write("before.log", new string('b', 100_000));
        await Until(async () => (await agent.StatusAsync()).Totals.ArchivedFiles == 1);
        var paused = await agent.Uploader.Ask<CollectionProtocol.UploadsControlled>(new CollectionProtocol.PauseUploads(), Patience, Stop);
        Assert.True(paused.IsPaused);
        _node.Write("a.log", "content");
        await Until(async () => (await agent.StatusAsync()).Totals.PendingFiles == 1);
        Assert.Single(_archive.Files);
        var status = await agent.StatusAsync();
        Assert.True(status.IsPaused);
        Assert.True(status.BytesPerSecond >= 1, "the rate of what was sent a moment ago is no pace");
        Assert.Equal((1, null), (status.Backlog?.FilesLeft, status.Backlog?.TimeLeft));

        // Another system in the same process finds it paused still.
        await using (var again = AgentUnderTest.Start(options, _archive))
            Assert.True((await again.StatusAsync()).IsPaused);

        await agent.Uploader.Ask<CollectionProtocol.UploadsControlled>(new CollectionProtocol.ResumeUploads(), Patience, Stop);
        await Until(() => Task.FromResult(_archive.Files.Count == 2));
    }

    [Fact]
    public async Task The_bandwidth_of_the_settings_comes_back_when_another_one_is_taken_back()
    {
        var options = Options();
        options.Upload.Control.Bandwidth.Schedule = new BandwidthSchedule(5_000_000, []);
        await using var agent = AgentUnderTest.Start(options, _archive);

        Assert.Equal(7000, (await agent.Uploader.Ask<CollectionProtocol.UploadsControlled>(new CollectionProtocol.SetBandwidth(7000), Patience, Stop)).BandwidthLimit);
        Assert.Null((await agent.Uploader.Ask<CollectionProtocol.UploadsControlled>(new CollectionProtocol.SetBandwidth(0), Patience, Stop)).BandwidthLimit);
        Assert.Equal(5_000_000, (await agent.Uploader.Ask<CollectionProtocol.UploadsControlled>(new CollectionProtocol.SetBandwidth(null), Patience, Stop)).BandwidthLimit);
        Assert.Equal(5_000_000, (await agent.StatusAsync()).BandwidthLimit);
    }
}
