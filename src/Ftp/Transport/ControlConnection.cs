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
    // Replies to what a client sends for a small file, with room to spare.
    private const int MostHeld = 1024;

    private readonly Socket _socket;
    private readonly SocketReceiver _receiver;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Lock _holding = new();
    private byte[]? _held;
    private int _heldLength;
    private int _turn;
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

    /// <summary>Receives what is there.</summary>
    /// <returns>Bytes; 0 when the client will send no more; -1 when nothing has come.</returns>
    public int ReceiveNow(Span<byte> buffer) => SocketCalls.Receive(_socket, buffer, SocketCalls.DoNotWait);

    /// <summary>Receives what is there, or comes soon, waiting on the calling thread. See <see cref="SocketCalls.ReceiveSoon"/>.</summary>
    /// <returns>Bytes; 0 when the client will send no more; -1 when nothing has come.</returns>
    public int ReceiveSoon(Span<byte> buffer, TimeSpan spin, TimeSpan patience) => SocketCalls.ReceiveSoon(_socket, buffer, spin, patience);

    /// <summary>
    /// From now on <see cref="ReplyAsync"/> holds back what this thread replies: replies to commands that came together go out together, as each write
    /// wakes the client. Before it waits for anything, whoever began the turn ends it, and calls <see cref="FlushAsync"/>.
    /// </summary>
    public void BeginTurn() => Volatile.Write(ref _turn, Environment.CurrentManagedThreadId);

    /// <summary>What is replied from now on, by whichever thread goes on with it, goes out at once.</summary>
    public void EndTurn() => Volatile.Write(ref _turn, 0);

    /// <summary>Whether a reply is held back.</summary>
    public bool IsHolding => Volatile.Read(ref _heldLength) > 0;

    /// <summary>Sends a reply, or holds it back when it is this thread's turn.</summary>
    public ValueTask ReplyAsync(ReadOnlyMemory<byte> reply) =>
        Volatile.Read(ref _turn) == Environment.CurrentManagedThreadId && TryHold(reply.Span) ? ValueTask.CompletedTask : SendAsync(reply);

    /// <summary>Sends what was held back.</summary>
    public ValueTask FlushAsync() => IsHolding ? SendAsync(ReadOnlyMemory<byte>.Empty) : ValueTask.CompletedTask;

    /// <summary>Sends one reply in one write, and with it those that were held back.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> reply)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            reply = BehindHeld(reply);
            if (reply.IsEmpty)
                return; // somebody else was quicker
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

    private bool TryHold(ReadOnlySpan<byte> reply)
    {
        lock (_holding)
        {
            _held ??= new byte[MostHeld];
            if (!reply.TryCopyTo(_held.AsSpan(_heldLength)))
                return false;
            _heldLength += reply.Length;
            return true;
        }
    }

    private ReadOnlyMemory<byte> BehindHeld(ReadOnlyMemory<byte> reply)
    {
        lock (_holding)
        {
            if (_heldLength == 0)
                return reply;
            byte[] all = [.. _held.AsSpan(0, _heldLength), .. reply.Span];
            _heldLength = 0;
            return all;
        }
    }

    private static IPEndPoint Unmap(IPEndPoint end) => new(end.Address.Unmapped(), end.Port);
}
