using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// recv(2) that waits on the calling thread until a whole buffer is there (MSG_WAITALL). .NET waits for sockets by epoll and
/// a pool thread, which it wakes for every segment: for a fast upload that costs more than moving its bytes. Linux only.
/// </summary>
/// <remarks>While it lasts nothing else may be asked of the socket but to be disposed, which ends the waiting.</remarks>
internal readonly unsafe partial struct BlockingReceive : IDisposable
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;
    private const int WaitAll = 0x100;
    private const int ErrorAgain = 11;
    private const int ErrorInterrupted = 4;
    private const int SolSocket = 1;
    private const int ReceiveLowWater = 18;

    // A quarter of what a socket holds at most by default (net.ipv4.tcp_rmem): it never stands still full.
    private const int Gathered = 512 * 1024;

    private readonly Socket _socket;

    /// <param name="socket">The socket.</param>
    /// <param name="patience">How long one call may wait.</param>
    public BlockingReceive(Socket socket, TimeSpan patience)
    {
        _socket = socket;
        socket.ReceiveTimeout = (int)patience.TotalMilliseconds;
        socket.SetRawSocketOption(SolSocket, ReceiveLowWater, BitConverter.GetBytes(Gathered));
        SetBlocking(true);
    }

    /// <summary>Whether this system has it.</summary>
    public static bool IsPossible => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Receives until the buffer is full, the client has ended, or patience is over.</summary>
    /// <returns>Bytes received; 0 at the end; -1 when nothing came in time.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var received = (int)Call(_socket.SafeHandle, start, buffer.Length, WaitAll);
                if (received >= 0)
                    return received;
                var error = Marshal.GetLastPInvokeError();
                if (error == ErrorAgain)
                    return -1;
                if (error != ErrorInterrupted)
                    throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    /// <summary>Gives the socket back to asynchronous use.</summary>
    public void Dispose()
    {
        try
        {
            SetBlocking(false);
            _socket.ReceiveTimeout = 0;
            _socket.SetRawSocketOption(SolSocket, ReceiveLowWater, BitConverter.GetBytes(1));
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The transfer was aborted: nobody will use it any more.
        }
    }

    private void SetBlocking(bool blocking)
    {
        var flags = Control(_socket.SafeHandle, GetFlags, 0);
        Control(_socket.SafeHandle, SetFlags, blocking ? flags & ~NonBlocking : flags | NonBlocking);
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Call(SafeHandle socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeHandle socket, int command, int argument);
}
