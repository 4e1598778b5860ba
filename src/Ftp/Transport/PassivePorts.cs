using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// Hands out passive ports of a range. A port serves one session for each client address: those of other addresses may have
/// it at the same time, as whoever connects is told apart by where it comes from. So nobody can use the range up for all.
/// </summary>
/// <param name="first">First port; 0 lets the system choose.</param>
/// <param name="last">Last port, inclusive.</param>
internal sealed class PassivePorts(int first, int last)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, PassivePort> _open = [];
    private int _next = first > 0 ? Random.Shared.Next(last - first + 1) : 0;

    /// <summary>Ports that are listened at.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>A port of <paramref name="local"/> for connections from <paramref name="peer"/>.</summary>
    /// <exception cref="SocketException">No port is free.</exception>
    public PassiveLease Take(IPAddress local, IPAddress peer)
    {
        lock (_lock)
        {
            if (first == 0)
                return TryTake(new IPEndPoint(local, 0), peer) ?? throw new SocketException((int)SocketError.AddressAlreadyInUse);

            var count = last - first + 1;
            for (var attempt = 0; attempt < count; attempt++)
            {
                // Round and round, so that a port rests as long as possible before it is used again.
                var port = first + (int)((uint)++_next % (uint)count);
                if (TryTake(new IPEndPoint(local, port), peer) is { } lease)
                    return lease;
            }
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    /// <summary>Gives a port back.</summary>
    public void Return(PassiveLease lease)
    {
        lock (_lock)
        {
            if (lease.Port.Remove(lease))
                _open.Remove(lease.Port.Address);
        }
    }

    private PassiveLease? TryTake(IPEndPoint address, IPAddress peer)
    {
        if (_open.TryGetValue(address, out var open))
            return open.TryAdd(peer);
        if (TryListen(address) is not { } listener)
            return null;
        var port = new PassivePort(listener);
        _open[port.Address] = port;
        return port.TryAdd(peer);
    }

    private static Socket? TryListen(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen(64);
            return socket;
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
