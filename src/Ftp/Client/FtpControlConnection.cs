using System.Buffers;
using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Client.Parsing;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// The control connection: sends commands, reads their replies in order, and bounds every wait. Whatever goes wrong, a
/// passed time limit and cancellation included, ends in <see cref="Abort"/>: it closes the control socket and the data
/// socket under way, so that what is pending on them fails at once, and keeps the first cause.
/// </summary>
internal sealed class FtpControlConnection : IDisposable
{
    /// <summary>The command that tells where late replies to NOOPs end: no NOOP is answered 257.</summary>
    public const string Marker = "PWD";

    // What a server leaves unread until the transfer is over must fit into the buffers in between.
    private const int MaxKeepAlives = 1000;

    // A server closes one that nobody uses; ours after three seconds.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    private readonly FtpClientOptions _options;
    private readonly FtpControlChannel _channel;
    private readonly ArrayBufferWriter<byte> _unsent = new(512);
    private readonly Queue<FtpCommand> _unanswered = new();
    private readonly FtpDeadline _deadline;
    private readonly FtpDeadline _dataDeadline;
    private readonly Lock _gate = new();
    private FtpLineEnding? _lineEnding;
    private FtpDataConnection? _data;
    private FtpDataConnection? _kept;
    private long _keptSince;
    private Exception? _cause;
    private int _keepAlives;

    private FtpControlConnection(FtpClientOptions options, FtpControlChannel channel)
    {
        _options = options;
        _channel = channel;

        // Two, as TLS on the data connection and a reply may have to be waited for at the same time.
        _deadline = new FtpDeadline(options.TimeProvider, Expire);
        _dataDeadline = new FtpDeadline(options.TimeProvider, Expire);
    }

    /// <summary>The server's address; data connections go there too.</summary>
    public IPAddress PeerAddress => _channel.PeerAddress;

    /// <summary>How the connection is encrypted; null while it is not.</summary>
    public FtpTls? Tls { get; private set; }

    /// <summary>Whether data connections are encrypted.</summary>
    public bool ProtectsData { get; set; }

    /// <summary>How data goes now, as the server has agreed.</summary>
    public FtpDataMode DataMode { get; set; }

    /// <summary>Whether commands and replies may hold line breaks inside names, see <see cref="FtpCommand.CheckArgument"/>.</summary>
    public bool LineBreaksInNames { get; set; }

    /// <summary>What this server ends lines with, as its greeting showed.</summary>
    public FtpLineEnding LineEnding => _lineEnding ?? FtpLineEnding.LineFeed;

    /// <summary>Commands whose last reply has not been read.</summary>
    public int Unanswered => _unanswered.Count;

    /// <summary>The command that the next reply belongs to.</summary>
    public FtpCommand NextUnanswered => _unanswered.Peek();

    /// <summary>NOOPs sent during a transfer that no reply was seen to: it may come in the transfer, after it, or never.</summary>
    public int KeepAlives => _keepAlives;

    /// <summary>Whether a transfer's data connection is open.</summary>
    public bool HasData => _data is not null;

    /// <summary>Why the connection is no longer usable; null while it is.</summary>
    public Exception? Cause
    {
        get
        {
            lock (_gate)
            {
                return _cause;
            }
        }
    }

    /// <summary>Connects.</summary>
    /// <exception cref="FtpConnectionException">It could not, in time.</exception>
    public static async Task<FtpControlConnection> ConnectAsync(FtpClientOptions options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return new FtpControlConnection(options, await FtpControlChannel.ConnectAsync(options.Host, options.Port, options.KeepAliveInterval, either.Token).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ArgumentException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var what = exception is OperationCanceledException ? $"no answer for {options.ConnectTimeout.TotalSeconds:0.###} s" : exception.Message;
            throw new FtpConnectionException($"{options.Host}:{options.Port}, connecting: {what}", exception);
        }
    }

    /// <summary>Goes on encrypted.</summary>
    /// <exception cref="FtpTlsException">The server is not to be trusted.</exception>
    /// <exception cref="FtpConnectionException">The connection is gone, stood still, or what came was no TLS.</exception>
    public async Task SecureAsync(FtpTls tls)
    {
        try
        {
            _deadline.Arm(_options.ConnectTimeout);
            await _channel.SecureAsync(tls).ConfigureAwait(false);
            Tls = tls;

            // What was said in clear text before does not count.
            _lineEnding = null;
        }
        catch (FtpTlsException exception)
        {
            Abort(exception);
            throw;
        }
        catch (Exception exception) when (IsSocketFailure(exception))
        {
            throw Fail("starting TLS", exception);
        }
        finally
        {
            _deadline.Disarm();
        }
    }

    /// <summary>Puts a command behind those not sent yet.</summary>
    public void Write(string verb, string? argument = null)
    {
        var command = new FtpCommand(verb, argument);
        command.WriteTo(_unsent, LineBreaksInNames);
        _unanswered.Enqueue(command);
    }

