using System.Net;
using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Tests.Users;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Bridge;

public sealed class WebBridgeActorSpecs : ArchiveSpec
{
    private static readonly CatalogFile File = new("/a/1.log", "a", "/a", "1.log", 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null);

    [Fact]
    public async Task Every_subscriber_is_told_every_change()
    {
        var bridge = await Start(2);
        var (first, second) = (Subscribe(bridge), Subscribe(bridge));
        await Settled(bridge);

        Sys.EventStream.Publish(new CatalogProtocol.FileCataloged(File));
        Sys.EventStream.Publish(new FleetProtocol.AgentForgotten("a"));
        Sys.EventStream.Publish(new UsersProtocol.FtpAccountRemoved("a"));

        BridgeProtocol.LiveEvent[] expected = [new BridgeProtocol.FileArchived(File), new BridgeProtocol.AgentRemoved("a"), new BridgeProtocol.UsersChanged()];
        foreach (var channel in (Channel<BridgeProtocol.LiveEvent>[])[first, second])
        {
            foreach (var change in expected)
            {
                Assert.Equal(change, await channel.Reader.ReadAsync(Cancel));
            }
        }
    }

    [Fact]
    public async Task A_slow_reader_loses_the_oldest_and_slows_nobody()
    {
        var bridge = await Start(2);
        var (slow, quick) = (Subscribe(bridge, capacity: 2), Subscribe(bridge));
        await Settled(bridge);

        for (var number = 0; number < 100; number++)
        {
            Sys.EventStream.Publish(new FleetProtocol.AgentForgotten($"{number}"));
        }

        for (var number = 0; number < 100; number++)
        {
            Assert.Equal(new BridgeProtocol.AgentRemoved($"{number}"), await quick.Reader.ReadAsync(Cancel));
        }

        Assert.Equal(new BridgeProtocol.AgentRemoved("98"), await slow.Reader.ReadAsync(Cancel));
    }

    [Fact]
    public async Task A_completed_channel_makes_room_for_another_and_one_too_many_is_refused()
    {
        var bridge = await Start(1);
        var first = Subscribe(bridge);
        var refused = Subscribe(bridge);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => refused.Reader.Completion.WaitAsync(Patience, Cancel));
        Assert.Contains("no more are allowed", error.Message, StringComparison.Ordinal);

        first.Writer.Complete();
        bridge.Tell(new UsersProtocol.FtpAccountRemoved("a"));
        var second = Subscribe(bridge);
        bridge.Tell(new FleetProtocol.AgentForgotten("b"));

        Assert.Equal(new BridgeProtocol.AgentRemoved("b"), await second.Reader.ReadAsync(Cancel));
    }

    [Fact]
    public async Task Many_session_changes_are_one_notice()
    {
        var bridge = await Start(1);
        var channel = Subscribe(bridge);
        for (var number = 0; number < 1000; number++)
        {
            bridge.Tell(new FtpSessionOpened(DateTimeOffset.UnixEpoch, number, new IPEndPoint(IPAddress.Loopback, 1)));
        }

        Assert.IsType<BridgeProtocol.SessionsChanged>(await channel.Reader.ReadAsync(Cancel));
        Assert.False(channel.Reader.TryRead(out _));
    }

    [Fact]
    public async Task An_unsubscribed_channel_is_left_alone()
    {
        var bridge = await Start(2);
        var (gone, stays) = (Subscribe(bridge), Subscribe(bridge));
        bridge.Tell(new BridgeProtocol.Unsubscribe(gone.Writer));
        bridge.Tell(new FleetProtocol.AgentForgotten("a"));

        await stays.Reader.ReadAsync(Cancel);
        Assert.False(gone.Reader.TryRead(out _));
    }

    private async Task<IActorRef> Start(int maxSubscribers)
    {
        var bridge = Sys.ActorOf(Props.Create(() => new WebBridgeActor(new WebBridgeOptions { MaxSubscribers = maxSubscribers, SessionsInterval = TimeSpan.FromMilliseconds(200) })));
        await Settled(bridge);
        return bridge;
    }

    private static Channel<BridgeProtocol.LiveEvent> Subscribe(IActorRef bridge, int capacity = 1000)
    {
        var channel = Channel.CreateBounded<BridgeProtocol.LiveEvent>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        bridge.Tell(new BridgeProtocol.Subscribe(channel.Writer));
        return channel;
    }

    /// <summary>Returns when the actor has handled all that was sent to it before.</summary>
    private static Task Settled(IActorRef bridge) => bridge.Ask<ActorIdentity>(new Identify(null), Patience, Cancel);
}
