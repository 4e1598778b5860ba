using System.Collections.Concurrent;
using System.Net;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Events;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Server;

public class EventTests
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 1);
    private static readonly FtpPath Path = FtpPath.Parse("/f");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_is_told_from_its_beginning_to_its_end()
    {
        await using var server = await TestServer.StartAsync();
        using (var client = await server.SignInAsync())
        {
            await client.StoreAsync("STOR f", [1, 2, 3]);
            await client.RetrieveAsync("RETR f");
            await client.CommandAsync("MKD d", 257);
            await client.CommandAsync("RNFR f", 350);
            await client.CommandAsync("RNTO g", 250);
            await client.CommandAsync("DELE g", 250);
            await client.CommandAsync("QUIT", 221);
        }

        await server.EventAsync<FtpSessionClosed>();
        Assert.Equal(
            ["FtpSessionOpened", "FtpSignedIn", "FtpTransferBegan", "FtpTransferCompleted", "FtpTransferBegan", "FtpTransferCompleted", "FtpDirectoryMade", "FtpRenamed", "FtpDeleted", "FtpSessionClosed"],
            server.Events.Select(happened => happened.GetType().Name));
    }

    [Fact]
    public async Task A_session_of_which_the_end_is_told_is_listed_no_more()
    {
        const int Sessions = 200;
        FtpServer? server = null;
        var listed = new ConcurrentQueue<bool>();
        await using var made = server = new FtpServer(Options, Accounts, new MemoryStorage(), new Observer(happened =>
        {
            if (happened is FtpSessionClosed closed)
                listed.Enqueue(server!.Sessions.Any(session => session.Id == closed.SessionId));
        }));
        await server.StartAsync(Token);
        for (var number = 0; number < Sessions; number++)
        {
            using var client = await SignInAsync(server);
            await client.CommandAsync("QUIT", 221);
        }

        await TestServer.UntilAsync(() => listed.Count == Sessions);
        Assert.DoesNotContain(true, listed);
    }

    [Fact]
    public async Task An_observer_that_blocks_for_ever_holds_up_neither_transfers_nor_the_stop()
    {
        using var never = new ManualResetEventSlim();
        var server = new FtpServer(Options, Accounts, new MemoryStorage(), new Observer(_ => never.Wait()));
        await server.StartAsync(Token);
        using (var client = await SignInAsync(server))
        {
            for (var number = 0; number < 100; number++)
                await client.StoreAsync($"STOR f{number}", new byte[1000]);
        }

        await server.StopAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(30), Token);
        never.Set();
    }

    [Fact]
    public async Task An_observer_that_throws_is_told_the_next_event_all_the_same()
    {
        var told = new ConcurrentQueue<FtpServerEvent>();
        await using var server = new FtpServer(Options, Accounts, new MemoryStorage(), new Observer(happened =>
        {
            told.Enqueue(happened);
            throw new InvalidOperationException("the observer's own fault");
        }));
        await server.StartAsync(Token);
        using (var client = await SignInAsync(server))
            await client.StoreAsync("STOR f", [1]);
        await TestServer.UntilAsync(() => told.LastOrDefault() is FtpSessionClosed);
        Assert.Contains(told, happened => happened is FtpTransferCompleted);
    }

    [Fact]
    public async Task What_was_published_before_a_question_has_been_told_when_it_is_answered()
    {
        using var goOn = new SemaphoreSlim(0);
        var told = new ConcurrentQueue<FtpServerEvent>();
        var queue = new EventQueue(
            new Observer(happened =>
            {
                goOn.Wait();
                told.Enqueue(happened);
            }),
            TimeProvider.System);
        Assert.True(queue.ToldAsync().IsCompletedSuccessfully);
        queue.Publish(Opened(0));
        queue.Publish(Deleted(1));
        var asked = queue.ToldAsync();
        queue.Publish(Opened(2));
        Assert.False(asked.IsCompleted);

        goOn.Release(2);
        await asked.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal(2, told.Count);
        goOn.Release(1);
        await queue.EndAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(3, told.Count);
    }

    [Fact]
    public async Task When_too_much_waits_the_oldest_that_changes_nothing_is_dropped_and_that_is_told()
    {
        using var goOn = new SemaphoreSlim(0);
        var told = new ConcurrentQueue<FtpServerEvent>();
        var queue = new EventQueue(
            new Observer(happened =>
            {
                if (told.IsEmpty)
                    goOn.Wait();
                told.Enqueue(happened);
            }),
            TimeProvider.System);
        queue.Publish(Opened(0));
        queue.Publish(Deleted(1));
        for (var number = 2; number < EventQueue.MostPassing + 102; number++)
            queue.Publish(Opened(number));
        queue.Publish(Deleted(-1));
        goOn.Release(2);
        await queue.EndAsync(TimeSpan.FromSeconds(30));

        var dropped = Assert.Single(told.OfType<FtpEventsDropped>());
        Assert.InRange(dropped.Passing, 100, 101); // the first was told, or was still the oldest that waited
        Assert.Equal(0, dropped.Changes);
        Assert.Equal(EventQueue.MostPassing, told.Count(happened => happened is FtpSessionOpened { SessionId: > 0 }));
        Assert.Equal([1, -1], told.OfType<FtpDeleted>().Select(happened => happened.SessionId));
        Assert.IsType<FtpDeleted>(told.Last());
    }

    [Fact]
    public async Task Changes_of_the_tree_are_kept_far_longer_and_their_loss_is_told_apart()
    {
        using var goOn = new SemaphoreSlim(0);
        var told = new ConcurrentQueue<FtpServerEvent>();
        var queue = new EventQueue(
            new Observer(happened =>
            {
                if (told.IsEmpty)
                    goOn.Wait();
                told.Enqueue(happened);
            }),
            TimeProvider.System);
        for (var number = 0; number < EventQueue.MostChanges + 10; number++)
            queue.Publish(Deleted(number));
        goOn.Release(2);
        await queue.EndAsync(TimeSpan.FromSeconds(30));
        var dropped = Assert.Single(told.OfType<FtpEventsDropped>());
        Assert.Equal(0, dropped.Passing);
        Assert.InRange(dropped.Changes, 9, 10);
        var numbers = told.OfType<FtpDeleted>().Select(happened => happened.SessionId).ToList();
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(EventQueue.MostChanges + 9, numbers[^1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task How_a_transfer_goes_on_is_told_to_who_wants_it(bool wantsProgress)
    {
        var told = new ConcurrentQueue<FtpServerEvent>();
        await using var server = new FtpServer(Options with { GlobalUploadLimit = 50_000 }, Accounts, new MemoryStorage(), new Observer(told.Enqueue) { WantsProgress = wantsProgress });
        await server.StartAsync(Token);
        using var client = await SignInAsync(server);
        var storing = client.StoreAsync("STOR f", new byte[10_000_000]);
        FtpSessionInfo? session = null;
        await TestServer.UntilAsync(() => (session = server.Sessions[0]).Rate > 20_000);
        Assert.Equal((FtpTransferKind.Store, "STOR", "/f"), (session!.Transfer, session.CurrentCommand, session.CurrentPath!.Value.Value));
        Assert.InRange(session.Rate, 20_000, 100_000);
        if (wantsProgress)
            await TestServer.UntilAsync(() => told.OfType<FtpTransferProgressed>().Any(progress => progress is { Bytes: > 50_000, Rate: > 10_000, Kind: FtpTransferKind.Store }));
        server.SetGlobalLimits(0, 0);
        await storing;
        await TestServer.UntilAsync(() => told.Any(happened => happened is FtpTransferCompleted));
        Assert.Equal(wantsProgress, told.Any(happened => happened is FtpTransferProgressed));
    }

    private static FtpServerOptions Options => new() { Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    private static AccountTableAuthenticator Accounts => new AccountTableAuthenticator().Set(new FtpAccount("agent01", FtpPath.Root, FtpPermissions.All), TestServer.Password);

    private static FtpSessionOpened Opened(long number) => new(DateTimeOffset.UnixEpoch, number, Client);

    private static FtpDeleted Deleted(long number) => new(DateTimeOffset.UnixEpoch, number, Client, null, Path, false);

    private static async Task<RawFtpClient> SignInAsync(FtpServer server)
    {
        var client = await RawFtpClient.ConnectAsync(server.LocalEndPoint.Port);
        await client.ExpectAsync(220);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        return client;
    }

    private sealed class Observer(Action<FtpServerEvent> take) : IFtpServerObserver
    {
        public bool WantsProgress { get; init; }

        public void OnEvent(FtpServerEvent serverEvent) => take(serverEvent);
    }
}