    /// <summary>Sends what was written, in one piece: two small segments would wait for each other's acknowledgement.</summary>
    public async ValueTask FlushAsync()
    {
        try
        {
            _deadline.Arm(_options.StallTimeout);
            await _channel.SendAsync(_unsent.WrittenMemory).ConfigureAwait(false);
            _unsent.ResetWrittenCount();
        }
        catch (Exception exception) when (IsSocketFailure(exception))
        {
            throw Fail($"sending {_unanswered.LastOrDefault()}", exception);
        }
        finally
        {
            _deadline.Disarm();
        }
    }

    /// <summary>Sends one command and reads its last reply.</summary>
    public async ValueTask<FtpReply> ExecuteAsync(string verb, string? argument = null, TimeSpan extraTime = default)
    {
        Write(verb, argument);
        await FlushAsync().ConfigureAwait(false);
        return await ReadFinalReplyAsync(extraTime).ConfigureAwait(false);
    }

    /// <summary>Sends a NOOP while a transfer runs; its reply is passed over whenever it comes.</summary>
    public async ValueTask KeepAliveAsync()
    {
        if (_keepAlives < MaxKeepAlives)
        {
            _keepAlives++;
            new FtpCommand("NOOP").WriteTo(_unsent, lineBreaks: false);
            await FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads the next reply that is not a preliminary one.</summary>
    public ValueTask<FtpReply> ReadFinalReplyAsync(TimeSpan extraTime = default) => ReadFinalReplyWithinAsync(LimitWith(extraTime));

    /// <summary>Reads the next reply that is not a preliminary one, each within <paramref name="limit"/>.</summary>
    public async ValueTask<FtpReply> ReadFinalReplyWithinAsync(TimeSpan limit)
    {
        FtpReply reply;
        do
        {
            reply = await ReadReplyWithinAsync(limit).ConfigureAwait(false);
        }
        while (reply.IsPreliminary);
        return reply;
    }

    /// <summary>Reads the next reply.</summary>
    /// <param name="extraTime">Allowed beyond the usual limit, for a command that works on a whole file.</param>
    /// <exception cref="FtpConnectionException">The connection is gone, the reply did not come in time, is none, or is 421.</exception>
    public ValueTask<FtpReply> ReadReplyAsync(TimeSpan extraTime = default) => ReadReplyWithinAsync(LimitWith(extraTime));

    private TimeSpan LimitWith(TimeSpan extraTime) =>
        _options.ReplyTimeout == Timeout.InfiniteTimeSpan ? _options.ReplyTimeout : _options.ReplyTimeout + extraTime;

    private async ValueTask<FtpReply> ReadReplyWithinAsync(TimeSpan limit)
    {
        try
        {
            _deadline.Arm(limit);
            while (true)
            {
                var result = await _channel.Reader.ReadAsync().ConfigureAwait(false);
                if (TryTakeReply(result.Buffer, out var reply))
                {
                    if (IsToKeepAlive(reply))
                    {
                        continue;
                    }

                    return Accept(reply);
                }

                if (result.IsCompleted || result.IsCanceled)
                {
                    throw new EndOfStreamException("the server closed the connection");
                }
            }
        }
        catch (Exception exception) when (IsSocketFailure(exception) || exception is FormatException)
        {
            throw Fail(_unanswered.TryPeek(out var command) ? $"waiting for the reply to {command}" : "waiting for the greeting", exception);
        }
        finally
        {
            _deadline.Disarm();
        }
    }

    /// <summary>Whether the server said something, or closed, while nothing was asked: it is leaving (421).</summary>
    public bool HasUnexpectedInput()
    {
        try
        {
            return _unanswered.Count == 0 && _channel.HasInput();
        }
        catch (Exception exception) when (IsSocketFailure(exception))
        {
            return true;
        }
    }

    /// <summary>Makes the data connection of a transfer; it is closed together with this one.</summary>
    /// <exception cref="FtpDataBrokenException">The server does not take it.</exception>
    public async ValueTask<FtpDataConnection> OpenDataAsync(int port)
    {
        var data = new FtpDataConnection(this, new IPEndPoint(PeerAddress, port), _options);
        lock (_gate)
        {
            _data = data;
            if (_cause is not null)
            {
                data.Reset();
            }
        }

        try
        {
            await data.ConnectAsync().ConfigureAwait(false);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the data connection of a transfer that ended well for the next one.</summary>
    public void Keep(FtpDataConnection data)
    {
        lock (_gate)
        {
            _data = null;
            if (_cause is null)
            {
                (_kept, _keptSince) = (data, _options.TimeProvider.GetTimestamp());
                return;
            }
        }

        data.Dispose();
    }

    /// <summary>The data connection that was kept, when the server can be expected to have kept it too.</summary>
    public FtpDataConnection? TakeKeptData()
    {
        FtpDataConnection? kept;
        lock (_gate)
        {
            kept = _kept;
            _kept = null;
            if (kept is not null && _cause is null && _options.TimeProvider.GetElapsedTime(_keptSince) < KeptFor && kept.TryBeginFile())
            {
                _data = kept;
                return kept;
            }
        }

        kept?.Dispose();
        return null;
    }

    /// <summary>Closes it.</summary>
    public void DropKeptData()
    {
        FtpDataConnection? kept;
        lock (_gate)
        {
            kept = _kept;
            _kept = null;
        }

        kept?.Dispose();
    }

    /// <summary>Runs a wait on the data connection under a time limit.</summary>
    public void ArmDataDeadline(TimeSpan limit) => _dataDeadline.Arm(limit);

    /// <summary>The wait is over.</summary>
    public void DisarmDataDeadline() => _dataDeadline.Disarm();

    /// <summary>The data connection is closed.</summary>
    public void Forget(FtpDataConnection data)
    {
        lock (_gate)
        {
            _data = _data == data ? null : _data;
            _kept = _kept == data ? null : _kept;
        }
    }

    /// <summary>Drops the connection, and says why in terms of what was being done.</summary>
    public Exception Fail(string doing, Exception exception)
    {
        Abort(exception);
        var cause = Cause!;
        return cause is OperationCanceledException
            ? cause
            : new FtpConnectionException($"{_options.Host}:{_options.Port}, {doing}: {PrintableText.Of(cause.Message)}", cause);
    }

    /// <summary>Closes both sockets. Only the first cause counts.</summary>
    public void Abort(Exception cause)
    {
        FtpDataConnection? data;
        lock (_gate)
        {
            if (_cause is not null)
            {
                return;
            }

            _cause = cause;
            data = _data;
        }

        DropKeptData();

        // The data connection first, and by a reset: an orderly end would make the server take half a file for a whole one.
        data?.Reset();
        _channel.Abort();
        _deadline.Dispose();
        _dataDeadline.Dispose();
    }

    /// <summary>Says goodbye if that takes no longer than <paramref name="patience"/>, and closes.</summary>
    public async ValueTask CloseAsync(TimeSpan patience)
    {
        if (Cause is null && Unanswered == 0)
        {
            using var limit = new CancellationTokenSource(patience, _options.TimeProvider);
            using var registration = limit.Token.UnsafeRegister(
                static connection => ((FtpControlConnection)connection!).Abort(new ObjectDisposedException(nameof(FtpClient))), this);
            try
            {
                await ExecuteAsync("QUIT").ConfigureAwait(false);
                await _channel.SayEndAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is FtpConnectionException || IsSocketFailure(exception))
            {
                // Leaving is all that was wanted: a server that is gone already is as good as one that says 221.
            }
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Abort(new ObjectDisposedException(nameof(FtpClient)));
        _channel.Dispose();
    }

    /// <summary>What pending socket calls throw when the peer, or <see cref="Abort"/>, ends them.</summary>
    public static bool IsSocketFailure(Exception exception) =>
        exception is SocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException
        && exception is not FtpReplyException and not FtpConnectionException and not FtpPathException and not FtpTlsException and not FtpDataBrokenException;

    private void Expire(TimeSpan limit) => Abort(new TimeoutException($"nothing moved for {limit.TotalSeconds:0.###} s"));

    private bool TryTakeReply(ReadOnlySequence<byte> buffer, out FtpReply reply)
    {
        var data = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.ToArray();
        var ending = _lineEnding ?? FtpLines.Detect(data);
        var complete = FtpReplyParser.TryParse(data, ending, out reply, out var consumed);
        if (complete)
        {
            _lineEnding = ending;
            _channel.Reader.AdvanceTo(buffer.GetPosition(consumed));
        }
        else
        {
            _channel.Reader.AdvanceTo(buffer.Start, buffer.End);
        }

        return complete;
    }

    /// <summary>
    /// Whether a reply is one to a NOOP. Servers answer those during the transfer (pyftpdlib, ours), after its last reply
    /// (vsftpd), with a refusal (ProFTPD: 450), or not at all; so behind the transfer the marker is sent.
    /// </summary>
    private bool IsToKeepAlive(FtpReply reply)
    {
        if (_keepAlives == 0 || !_unanswered.TryPeek(out var command))
        {
            return false;
        }

        if (command.Verb == Marker)
        {
            if (reply.Code == 257)
            {
                _keepAlives = 0;
                return false;
            }
        }
        else if (reply.Code is not (200 or 450 or (>= 500 and <= 504) or 530))
        {
            return false;
        }

        _keepAlives--;
        return true;
    }

    private FtpReply Accept(FtpReply reply)
    {
        if (reply.Code == 421)
        {
            throw new IOException($"the server closes the connection: {reply}");
        }

        if (!reply.IsPreliminary)
        {
            _unanswered.TryDequeue(out _);
        }

        return reply;
    }
}
