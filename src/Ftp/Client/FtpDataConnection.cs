using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>The data connection of one transfer, in MODE B of several, one after the other. It must not stand still for longer than the stall timeout.</summary>
internal sealed class FtpDataConnection : IDisposable
{
    // One send call is one wait under the stall timeout: the smaller the piece, the slower a link may be.
    private const int MaxSend = 64 * 1024;

    // When the server has said that the transfer ended, its end of the data connection is usually there before.
    private static readonly TimeSpan DrainPatience = TimeSpan.FromMilliseconds(250);

    private readonly FtpControlConnection _control;
    private readonly IPEndPoint _endPoint;
    private readonly FtpClientOptions _options;
    private readonly Socket _socket;
    private FtpEndAwareStream? _plain;
    private FtpEndAwareStream? _compressedEnd;
    private long _sentAsIs;
    private SslStream? _encrypted;
    private ZLibStream? _compressed;
    private Task _draining = Task.CompletedTask;
    private BlockReader? _blocks;
    private byte[]? _block;
    private bool _saidEnd;

    /// <summary>Prepares a connection to <paramref name="endPoint"/>.</summary>
    public FtpDataConnection(FtpControlConnection control, IPEndPoint endPoint, FtpClientOptions options)
    {
        _control = control;
        _endPoint = endPoint;
        _options = options;
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    }

    /// <summary>Whether the handshake of TLS was made.</summary>
    public bool IsEncrypted => _encrypted is not null;

    /// <summary>Bytes sent so far, compressed where they are, without what TLS adds.</summary>
    public long SentBytes => _sentAsIs + (_compressedEnd?.Written ?? 0);

    /// <summary>Whether all was moved: sent to the last byte, or received to the end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>
    /// Whether the end that <see cref="ReceiveAsync"/> saw is one that nobody in between can have made up: always in clear
    /// text, where nothing is proof against that, and with TLS when the server said that it was the end (close_notify).
    /// </summary>
    public bool EndIsCertain => _control.DataMode == FtpDataMode.Blocks || _encrypted is null || _plain is not { HasEnded: true };

    /// <summary>Begins the next file on a connection that was kept.</summary>
    /// <returns>Whether that can be: not when the server has closed its end meanwhile.</returns>
    public bool TryBeginFile()
    {
        try
        {
            if (_socket.Poll(0, SelectMode.SelectRead))
            {
                return false;
            }
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
            return false;
        }

        (IsComplete, _sentAsIs, _saidEnd) = (false, 0, false);
        _blocks?.BeginFile();
        return true;
    }

    /// <summary>Connects.</summary>
    /// <exception cref="FtpDataBrokenException">The server does not take it.</exception>
    public Task ConnectAsync() => RunAsync(
        $"connecting to port {_endPoint.Port} for data",
        _options.ConnectTimeout,
        () => _socket.ConnectAsync(_endPoint, CancellationToken.None));

    /// <summary>Encrypts the connection.</summary>
    /// <exception cref="FtpDataBrokenException">The server ended the data connection; its reply says why.</exception>
    /// <exception cref="FtpTlsException">It is not the same server.</exception>
    public Task SecureAsync(FtpTls tls) => RunAsync(
        "starting TLS for data",
        _options.ConnectTimeout,
        async () => _encrypted = await tls.SecureDataAsync(_plain = PlainStream()).ConfigureAwait(false));

    private FtpEndAwareStream PlainStream() => new(new NetworkStream(_socket, ownsSocket: false));

    private Stream Transport => _encrypted ?? (Stream)(_plain ??= PlainStream());

