using System.Globalization;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Client;

/// <summary>One transfer: the command, its data connection, and the two replies around the data.</summary>
internal sealed class FtpTransfer : IDisposable
{
    private readonly FtpSession _session;
    private readonly FtpCommand _command;
    private bool _started;

    private FtpTransfer(FtpSession session, FtpCommand command, FtpDataConnection data)
    {
        _session = session;
        _command = command;
        Data = data;
    }

    /// <summary>The data connection.</summary>
    public FtpDataConnection Data { get; }

    /// <summary>
    /// Sends the command and connects, at once: neither waits for the other. The reply that the transfer starts is left
    /// for <see cref="WaitForStartAsync"/>.
    /// </summary>
    /// <exception cref="FtpReplyException">The server refuses.</exception>
    public static async ValueTask<FtpTransfer> BeginAsync(FtpSession session, string verb, string? argument, long restartAt = 0)
    {
        var control = session.Control;
        var command = new FtpCommand(verb, argument);
        while (true)
        {
            var (port, wasAhead) = await session.Ports.TakeAsync().ConfigureAwait(false);
            if (restartAt > 0)
            {
                // Never in one write with the transfer: a STOR whose REST was refused would replace the file.
                var restart = await control.ExecuteAsync("REST", restartAt.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
                if (restart.Code != 350)
                {
                    throw new FtpReplyException(restart.Code, $"REST {restartAt}", restart.Text);
                }
            }

            control.Write(verb, argument);
            await control.FlushAsync().ConfigureAwait(false);
            try
            {
                return new FtpTransfer(session, command, await control.OpenDataAsync(port).ConfigureAwait(false));
            }
            catch (SocketException exception)
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

    /// <summary>Waits until the server says that the transfer starts (125, 150).</summary>
    /// <exception cref="FtpReplyException">It refuses.</exception>
    public async ValueTask WaitForStartAsync()
    {
        if (_started)
        {
            return;
        }

        var reply = await _session.Control.ReadReplyAsync().ConfigureAwait(false);
        if (reply.IsRefusal)
        {
            throw new FtpReplyException(reply.Code, _command.ToString(), reply.Text);
        }

        if (!reply.IsPreliminary)
        {
            throw _session.Control.Fail($"waiting for {_command} to start", new IOException($"it was answered {reply}"));
        }

        _started = true;
    }

    /// <summary>Waits until the server says that the transfer ended well (226, 250).</summary>
    /// <exception cref="FtpReplyException">It did not.</exception>
    public async ValueTask WaitForEndAsync()
    {
        await WaitForStartAsync().ConfigureAwait(false);
        var reply = await _session.Control.ReadFinalReplyAsync().ConfigureAwait(false);
        if (!reply.IsCompletion)
        {
            throw new FtpReplyException(reply.Code, _command.ToString(), reply.Text);
        }
    }

    /// <summary>
    /// What a broken data connection means: the server's own words for it, else the break itself. It closes data
    /// connections to refuse a transfer, and says so on the control connection.
    /// </summary>
    public async ValueTask<Exception> ExplainAsync(SocketException broken)
    {
        Data.Reset();
        try
        {
            await WaitForEndAsync().ConfigureAwait(false);
        }
        catch (FtpReplyException refusal)
        {
            return refusal;
        }

        return _session.Control.Fail($"moving the data of {_command}", broken);
    }

    /// <inheritdoc/>
    public void Dispose() => Data.Dispose();
}
