using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// The server's end of a control connection. Reading is for one reader at a time; replies may be sent by anyone, one after
/// another. Encryption would slot in between the socket and <see cref="ReceiveAsync"/> / <see cref="SendAsync"/>.
/// </summary>
internal sealed class ControlConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly SemaphoreSlim _sending = new(1);

    public ControlConnection(Socket socket)
    {
        _socket = socket;
        // A reply must not wait for the acknowledgement of the one before (Nagle against delayed ACK: 40 ms a file).
        socket.NoDelay = true;
        // ABOR comes with urgent data (RFC 959, section 4.1.3); in line, no byte of it is lost or out of order.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.OutOfBandInline, true);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        Local = Unmap((IPEndPoint)socket.LocalEndPoint!);
        Remote = Unmap((IPEndPoint)socket.RemoteEndPoint!);
    }

    /// <summary>This end.</summary>
    public IPEndPoint Local { get; }

    /// <summary>The client's end.</summary>
    public IPEndPoint Remote { get; }

    /// <summary>Receives what has come; 0 when the client will send no more.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _socket.ReceiveAsync(buffer, SocketFlags.None);

    /// <summary>Sends one reply in one write.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> reply)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            while (reply.Length > 0)
                reply = reply[await _socket.SendAsync(reply, SocketFlags.None).ConfigureAwait(false)..];
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Tells the client that nothing more will come, so that it has read the last reply before the connection closes.</summary>
    public void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The client was quicker: that is what was wanted.
        }
    }

    /// <summary>Closes the connection; whatever waits on it fails.</summary>
    public void Dispose() => _socket.Dispose();

    private static IPEndPoint Unmap(IPEndPoint end) => new(end.Address.Unmapped(), end.Port);
}
