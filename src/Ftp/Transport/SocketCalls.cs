using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// Receiving that waits on the calling thread, by Linux's own calls. .NET waits for a socket by epoll and wakes a pool
/// thread for it; where the answer is microseconds away, that takes longer than the answer. Nothing else may be received
/// from the socket meanwhile; to dispose it ends the waiting.
/// </summary>
internal static unsafe partial class SocketCalls
{
    /// <summary>recv(2): until the buffer is full.</summary>
    public const int WaitAll = 0x100;

    /// <summary>recv(2): what is there.</summary>
    public const int DoNotWait = 0x40;

    private const int ErrorAgain = 11;
    private const int ErrorInterrupted = 4;
    private const int ErrorTimedOut = 110;
    private const short ReadyToRead = 1;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;

    /// <summary>Whether this system has them.</summary>
    public static bool ArePossible { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Receives.</summary>
    /// <returns>Bytes; 0 at the end; -1 when nothing has come.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public static int Receive(Socket socket, Span<byte> buffer, int flags)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var received = (int)Recv(socket.SafeHandle, start, buffer.Length, flags);
                if (received >= 0)
                    return received;
                switch (Marshal.GetLastPInvokeError())
                {
                    case ErrorAgain:
                        return -1;
                    case ErrorInterrupted:
                        continue;
                    case ErrorTimedOut:
                        throw new SocketException((int)SocketError.TimedOut);
                    default:
                        throw new SocketException((int)SocketError.ConnectionReset);
                }
            }
        }
    }

    /// <summary>Receives what is there, or comes soon.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="spin">How long to look again and again.</param>
    /// <param name="patience">How long to wait after that, whole milliseconds.</param>
    /// <returns>Bytes; 0 at the end; -1 when nothing has come.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public static int ReceiveSoon(Socket socket, Span<byte> buffer, TimeSpan spin, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        int received;
        do
        {
            received = Receive(socket, buffer, DoNotWait);
            if (received >= 0)
                return received;
        }
        while (spin > TimeSpan.Zero && Stopwatch.GetElapsedTime(began) < spin);

        var handle = socket.SafeHandle;
        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            var wanted = new PollDescriptor { Socket = (int)handle.DangerousGetHandle(), Events = ReadyToRead };
            return Poll(&wanted, 1, (int)patience.TotalMilliseconds) > 0 ? Receive(socket, buffer, DoNotWait) : -1;
        }
        finally
        {
            if (added)
                handle.DangerousRelease();
        }
    }

    /// <summary>Whether calls that may wait do so. .NET's own asynchronous calls need that they do not.</summary>
    public static void SetBlocking(Socket socket, bool blocking)
    {
        var flags = Control(socket.SafeHandle, GetFlags, 0);
        Control(socket.SafeHandle, SetFlags, blocking ? flags & ~NonBlocking : flags | NonBlocking);
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Recv(SafeHandle socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeHandle socket, int command, int argument);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Socket;
        public short Events;
        public short Happened;
    }
}