    /// <summary>Sends all of <paramref name="data"/>.</summary>
    /// <param name="data">A piece of the file.</param>
    /// <param name="isLast">Whether the file ends with it: in blocks the last one says so then, and needs no other behind it.</param>
    /// <exception cref="FtpConnectionException">The connection stood still, or all is lost.</exception>
    /// <exception cref="FtpDataBrokenException">The server ended the data connection; its reply says why.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, bool isLast = false)
    {
        try
        {
            while (data.Length > 0)
            {
                _control.ArmDataDeadline(_options.StallTimeout);
                var piece = data[..Math.Min(data.Length, MaxSend)];
                if (_control.DataMode == FtpDataMode.Deflate)
                {
                    _compressed ??= new ZLibStream(_compressedEnd = new FtpEndAwareStream(Transport), new ZLibCompressionOptions { CompressionLevel = _options.CompressionLevel }, leaveOpen: true);
                    await _compressed.WriteAsync(piece).ConfigureAwait(false);
                    data = data[piece.Length..];
                }
                else if (_control.DataMode == FtpDataMode.Blocks)
                {
                    piece = data[..Math.Min(data.Length, Blocks.Largest)];
                    _block ??= new byte[Blocks.HeaderSize + Blocks.Largest];
                    _saidEnd = isLast && piece.Length == data.Length;
                    await Transport.WriteAsync(Blocks.Frame(piece.Span, _block, _saidEnd)).ConfigureAwait(false);
                    _sentAsIs += Blocks.HeaderSize + piece.Length;
                    data = data[piece.Length..];
                }
                else if (_encrypted is null)
                {
                    var sent = await _socket.SendAsync(piece, SocketFlags.None).ConfigureAwait(false);
                    _sentAsIs += sent;
                    data = data[sent..];
                }
                else
                {
                    await _encrypted.WriteAsync(piece).ConfigureAwait(false);
                    _sentAsIs += piece.Length;
                    data = data[piece.Length..];
                }
            }
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
            throw Broken("sending data", exception);
        }
        finally
        {
            _control.DisarmDataDeadline();
        }
    }

