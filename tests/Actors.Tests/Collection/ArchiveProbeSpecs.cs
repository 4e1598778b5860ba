using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>An archive that cannot be reached is known of although nothing is to be sent, and one that is only busy is not called so.</summary>
public sealed class ArchiveProbeSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _node = new();
    private readonly FakeArchive _archive = new();
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task An_archive_that_is_gone_is_noticed_with_nothing_to_send_and_so_is_its_return()
    {
        _archive.OnOperation = (_, _) => throw FakeArchive.Lost();
        await using var agent = Start();

        var failure = await UntilLinkAsync(agent, link => link is not null);
        _archive.OnOperation = (_, _) => { };
        await UntilLinkAsync(agent, link => link is null);

        Assert.Equal((FailureCause.Unreachable, "connection reset"), (failure!.Cause, failure.Message));
        Assert.DoesNotContain(_archive.Log, operation => operation.StartsWith("send", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_sign_in_is_an_answer_and_is_not_tried_for_a_probe()
    {
        var attempts = 0;
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "connect" && Interlocked.Increment(ref attempts) > 0)
                throw new ArchiveException(ArchiveFault.SignIn, "530 no");
        };
        _node.Write("a.log", "content");
        await using var agent = Start(upload => upload with { Backoff = BackoffTable.Uniform(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)) }, automatic: true);
        await UntilAsync(async () => (await UploaderAsync(agent)).Connections.Any(connection => connection.LastCause == FailureCause.NoAccount));
        var before = Volatile.Read(ref attempts);

        // As many probes as there would be time for.
        await UntilAsync(() => Task.FromResult(TimeProvider.System.GetElapsedTime(_startedAt) > TimeSpan.FromSeconds(4)));

        Assert.Null((await UploaderAsync(agent)).Link);
        Assert.Equal(before, Volatile.Read(ref attempts));
    }

    [Fact]
    public async Task While_all_connections_are_busy_one_of_its_own_looks_whether_the_archive_still_answers()
    {
        using var goOn = new ManualResetEventSlim();
        var (isGone, connects) = (false, 0);
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "send")
                goOn.Wait(Patience, Stop);
            if (operation == "connect" && Interlocked.Increment(ref connects) > 1 && Volatile.Read(ref isGone))
                throw FakeArchive.Lost();
        };
        _node.Write("a.log", "content");
        await using var agent = Start(upload => upload with { Connections = 1, MaxConnections = 1 });
        var run = agent.RunOnceAsync();
        try
        {
            await UntilAsync(() => Task.FromResult(Volatile.Read(ref connects) > 1));
            Assert.Null((await UploaderAsync(agent)).Link);
            Volatile.Write(ref isGone, true);

            var failure = await UntilLinkAsync(agent, link => link is not null);

            Assert.Equal("connection reset", failure!.Message);
        }
        finally
        {
            goOn.Set();
        }

        Assert.True((await run).IsComplete);
    }

    private AgentUnderTest Start(Func<UploadOptions, UploadOptions>? change = null, bool automatic = false)
    {
        var options = AgentUnderTest.Options(_node.Path, automatic);
        var upload = options.Upload with { ProbeInterval = TimeSpan.FromMilliseconds(100), ProbePatience = TimeSpan.FromMilliseconds(500), ConnectPatience = TimeSpan.FromMilliseconds(500) };
        return AgentUnderTest.Start(options with { Upload = (change ?? (same => same))(upload) }, _archive);
    }

    private static Task<UploaderStatus> UploaderAsync(AgentUnderTest agent) => agent.Uploader.Ask<UploaderStatus>(CollectionProtocol.GetUploaderStatus.Instance, Patience);

    private static async Task<LinkFailure?> UntilLinkAsync(AgentUnderTest agent, Func<LinkFailure?, bool> holds)
    {
        LinkFailure? link = null;
        await UntilAsync(async () => holds(link = (await UploaderAsync(agent)).Link));
        return link;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var since = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, "it did not come to that in time");
            await timer.WaitForNextTickAsync(Stop);
        }
    }
}
