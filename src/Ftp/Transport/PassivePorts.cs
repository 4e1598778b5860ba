using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>Opens listening sockets for passive data connections within a range of ports.</summary>
/// <param name="first">First port; 0 lets the system choose.</param>
/// <param name="last">Last port, inclusive.</param>
internal sealed class PassivePorts(int first, int last)
{
    private int _next = first > 0 ? Random.Shared.Next(last - first + 1) : 0;

    /// <summary>Listens at a free port of <paramref name="address"/>.</summary>
    /// <exception cref="SocketException">No port is free.</exception>
    public Socket Listen(IPAddress address)
    {
        if (first == 0)
            return TryListen(address, 0) ?? throw new SocketException((int)SocketError.AddressAlreadyInUse);

        var count = last - first + 1;
        for (var attempt = 0; attempt < count; attempt++)
        {
            // Round and round, so that a port rests as long as possible before it is used again.
            var port = first + (int)((uint)Interlocked.Increment(ref _next) % (uint)count);
            if (TryListen(address, port) is { } listener)
                return listener;
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    private static Socket? TryListen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(8);
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
