using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// sendfile(2) on Linux: <see cref="Socket.SendFileAsync(string?, CancellationToken)"/> opens a file by its name, from its
/// start to its end, which neither REST nor a jail allows.
/// </summary>
internal static unsafe partial class SendFile
{
    private const int Again = 11;
    private const int Interrupted = 4;

    /// <summary>Sends what the socket takes without waiting. 0: it is full, or the file is at its end; -1: not to be had here.</summary>
    public static long TrySend(Socket socket, SafeFileHandle file, long offset, long count)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
            return -1;

        socket.Blocking = false;
        while (true)
        {
            var sent = Call(socket.SafeHandle, file, &offset, (nint)Math.Min(count, int.MaxValue));
            if (sent >= 0)
                return sent;

            switch (Marshal.GetLastPInvokeError())
            {
                case Again:
                    return 0;
                case Interrupted:
                    continue;
                default:
                    return -1; // a file system without it; or the client is gone, which the next ordinary write will tell
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static partial nint Call(SafeHandle output, SafeFileHandle input, long* offset, nint count);
}
