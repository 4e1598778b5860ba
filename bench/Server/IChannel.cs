using System.Net.Sockets;

namespace ActorLogArchive.Bench.Server;

/// <summary>One connection of the load generator, in plain blocking calls.</summary>
public interface IChannel : IDisposable
{
    /// <summary>Sends all of it.</summary>
    void Send(ReadOnlySpan<byte> data);

    /// <summary>What is there, at least a byte; 0 at the end.</summary>
    int Receive(Span<byte> buffer);

    /// <summary>Ends the sending in order.</summary>
    void CloseSending();

    /// <summary>Breaks it off: the other side is told by RST.</summary>
    void Reset();
}

/// <summary>A socket as it is.</summary>
public sealed class PlainChannel(Socket socket) : IChannel
{
    /// <summary>The socket.</summary>
    public Socket Socket => socket;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[socket.Send(data)..];
        }
    }

    /// <inheritdoc/>
    public int Receive(Span<byte> buffer) => socket.Receive(buffer);

    /// <inheritdoc/>
    public void CloseSending() => socket.Shutdown(SocketShutdown.Send);

    /// <inheritdoc/>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}
