using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>All of 127.0.0.0/8 is this machine: clients of several addresses can be played.</summary>
public class PassivePortTests
{
    private static readonly IPAddress First = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Third = IPAddress.Parse("127.0.0.3");

    [Fact]
    public async Task One_port_serves_clients_of_different_addresses_each_its_own_connection()
    {
        var (ports, port) = RangeOfOne();
        var first = ports.Take(IPAddress.Any, First);
        var second = ports.Take(IPAddress.Any, Second);
        Assert.Equal((port, port), (first.Port.Address.Port, second.Port.Address.Port));

        var waiting = first.AcceptAsync(() => false).AsTask();
        using var stranger = Connect(Third, port);
        using var ofSecond = Connect(Second, port);
        using var ofFirst = Connect(First, port);
        using var gotFirst = await waiting.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        using var gotSecond = await second.AcceptAsync(() => false);
        Assert.Equal(ofFirst.LocalEndPoint, gotFirst.RemoteEndPoint);
        Assert.Equal(ofSecond.LocalEndPoint, gotSecond.RemoteEndPoint);
        Assert.Equal(0, await ReceiveAsync(stranger));
    }

    [Fact]
    public void One_address_gets_a_port_once_and_again_when_it_was_given_back()
    {
        var (ports, _) = RangeOfOne();
        var lease = ports.Take(IPAddress.Any, First);
        Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => ports.Take(IPAddress.Any, First)).SocketErrorCode);
        Assert.Equal(1, ports.OpenCount);
        lease.End();
        ports.Return(lease);
        Assert.Equal(0, ports.OpenCount);
        ports.Return(ports.Take(IPAddress.Any, First));
    }

    [Fact]
    public async Task Who_connected_before_it_was_told_to_is_turned_away()
    {
        var (ports, port) = RangeOfOne();
        var lease = ports.Take(IPAddress.Any, First);
        using var early = Connect(First, port);
        lease.Clear();
        Assert.Equal(0, await ReceiveAsync(early));
    }

    [Fact]
    public async Task Giving_up_ends_the_waiting_and_leaves_the_port_to_others()
    {
        var (ports, port) = RangeOfOne();
        var first = ports.Take(IPAddress.Any, First);
        var second = ports.Take(IPAddress.Any, Second);
        var waiting = first.AcceptAsync(() => false).AsTask();
        first.Abort();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first.AcceptAsync(() => true).AsTask());

        var other = second.AcceptAsync(() => false).AsTask();
        using var client = Connect(Second, port);
        using var got = await other.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(client.LocalEndPoint, got.RemoteEndPoint);
    }

    private static (PassivePorts Ports, int Port) RangeOfOne()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        return (new PassivePorts(port, port), port);
    }

    private static Socket Connect(IPAddress from, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from, 0));
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task<int> ReceiveAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
        catch (SocketException)
        {
            return 0; // a reset is a way to be turned away, too
        }
    }
}
