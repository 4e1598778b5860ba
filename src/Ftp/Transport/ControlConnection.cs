using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// The server's end of a control connection. Reading is for one reader at a time; replies may be sent by anyone, one after
/// another.
/// </summary>
internal sealed class ControlConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly SocketReceiver _receiver;
    private readonly SemaphoreSlim _sending = new(1);
    private volatile SslStream? _tls;

    public ControlConnection(Socket socket)
    {
        _socket = socket;
        _receiver = new SocketReceiver(socket);
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

    /// <summary>The version of TLS, none without.</summary>
    public SslProtocols Tls => _tls?.SslProtocol ?? SslProtocols.None;

    /// <summary>The certificate the client showed. Nobody has judged it: whoever made it holds its key, no more is known.</summary>
    public X509Certificate2? ClientCertificate => _tls?.RemoteCertificate as X509Certificate2;

    /// <summary>Puts TLS on the connection. Nobody may be reading or sending meanwhile.</summary>
    /// <exception cref="AuthenticationException">The client offers nothing that is acceptable.</exception>
    /// <exception cref="IOException">What it sent is not TLS, or it is gone.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task SecureAsync(SslServerAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var tls = new SslStream(new NetworkStream(_socket, ownsSocket: false));
        try
        {
            await tls.AuthenticateAsServerAsync(options, cancellationToken).ConfigureAwait(false);
            _tls = tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Receives what has come; 0 when the client will send no more.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _tls is { } tls ? tls.ReadAsync(buffer) : _receiver.ReceiveAsync(buffer);

    /// <summary>Whether <see cref="ReceiveSoon"/> can be used.</summary>
    public bool CanReceiveOnThread => _tls is null && SocketCalls.ArePossible;

    /// <summary>Receives what is there, or comes soon, waiting on the calling thread. See <see cref="SocketCalls.ReceiveSoon"/>.</summary>
    /// <returns>Bytes; 0 when the client will send no more; -1 when nothing has come.</returns>
    public int ReceiveSoon(Span<byte> buffer, TimeSpan spin, TimeSpan patience) => SocketCalls.ReceiveSoon(_socket, buffer, spin, patience);

    /// <summary>Sends one reply in one write.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> reply)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_tls is { } tls)
            {
                await tls.WriteAsync(reply).ConfigureAwait(false);
                return;
            }

            while (reply.Length > 0)
                reply = reply[await _socket.SendAsync(reply, SocketFlags.None).ConfigureAwait(false)..];
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Tells the client that nothing more will come, so that it has read the last reply before the connection closes.</summary>
    public async ValueTask FinishAsync()
    {
        try
        {
            if (_tls is { } tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (IsBroken(gone))
        {
            // The client was quicker: that is what was wanted.
        }
    }

    /// <summary>What reading and sending throw once the connection is gone.</summary>
    public static bool IsBroken(Exception failure) => failure is SocketException or IOException or ObjectDisposedException or InvalidOperationException;

    /// <summary>Closes the connection; whatever waits on it fails.</summary>
    public void Dispose()
    {
        // The socket first: it ends what is pending in the stream above, which then gives back what it holds.
        _socket.Dispose();
        _tls?.Dispose();
    }

    private static IPEndPoint Unmap(IPEndPoint end) => new(end.Address.Unmapped(), end.Port);
}
