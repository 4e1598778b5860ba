using System.Globalization;
using System.Runtime.ExceptionServices;

namespace ActorLogArchive.Ftp.Client;

/// <summary>One transfer: the command, its data connection, and the two replies around the data.</summary>
internal sealed class FtpTransfer : IDisposable
{
    private readonly FtpSession _session;
    private readonly FtpCommand _command;
    private readonly bool _portWasAhead;
    private Task<FtpReply>? _firstReply;
    private bool _started;
    private bool _portLapsed;
    private bool _marked;
    private bool _isKept;
    private long _quietSince;

    private FtpTransfer(FtpSession session, FtpCommand command, FtpDataConnection data, bool portWasAhead)
    {
        _session = session;
        _command = command;
        _portWasAhead = portWasAhead;
        _quietSince = session.Time.GetTimestamp();
        Data = data;
    }

    /// <summary>The data connection.</summary>
    public FtpDataConnection Data { get; }

    /// <summary>Whether the server has said that it began.</summary>
    public bool HasStarted => _started;

    /// <summary>Whether the end of the data needs no other proof.</summary>
    public bool EndIsAccepted => Data.EndIsCertain || _session.AllowsMissingCloseNotify;

    /// <summary>
    /// Runs a transfer: <paramref name="move"/> waits for its start, moves the data, and waits for its end. It is run again
    /// when the data port had been asked for ahead and the server gave it up meanwhile. That shows when connecting, or only
    /// as the first reply: the connection may have been made a moment before the server closed the port. Either way the
    /// server took no byte, so <paramref name="move"/> must be able to begin anew as long as it has not seen the start.
    /// </summary>
    /// <exception cref="FtpReplyException">The server refuses, or the transfer did not end well.</exception>
    public static async Task<T> RunAsync<T>(FtpSession session, string verb, string? argument, long restartAt, Func<FtpTransfer, Task<T>> move)
    {
        while (true)
        {
            using var transfer = await BeginAsync(session, verb, argument, restartAt).ConfigureAwait(false);
            try
            {
                if (session.Control.ProtectsData && !transfer.Data.IsEncrypted)
                {
                    await transfer.SecureAsync(session.Control.Tls!).ConfigureAwait(false);
                }

                return await move(transfer).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // Not an orderly end: the server must not take the part that it has for the whole.
                transfer._isKept = false;
                transfer.Data.Reset();
                var meaning = exception is FtpDataBrokenException broken ? await transfer.ExplainAsync(broken).ConfigureAwait(false) : exception;
                if (meaning is FtpReplyException { Code: 425 or 522 } refusal && transfer.Data.IsEncrypted && session.Control.Tls!.NoteRefusedData())
                {
                    throw session.Control.Fail($"moving the data of {transfer._command}", new IOException(
                        $"{refusal.Message}; as it may demand resumed sessions without sending new tickets, the next connection will use TLS 1.2"));
                }

                if (!transfer._portLapsed)
                {
                    ExceptionDispatchInfo.Throw(meaning);
                }

                // Replies to what was sent behind the transfer. A port among them would be one asked for ahead again, and
                // two refusals in a row are to be believed.
                await session.SettleAsync().ConfigureAwait(false);
                session.Ports.Discard();
            }
        }
    }

