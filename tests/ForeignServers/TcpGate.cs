using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.ForeignServers;

/// <summary>
/// A way to a port of this machine that can be shut, as a firewall does it: by refusing, or by letting nothing through any more. What goes
/// through is not looked at.
/// </summary>
public sealed class TcpGate : IAsyncDisposable
{
    private readonly int _port;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private readonly Task _accepting;
    private readonly TcpListener _listener;
    private volatile bool _isFrozen;

    /// <summary>Opens it.</summary>
    /// <param name="port">Where it leads to.</param>
    /// <param name="listen">Where it is; 0 for any free port.</param>
    public TcpGate(int port, int listen = 0)
    {
        _port = port;
        _listener = new TcpListener(IPAddress.Loopback, listen);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on nothing gets through; connections stay, and new ones are taken, but stay silent.</summary>
    public void Freeze() => _isFrozen = true;

    /// <summary>Breaks all connections and refuses new ones.</summary>
    public void Shut()
    {
        _listener.Stop();
        foreach (var socket in _open.Keys)
        {
            socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        Shut();
        await _accepting;
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stopped.Token);
                _open.TryAdd(client, 0);
                _ = ConnectAsync(client);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Shut.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        _open.TryAdd(server, 0);
        try
        {
            if (!_isFrozen)
            {
                await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port), _stopped.Token);
            }

            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two ends it.
        }
        finally
        {
            foreach (var socket in new[] { client, server })
            {
                _open.TryRemove(socket, out _);
                socket.Dispose();
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            if (_isFrozen)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _stopped.Token);
            }

            var read = await from.ReceiveAsync(buffer, _stopped.Token);
            if (_isFrozen)
            {
                continue;
            }

            if (read == 0)
            {
                return;
            }

            await to.SendAsync(buffer.AsMemory(0, read), _stopped.Token);
        }
    }
}