    /// <summary>Receives some bytes; 0 at the end.</summary>
    /// <exception cref="FtpConnectionException">The connection stood still, or all is lost.</exception>
    /// <exception cref="FtpDataBrokenException">The server broke the data connection off; its reply says why.</exception>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            _control.ArmDataDeadline(_options.StallTimeout);
            return _control.DataMode == FtpDataMode.Deflate ? await ReceiveCompressedAsync(buffer).ConfigureAwait(false)
                : _control.DataMode == FtpDataMode.Blocks ? await (_blocks ??= new BlockReader(received => Transport.ReadAsync(received))).ReceiveAsync(buffer).ConfigureAwait(false)
                : _encrypted is null
                ? await _socket.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false)
                : await _encrypted.ReadAsync(buffer).ConfigureAwait(false);
        }
        catch (InvalidDataException exception)
        {
            throw _control.Fail(_control.DataMode == FtpDataMode.Blocks ? "receiving blocks of data" : "receiving compressed data", exception);
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
            throw Broken("receiving data", exception);
        }
        finally
        {
            _control.DisarmDataDeadline();
        }
    }

    /// <summary>Tells the server that all was sent: in stream mode the end of the connection is the end of the file, in blocks the last one says so.</summary>
    /// <exception cref="FtpDataBrokenException">The server ended the data connection; its reply says why.</exception>
    public async ValueTask CompleteAsync()
    {
        try
        {
            if (_control.DataMode == FtpDataMode.Blocks)
            {
                if (!_saidEnd)
                {
                    await EndBlocksAsync().ConfigureAwait(false);
                }

                IsComplete = true;
                return;
            }

            await EndCompressionAsync().ConfigureAwait(false);
            await SayEndAsync().ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);
            IsComplete = true;
            _draining = _encrypted is null ? Task.CompletedTask : DrainAsync(_encrypted);
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
            throw Broken("ending the data", exception);
        }
    }

    /// <summary>Closes after all was sent and the server has said that the transfer ended.</summary>
    public async ValueTask CloseAsync()
    {
        if (!_draining.IsCompleted)
        {
            await Task.WhenAny(_draining, Task.Delay(DrainPatience, _options.TimeProvider)).ConfigureAwait(false);
        }

        Dispose();
    }

    /// <summary>Closes after the server's end was received. With TLS some servers wait for the client's word too before they reply.</summary>
    public async ValueTask AnswerEndAsync()
    {
        if (_control.DataMode == FtpDataMode.Blocks)
        {
            IsComplete = true;
            return;
        }

        try
        {
            await SayEndAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
            // It has gone already: all the better.
        }

        IsComplete = true;
        _socket.Dispose();
    }

    /// <summary>
    /// Breaks the connection off, so that the server does not take what it has for the whole; may be called from any thread.
    /// Once all was sent it only closes: a reset would take away what the server has not read yet.
    /// </summary>
    public void Reset()
    {
        try
        {
            if (!IsComplete)
            {
                _socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Not connected yet, or closed already: there is nothing the server could mistake.
        }

        _socket.Dispose();
        _control.Forget(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        try
        {
            // Where sending was broken off, it tries to send the rest, and finds the socket closed.
            _compressed?.Dispose();
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
        }

        _encrypted?.Dispose();
        _plain?.Dispose();
        _control.Forget(this);
    }

    private async ValueTask<int> ReceiveCompressedAsync(Memory<byte> buffer)
    {
        _compressed ??= new ZLibStream(_compressedEnd = new FtpEndAwareStream(Transport), CompressionMode.Decompress, leaveOpen: true);
        var received = await _compressed.ReadAsync(buffer).ConfigureAwait(false);
        if (received == 0 && buffer.Length > 0)
        {
            // .NET takes the end of the connection for that of the data. Of an empty file some servers send nothing at all.
            if (_compressedEnd is { HasEnded: true, HasContent: true })
            {
                throw new InvalidDataException("the compressed data was cut short");
            }

            // The end of the compressed data comes before that of the connection, which with TLS is the one that counts.
            var rest = new byte[64];
            while (await Transport.ReadAsync(rest).ConfigureAwait(false) > 0)
            {
            }
        }

        return received;
    }

    private async ValueTask EndCompressionAsync()
    {
        if (_control.DataMode == FtpDataMode.Deflate)
        {
            try
            {
                _control.ArmDataDeadline(_options.StallTimeout);

                // An empty file is an empty stream too, and not nothing at all.
                _compressed ??= new ZLibStream(_compressedEnd = new FtpEndAwareStream(Transport), new ZLibCompressionOptions { CompressionLevel = _options.CompressionLevel }, leaveOpen: true);
                await _compressed.WriteAsync(ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
                await _compressed.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                _control.DisarmDataDeadline();
            }
        }
    }

    private async ValueTask EndBlocksAsync()
    {
        try
        {
            _control.ArmDataDeadline(_options.StallTimeout);
            await Transport.WriteAsync(Blocks.End).ConfigureAwait(false);
            _sentAsIs += Blocks.End.Length;
        }
        finally
        {
            _control.DisarmDataDeadline();
        }
    }

    private async ValueTask SayEndAsync()
    {
        if (_encrypted is not null)
        {
            try
            {
                _control.ArmDataDeadline(_options.StallTimeout);
                await _encrypted.ShutdownAsync().ConfigureAwait(false);
            }
            finally
            {
                _control.DisarmDataDeadline();
            }
        }
    }

    /// <summary>
    /// Reads what the server sends while it only receives: its end, and with TLS 1.3 the ticket that the next data connection
    /// resumes the session with. A ticket is good for one.
    /// </summary>
    private static async Task DrainAsync(SslStream encrypted)
    {
        try
        {
            var nothing = new byte[64];
            while (await encrypted.ReadAsync(nothing).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
            // Closed by either end: there is nothing more to have.
        }
    }

    private async Task RunAsync(string doing, TimeSpan limit, Func<ValueTask> step)
    {
        try
        {
            _control.ArmDataDeadline(limit);
            await step().ConfigureAwait(false);
        }
        catch (Exception exception) when (FtpControlConnection.IsSocketFailure(exception))
        {
            throw Broken(doing, exception);
        }
        finally
        {
            _control.DisarmDataDeadline();
        }
    }

    private Exception Broken(string doing, Exception exception) =>
        _control.Cause is null ? new FtpDataBrokenException(exception) : _control.Fail(doing, exception);
}