    private static async ValueTask<FtpTransfer> BeginAsync(FtpSession session, string verb, string? argument, long restartAt)
    {
        var control = session.Control;
        var command = new FtpCommand(verb, argument);
        while (true)
        {
            // One that was kept may have been given up by the server meanwhile, as a port that was asked for ahead.
            var kept = control.TakeKeptData();
            var (port, wasAhead) = kept is null ? await session.Ports.TakeAsync().ConfigureAwait(false) : (0, true);
            if (restartAt > 0)
            {
                // Never in one write with the transfer: a STOR whose REST was refused would replace the file.
                var restart = await control.ExecuteAsync("REST", restartAt.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
                if (restart.Code != 350)
                {
                    kept?.Dispose();
                    throw new FtpReplyException(restart.Code, $"REST {restartAt}", restart.Text);
                }
            }

            control.Write(verb, argument);
            await control.FlushAsync().ConfigureAwait(false);
            try
            {
                return new FtpTransfer(session, command, kept ?? await control.OpenDataAsync(port).ConfigureAwait(false), wasAhead);
            }
            catch (FtpDataBrokenException exception)
            {
                // The server closes the port when it refuses the command, and when nobody came for a while.
                var reply = await control.ReadFinalReplyAsync().ConfigureAwait(false);
                if (!reply.IsRefusal)
                {
                    throw control.Fail($"connecting to port {port} for {command}", exception);
                }

                if (reply.Code != 425 || !wasAhead)
                {
                    throw new FtpReplyException(reply.Code, command.ToString(), reply.Text);
                }
            }
        }
    }

    /// <summary>
    /// Encrypts the data connection. Some servers do that before they say that the transfer starts, some after it, and one
    /// that refuses the transfer may leave the connection open without a word: so both are waited for at once.
    /// </summary>
    private async Task SecureAsync(FtpTls tls)
    {
        var handshake = Data.SecureAsync(tls);
        _firstReply = _session.Control.ReadReplyAsync().AsTask();
        if (await Task.WhenAny(handshake, _firstReply).ConfigureAwait(false) == _firstReply)
        {
            try
            {
                await WaitForStartAsync().ConfigureAwait(false);
            }
            catch
            {
                Data.Reset();
                await handshake.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        await handshake.ConfigureAwait(false);
    }

    /// <summary>Waits until the server says that the transfer starts (125, 150).</summary>
    /// <exception cref="FtpReplyException">It refuses.</exception>
    public async ValueTask WaitForStartAsync()
    {
        if (_started)
        {
            return;
        }

        var reply = _firstReply is null ? await _session.Control.ReadReplyAsync().ConfigureAwait(false) : await _firstReply.ConfigureAwait(false);
        if (reply.IsRefusal)
        {
            _portLapsed = reply.Code == 425 && _portWasAhead;
            throw new FtpReplyException(reply.Code, _command.ToString(), reply.Text);
        }

        if (!reply.IsPreliminary)
        {
            throw _session.Control.Fail($"waiting for {_command} to start", new IOException($"it was answered {reply}"));
        }

        _started = true;
    }

    /// <summary>Sends a NOOP when it is time: to be called now and then while data moves.</summary>
    public async ValueTask KeepAliveAsync()
    {
        if (_session.KeepAliveInterval > TimeSpan.Zero && _session.Time.GetElapsedTime(_quietSince) >= _session.KeepAliveInterval)
        {
            // Only once the start was seen can a reply to a NOOP be told from a refusal of the transfer.
            await WaitForStartAsync().ConfigureAwait(false);
            _quietSince = _session.Time.GetTimestamp();
            await _session.Control.KeepAliveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Writes what late replies to NOOPs end at, before commands that are sent ahead of the last reply.</summary>
    public void MarkEnd()
    {
        if (_session.Control.KeepAlives > 0)
        {
            _session.Control.Write(FtpControlConnection.Marker);
            _marked = true;
        }
    }

    /// <summary>Waits until the server says that the transfer ended well (226, 250).</summary>
    /// <exception cref="FtpReplyException">It did not.</exception>
    /// <exception cref="FtpMissingReplyException">It did not say, in time, although all data was moved.</exception>
    public async ValueTask WaitForEndAsync()
    {
        FtpReply reply;
        try
        {
            await WaitForStartAsync().ConfigureAwait(false);
            reply = await _session.Control.ReadFinalReplyWithinAsync(_session.FinalReplyTimeout).ConfigureAwait(false);
        }
        catch (FtpConnectionException exception) when (Data.IsComplete)
        {
            throw new FtpMissingReplyException(exception);
        }

        if (_marked || _session.Control.KeepAlives > 0)
        {
            await PassKeepAlivesAsync().ConfigureAwait(false);
        }

        if (!reply.IsCompletion)
        {
            throw new FtpReplyException(reply.Code, _command.ToString(), reply.Text);
        }

        // Without this word the server has closed it, or will.
        if (_session.Control.DataMode == FtpDataMode.Blocks && reply.Code == 250 && Data.IsComplete)
        {
            _isKept = true;
            _session.Control.Keep(Data);
        }
    }

    /// <summary>Closes the data connection after the end of an upload, unless it is kept.</summary>
    public ValueTask CloseDataAsync() => _isKept ? ValueTask.CompletedTask : Data.CloseAsync();

    private async ValueTask PassKeepAlivesAsync()
    {
        if (!_marked)
        {
            _session.Control.Write(FtpControlConnection.Marker);
            await _session.Control.FlushAsync().ConfigureAwait(false);
        }

        await _session.Control.ReadFinalReplyAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// What a broken data connection means: the server's own words for it, else the break itself. It closes data
    /// connections to refuse a transfer, and says so on the control connection.
    /// </summary>
    private async ValueTask<Exception> ExplainAsync(FtpDataBrokenException broken)
    {
        try
        {
            await WaitForEndAsync().ConfigureAwait(false);
        }
        catch (FtpReplyException refusal)
        {
            return refusal;
        }

        return _session.Control.Fail($"moving the data of {_command}", broken.InnerException!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isKept)
        {
            Data.Dispose();
        }
    }
}
