using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>The data connection broke, or what came over it is not what was agreed. The message goes to the client.</summary>
internal sealed class DataConnectionException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The server's end of a data connection: one transfer at a time uses it, in one direction, and in all but MODE B only one ever. <see cref="Abort"/> may be called at any
/// time, from anywhere, and makes whatever waits on it fail; all else is for the transfer alone.
/// </summary>
internal sealed class DataConnection(Socket socket) : IByteSource, IByteSink, IDisposable
{
    private const int StreamBufferSize = 256 * 1024;
    private const int LargestRecord = 16 * 1024; // RFC 8446, section 5.1

    // How long a client may take to close its end after it was sent everything, see FinishAsync.
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    private readonly SocketReceiver _receiver = new(socket);
    private SocketStream? _plain;
    private SslStream? _tls;
    private BlockedData? _blocks;

    /// <summary>Whether it is encrypted.</summary>
    public bool IsSecure => _tls is not null;

    /// <summary>For MODE B.</summary>
    public BlockedData Blocks => _blocks ??= new BlockedData(this);

    /// <summary>Whether the kernel may send the file itself: not when this process has to encrypt it.</summary>
    public bool CanSendFile => _tls is null;

    /// <summary>
    /// Puts TLS on it. The server of FTP is the server of TLS too, whoever connected (RFC 4217, section 7). With TLS 1.3 the
    /// handshake ends with session tickets that nobody waits for (RFC 8446, section 4.6.1). They are sent with what comes next:
    /// data, or close_notify. A client that uploads may have closed its socket by then with its last data on the way, and its
    /// system would answer them by a reset, and drop that data.
    /// </summary>
    public async ValueTask SecureAsync(SslServerAuthenticationOptions options, CancellationToken cancellationToken)
    {
        _plain = new SocketStream(socket, StreamBufferSize) { HoldsBack = true };
        _tls = new SslStream(_plain, leaveInnerStreamOpen: true);
        using var ending = cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
        try
        {
            await _tls.AuthenticateAsServerAsync(options, cancellationToken).ConfigureAwait(false);
            _plain.HoldsBack = false;
            if (_tls.SslProtocol < SslProtocols.Tls13)
                await _plain.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is AuthenticationException or OperationCanceledException || IsBroken(failure))
        {
            await SendAlertAsync(_plain).ConfigureAwait(false);
            throw new DataConnectionException("the TLS handshake failed", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await (_tls is null ? _receiver.ReceiveAsync(buffer) : ReceiveRecordsAsync(_tls, buffer)).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            throw Broken(failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        try
        {
            if (_tls is not null)
            {
                await _tls.WriteAsync(data).ConfigureAwait(false);
                await _tls.FlushAsync().ConfigureAwait(false);
                return;
            }

            while (data.Length > 0)
                data = data[await socket.SendAsync(data, SocketFlags.None).ConfigureAwait(false)..];
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            throw Broken(failure);
        }
    }

    /// <summary>
    /// Hands a piece of a file to the kernel to be sent, as much as the socket takes now.
    /// </summary>
    /// <returns>Bytes taken: 0 when the socket is full, or the file ends at <paramref name="offset"/>; -1 where there is no such call.</returns>
    public long TrySendFile(SafeFileHandle file, long offset, long count) => SendFile.TrySend(socket, file, offset, count);

    /// <summary>
    /// Ends the sending: close_notify, then the end of the TCP stream, so that the client can tell a whole file from one
    /// that was cut off (RFC 8446, section 6.1; RFC 4217, section 12.6).
    /// </summary>
    public async ValueTask FinishAsync()
    {
        try
        {
            await CloseTlsAsync().ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            throw Broken(failure);
        }
    }

    /// <summary>
    /// The client has sent everything: its close_notify is answered, as GnuTLS and others wait for it.
    /// </summary>
    public async ValueTask FinishReceivingAsync()
    {
        try
        {
            await CloseTlsAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            // The client has closed already: all of its data is here.
        }
    }

    /// <summary>Whether <see cref="ReceiveOnThread"/> can be used.</summary>
    public bool CanReceiveOnThread => _tls is null && SocketCalls.ArePossible;

    /// <summary>Receives what is there.</summary>
    /// <returns>Bytes; 0 at the end; -1 when nothing has come.</returns>
    /// <exception cref="DataConnectionException">The connection broke.</exception>
    public int ReceiveNow(Span<byte> buffer)
    {
        try
        {
            return SocketCalls.Receive(socket, buffer, SocketCalls.DoNotWait);
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            throw Broken(failure);
        }
    }

    /// <summary>Receives what is there, or comes soon, waiting on the calling thread. See <see cref="SocketCalls.ReceiveSoon"/>.</summary>
    /// <returns>Bytes; 0 at the end; -1 when nothing has come.</returns>
    /// <exception cref="DataConnectionException">The connection broke.</exception>
    public int ReceiveSoon(Span<byte> buffer, TimeSpan spin, TimeSpan patience)
    {
        try
        {
            return SocketCalls.ReceiveSoon(socket, buffer, spin, patience);
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            throw Broken(failure);
        }
    }

    /// <summary>Receives into whole buffers on the calling thread, until the client ends or becomes slow.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="patience">How long a client may take to fill it.</param>
    /// <param name="received">Takes what came; false ends it.</param>
    /// <returns>True when the client has ended.</returns>
    /// <exception cref="DataConnectionException">The connection broke.</exception>
    public bool ReceiveOnThread(byte[] buffer, TimeSpan patience, Func<int, bool> received)
    {
        try
        {
            using var receiving = new BlockingReceive(socket, patience);
            while (true)
            {
                var count = receiving.Receive(buffer);
                if (count == 0)
                    return true;
                if (count < 0 || !received(count))
                    return false;
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw Broken(failure);
        }
    }

    /// <summary>As many records of TLS as have come: SslStream gives one at a time, and each piece costs a write to the file.</summary>
    private async ValueTask<int> ReceiveRecordsAsync(SslStream tls, Memory<byte> buffer)
    {
        var received = 0;
        do
        {
            var record = await tls.ReadAsync(buffer[received..]).ConfigureAwait(false);
            if (record == 0)
                break; // said again by the next call
            received += record;
        }
        while (_plain!.HasUnread && buffer.Length - received >= LargestRecord);
        return received;
    }

    /// <summary>Breaks the connection off.</summary>
    public void Abort() => socket.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        _tls?.Dispose();
        _plain?.Dispose();
        socket.Dispose();
    }

    /// <summary>
    /// Disposes it once the client has closed its end, or after a short while. Closing with the client's close_notify unread
    /// would answer it with a reset, which a client may take for a broken transfer. Runs beside the session.
    /// </summary>
    public async Task LingerAsync(TimeProvider clock)
    {
        using (this)
        {
            if (_tls is null)
                return;
            using var patience = new CancellationTokenSource(LongestGoodbye, clock);
            try
            {
                var rest = new byte[256];
                while (await socket.ReceiveAsync(rest, SocketFlags.None, patience.Token).ConfigureAwait(false) > 0)
                    continue;
            }
            catch (Exception gone) when (gone is OperationCanceledException || IsBroken(gone))
            {
                // Either way there is nothing more to wait for.
            }
        }
    }

    /// <summary>Why a handshake failed was written, and held back: the client should hear it.</summary>
    private static async ValueTask SendAlertAsync(SocketStream plain)
    {
        try
        {
            plain.HoldsBack = false;
            await plain.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception gone) when (IsBroken(gone))
        {
            // It does not want to hear it.
        }
    }

    private async ValueTask CloseTlsAsync()
    {
        if (_tls is null)
            return;
        await _tls.ShutdownAsync().ConfigureAwait(false);
        await _plain!.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static bool IsBroken(Exception failure) => failure is SocketException or IOException or ObjectDisposedException or InvalidOperationException;

    private static DataConnectionException Broken(Exception failure) =>
        new($"the data connection broke ({((failure as SocketException ?? failure.InnerException as SocketException)?.SocketErrorCode)?.ToString() ?? failure.GetType().Name})", failure);
}
