using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>The receiving side of a socket: see <see cref="SocketReadiness"/> for why it is not left to .NET alone.</summary>
internal sealed class SocketReceiver(Socket socket)
{
    private SocketReadiness? _readiness;

    /// <summary>Receives what is there, or waits for it.</summary>
    /// <returns>Bytes; 0 at the end.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    /// <exception cref="ObjectDisposedException">It was closed from here.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (!SocketCalls.ArePossible)
            return socket.ReceiveAsync(buffer, SocketFlags.None);
        var received = SocketCalls.Receive(socket, buffer.Span, SocketCalls.DoNotWait);
        return received >= 0 ? ValueTask.FromResult(received) : WaitAndReceiveAsync(buffer);
    }

    private async ValueTask<int> WaitAndReceiveAsync(Memory<byte> buffer)
    {
        _readiness ??= new SocketReadiness(socket);
        while (true)
        {
            await _readiness.WaitAsync().ConfigureAwait(false);
            if (SocketCalls.Receive(socket, buffer.Span, SocketCalls.DoNotWait) is var received and >= 0)
                return received;
        }
    }
}
