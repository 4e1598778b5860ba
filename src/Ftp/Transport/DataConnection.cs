using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>The server's end of a data connection. <see cref="Dispose"/> may be called at any time, from anywhere: what waits on it fails.</summary>
internal sealed class DataConnection(Socket socket) : IDisposable
{
    /// <summary>Receives what has come; 0 at the end.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None);

    /// <summary>Sends all of <paramref name="data"/>.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        while (data.Length > 0)
            data = data[await socket.SendAsync(data, SocketFlags.None).ConfigureAwait(false)..];
    }

    /// <summary>
    /// Hands a piece of a file to the kernel to be sent, as much as the socket takes now.
    /// </summary>
    /// <returns>Bytes taken: 0 when the socket is full, or the file ends at <paramref name="offset"/>; -1 where there is no such call.</returns>
    public long TrySendFile(SafeFileHandle file, long offset, long count) => SendFile.TrySend(socket, file, offset, count);

    /// <summary>Ends the sending: the client sees the end of the data once it has read it all.</summary>
    public void FinishSending() => socket.Shutdown(SocketShutdown.Send);

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}
