using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Client;

/// <summary>The bytes of a control connection: in clear text, and after <see cref="SecureAsync"/> through TLS.</summary>
internal sealed class FtpControlChannel : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _plain;
    private SslStream? _encrypted;

    private FtpControlChannel(Socket socket)
    {
        _socket = socket;
        _plain = new NetworkStream(socket, ownsSocket: false);
        Reader = PipeReader.Create(_plain, new StreamPipeReaderOptions(leaveOpen: true));
        var peer = (IPEndPoint)socket.RemoteEndPoint!;
        PeerAddress = peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address;
    }

    /// <summary>The server's address.</summary>
    public IPAddress PeerAddress { get; }

    /// <summary>What the server sends.</summary>
    public PipeReader Reader { get; private set; }

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">It could not.</exception>
    public static async Task<FtpControlChannel> ConnectAsync(string host, int port, TimeSpan keepAlive, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            KeepAlive(socket, keepAlive);
            await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            return new FtpControlChannel(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // For the times when no command may be sent, such as the wait for the last reply to a transfer.
    private static void KeepAlive(Socket socket, TimeSpan interval)
    {
        if (interval > TimeSpan.Zero)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)Math.Clamp(interval.TotalSeconds, 1, 7200));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        }
    }

    /// <summary>Sends all of <paramref name="data"/>.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        if (_encrypted is not null)
        {
            await _encrypted.WriteAsync(data).ConfigureAwait(false);
            return;
        }

        while (data.Length > 0)
        {
            data = data[await _socket.SendAsync(data, SocketFlags.None).ConfigureAwait(false)..];
        }
    }

    /// <summary>Goes on encrypted.</summary>
    /// <exception cref="IOException">The server had sent more in clear: somebody may want it taken for what it says under TLS.</exception>
    public async Task SecureAsync(FtpTls tls)
    {
        if (HasBufferedInput())
        {
            throw new IOException("the server sent more in clear text behind its consent to encrypt");
        }

        await Reader.CompleteAsync().ConfigureAwait(false);
        _encrypted = await tls.SecureControlAsync(_plain).ConfigureAwait(false);
        Reader = PipeReader.Create(_encrypted, new StreamPipeReaderOptions(leaveOpen: true));
    }

    /// <summary>Whether the server sent something, or closed.</summary>
    public bool HasInput() => HasBufferedInput() || _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    /// <summary>Tells the server that nothing follows: without it, it cannot tell the end from an attack.</summary>
    public Task SayEndAsync() => _encrypted?.ShutdownAsync() ?? Task.CompletedTask;

    /// <summary>Ends all that is pending; may be called from any thread.</summary>
    public void Abort() => _socket.Dispose();

    /// <summary>Frees the rest, once nothing is pending.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _encrypted?.Dispose();
        _plain.Dispose();
    }

    private bool HasBufferedInput()
    {
        if (!Reader.TryRead(out var result))
        {
            return false;
        }

        Reader.AdvanceTo(result.Buffer.Start);
        return !result.Buffer.IsEmpty || result.IsCompleted;
    }
}
