using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>A socket whose receives wait, on the calling thread, until a whole buffer is there. See <see cref="SocketCalls"/>.</summary>
internal readonly struct BlockingReceive : IDisposable
{
    private const int SolSocket = 1;
    private const int ReceiveLowWater = 18;

    // So much is gathered before the thread is woken: a quarter of what a socket holds at most by default
    // (net.ipv4.tcp_rmem), so that it never stands still full.
    private const int Gathered = 512 * 1024;

    private readonly Socket _socket;

    /// <param name="socket">The socket.</param>
    /// <param name="patience">How long one call may wait.</param>
    public BlockingReceive(Socket socket, TimeSpan patience)
    {
        _socket = socket;
        socket.ReceiveTimeout = (int)patience.TotalMilliseconds;
        socket.SetRawSocketOption(SolSocket, ReceiveLowWater, BitConverter.GetBytes(Gathered));
        SocketCalls.SetBlocking(socket, true);
    }

    /// <summary>Receives until the buffer is full, the client has ended, or patience is over.</summary>
    /// <returns>Bytes received; 0 at the end; -1 when nothing came in time.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public int Receive(Span<byte> buffer) => SocketCalls.Receive(_socket, buffer, SocketCalls.WaitAll);

    /// <summary>Gives the socket back to asynchronous use.</summary>
    public void Dispose()
    {
        try
        {
            SocketCalls.SetBlocking(_socket, false);
            _socket.ReceiveTimeout = 0;
            _socket.SetRawSocketOption(SolSocket, ReceiveLowWater, BitConverter.GetBytes(1));
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The transfer was aborted: nobody will use it any more.
        }
    }
}
