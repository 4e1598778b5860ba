using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server.Commands;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// One control connection. A receive loop cuts the bytes into commands and queues them; a command loop carries them out
/// one after another. So commands may be pipelined, and ABOR, STAT and a broken connection are noticed during a transfer.
/// Ends once, for the first reason given.
/// </summary>
internal sealed class FtpSession : IDisposable
{
    private const int MostQueuedCommands = 64;
    private const int ReceiveBufferSize = 1024;
    private const int CommandsAtOnceUnsigned = 40;

    // How long a client that reads nothing may hold up the last reply to it.
    private static readonly TimeSpan LastReplyTimeout = TimeSpan.FromSeconds(5);

    // Well above the time for which the client of this library counts on it: its buffers are 400 KB, and an agent that sends now and then would hold them for nothing.
    private static readonly TimeSpan KeptDataLimit = TimeSpan.FromSeconds(3);

    private readonly ServerServices _services;
    private readonly ControlConnection _control;
    private readonly DataChannel _channel;
    private readonly TransferControl _transfer;
    private readonly SessionActivity _activity;
    private readonly TransferRunner _runner;
    private readonly CommandContext _context;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly DateTimeOffset _connectedAt;
    private readonly long _connectedTimestamp;
    private readonly Channel<CommandLine> _commands = Channel.CreateBounded<CommandLine>(
        new BoundedChannelOptions(MostQueuedCommands) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });

    private volatile string? _closeReason;
    private volatile bool _isOver;
    private ServerReply? _closeReply;
    private long _closingSince;
    private long _lastActivity;
    private int _abortsQueued;
    private int _commandsBeforeSignIn;
    private volatile bool _clientIsDone;
    private TaskCompletionSource? _authAnswered;
    private readonly bool _implicitTls;
    private readonly SessionPace _pace;

    /// <param name="id">Its number.</param>
    /// <param name="socket">The connection.</param>
    /// <param name="services">What sessions share.</param>
    /// <param name="implicitTls">TLS begins at once, before the greeting.</param>
    public FtpSession(long id, Socket socket, ServerServices services, bool implicitTls = false)
    {
        Id = id;
        _services = services;
        _control = new ControlConnection(socket);
        _channel = new DataChannel(_control.Local, _control.Remote.Address, services.Ports);
        _transfer = new TransferControl(_channel, services.Clock);
        _activity = new SessionActivity(_transfer, services.Clock);
        _implicitTls = implicitTls;
        _context = new CommandContext(id, services, _control, _channel, _lifetime.Token);
        _pace = new SessionPace(services.Clock, services.HasProcessorsToSpare);
        _runner = new TransferRunner(_context, _control, _transfer, _pace);
        _connectedAt = services.Clock.GetUtcNow();
        _connectedTimestamp = _lastActivity = services.Clock.GetTimestamp();
    }

    public long Id { get; }

    /// <summary>The client's end of the connection.</summary>
    public IPEndPoint Client => _control.Remote;

    /// <summary>The account's name once signed in.</summary>
    public string? Account => _context.Account?.Name;

    /// <summary>Whether it has ended, and its end is being told.</summary>
    public bool IsOver => _isOver;

    /// <summary>Whether a transfer runs.</summary>
    public bool IsTransferring => _transfer.IsRunning;

    /// <summary>The session as it is now.</summary>
    public FtpSessionInfo Info => _activity.Describe(Id, _control.Remote, Account, _connectedAt);

    /// <summary>Serves the client until the session ends. Never throws: what went wrong is the reason of the closing.</summary>
    public async Task RunAsync()
    {
        _services.Publish(new FtpSessionOpened(_connectedAt, Id, _control.Remote));
        var receiving = Task.CompletedTask;
        try
        {
            if (_closeReason is null && (!_implicitTls || await BeginTlsAsync().ConfigureAwait(false)))
            {
                if (_implicitTls)
                    _context.State = _context.State with { HasBufferSize = true, DataIsPrivate = true };
                await _control.SendAsync(new ServerReply(220, _services.Options.Greeting).ToBytes()).ConfigureAwait(false);
                receiving = ReceiveAsync();
                await ExecuteAsync().ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException || ControlConnection.IsBroken(gone))
        {
            Close("the connection broke", null);
        }
        catch (Exception failure)
        {
            Close($"failed: {failure.GetType().Name}: {failure.Message}", new ServerReply(421, "Internal error."));
        }

        await SayGoodbyeAsync().ConfigureAwait(false);
        _control.Dispose();
        await receiving.ConfigureAwait(false);
        _context.SignOut(out var account);

        // First: who hears of the end looks at the list, and must not find it there.
        _isOver = true;
        _services.Publish(new FtpSessionClosed(_services.Clock.GetUtcNow(), Id, _control.Remote, account, _closeReason ?? "closed"));
    }

    /// <summary>Ends the session, with <paramref name="reply"/> when the client is to be told. The first reason counts.</summary>
    /// <returns>False when it was ending already.</returns>
    public bool Close(string reason, ServerReply? reply)
    {
        if (Interlocked.CompareExchange(ref _closeReason, reason, null) is not null)
            return false;
        _closeReply = reply;
        Volatile.Write(ref _closingSince, _services.Clock.GetTimestamp());
        _transfer.Abort(reason);
        _lifetime.Cancel();
        _commands.Writer.TryComplete();
        Volatile.Read(ref _authAnswered)?.TrySetResult();
        return true;
    }

    /// <summary>Compares the session with its deadlines; called by the server every now and then.</summary>
    public void CheckDeadlines()
    {
        var options = _services.Options;
        var clock = _services.Clock;
        _channel.DropIdle(clock, KeptDataLimit);
        if (Volatile.Read(ref _closingSince) is var closing and not 0)
        {
            if (clock.GetElapsedTime(closing) > LastReplyTimeout)
                _control.Dispose();
        }
        else if (_context.Account is null && clock.GetElapsedTime(_context.UnsignedSince) > options.SignInTimeout)
        {
            Close("no sign-in in time", new ServerReply(421, "Sign-in took too long."));
        }
        else if (_context.Account?.ExpiresAt <= clock.GetUtcNow())
        {
            Close("account expired", new ServerReply(421, "Closed: account expired."));
        }
        else if (_transfer.IsRunning)
        {
            _transfer.CheckDeadline(options.DataConnectTimeout, options.TransferStallTimeout);
        }
        else if (_activity.Command is null && clock.GetElapsedTime(Volatile.Read(ref _lastActivity)) > options.IdleTimeout)
        {
            Close("idle for too long", new ServerReply(421, "Idle for too long."));
        }
    }

    /// <summary>Takes note of how fast the session is; called by the server every now and then.</summary>
    public void MeasureRate()
    {
        if (_activity.Measure(Id, _control.Remote, Account) is { } progress && _services.Events is { WantsProgress: true } events)
            events.Publish(progress);
    }

    /// <summary>Takes a changed account of the same name. One that may no longer come in may not stay either.</summary>
    public void Apply(FtpAccount account)
    {
        if (_services.SignIns.WhyNot(account, _control.Remote) is { } reason)
        {
            Close(reason, new ServerReply(421, $"Closed: {reason}."));
            return;
        }

        _context.Replace(account);
        _transfer.CheckAllowed(account);
    }

    public void Dispose()
    {
        // The token source stays: whoever closes the session at this very moment may still be about to cancel it.
        _channel.Dispose();
        _control.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var reader = new CommandLineReader(_services.Options.MaxCommandLength);
        var buffer = new byte[ReceiveBufferSize];
        try
        {
            while (await ReceiveAsync(buffer).ConfigureAwait(false) is var received and > 0)
            {
                await ServeAsync(reader, buffer.AsMemory(0, received)).ConfigureAwait(false);
                if (await ReceiveOnThreadAsync(reader, buffer).ConfigureAwait(false))
                    break;
            }

            await _control.FlushAsync().ConfigureAwait(false);

            // What was sent before is still carried out, but nobody waits for the end of a transfer any more.
            _clientIsDone = true;
            _transfer.Abort("the client closed the connection");
            _commands.Writer.TryComplete();
        }
        catch (Exception gone) when (gone is ChannelClosedException || ControlConnection.IsBroken(gone))
        {
            Close("the connection broke", null);
        }
    }

    /// <summary>Goes on with a thread of its own while the session is busy, see <see cref="SessionPace"/>.</summary>
    /// <returns>True when the client will send no more.</returns>
    private async ValueTask<bool> ReceiveOnThreadAsync(CommandLineReader reader, byte[] buffer)
    {
        if (!_pace.IsBusy || !_control.CanReceiveOnThread || !_services.SessionThreads.Wait(0, CancellationToken.None))
            return false;
        try
        {
            return await Task.Factory.StartNew(() => ReceiveOnThread(reader, buffer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            _services.SessionThreads.Release();
        }
    }

    private bool ReceiveOnThread(CommandLineReader reader, byte[] buffer)
    {
        _pace.TakeThread();
        try
        {
            // Asked each time: AUTH may have put TLS on the connection.
            while (_control.CanReceiveOnThread && ReceiveSoon(buffer) is var received and >= 0)
            {
                if (received == 0)
                    return true;
                Wait(ServeAsync(reader, buffer.AsMemory(0, received)));
            }

            return false;
        }
        finally
        {
            _pace.LeaveThread();
        }
    }

    /// <summary>Receives what has come; what was replied goes out before it waits.</summary>
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        var receiving = _control.ReceiveAsync(buffer);
        if (!receiving.IsCompleted)
            await _control.FlushAsync().ConfigureAwait(false);
        return await receiving.ConfigureAwait(false);
    }

    /// <summary>The same on this thread.</summary>
    /// <returns>Bytes; 0 when the client will send no more; -1 when nothing has come.</returns>
    private int ReceiveSoon(Span<byte> buffer)
    {
        if (_control.IsHolding)
        {
            if (_control.ReceiveNow(buffer) is var there and >= 0)
                return there;
            Wait(_control.FlushAsync());
        }

        return _control.ReceiveSoon(buffer, _pace.Spin, SessionPace.Patience);
    }

    private static void Wait(ValueTask step)
    {
        if (!step.IsCompletedSuccessfully)
            step.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Takes what was received, and carries it out as far as that needs no waiting: the replies are held back meanwhile.</summary>
    private async ValueTask ServeAsync(CommandLineReader reader, ReadOnlyMemory<byte> received)
    {
        _control.BeginTurn();
        var taking = TakeAsync(reader, received);
        _control.EndTurn();
        if (!taking.IsCompleted)
            await _control.FlushAsync().ConfigureAwait(false);
        await taking.ConfigureAwait(false);
    }

    /// <summary>Cuts what was received into commands, and queues them.</summary>
    private async ValueTask TakeAsync(CommandLineReader reader, ReadOnlyMemory<byte> received)
    {
        for (var at = 0; at < received.Length;)
        {
            var status = reader.Read(received.Span[at..], out var consumed);
            at += consumed;
            if (status == CommandLineStatus.Incomplete)
                continue;
            var command = status == CommandLineStatus.TooLong ? CommandLine.TooLong : CommandLine.Parse(reader.Line);
            _pace.CommandCame(Volatile.Read(ref _lastActivity));
            if (command.Verb == "AUTH")
                await EnqueueAuthAsync(command, at < received.Length).ConfigureAwait(false);
            else if (!await TakeImmediatelyAsync(command).ConfigureAwait(false))
                await _commands.Writer.WriteAsync(command).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Nothing is read behind AUTH until it is answered: what comes next may be a TLS handshake. Commands that were there
    /// already would be taken for protected ones though anybody on the way could have put them in (as with STARTTLS,
    /// CVE-2011-0411).
    /// </summary>
    private async ValueTask EnqueueAuthAsync(CommandLine command, bool moreIsThere)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _authAnswered, answered);
        await _commands.Writer.WriteAsync(command).ConfigureAwait(false);
        await answered.Task.ConfigureAwait(false);
        if (moreIsThere && _context.IsSecure)
            Close("commands were sent behind AUTH in clear", new ServerReply(421, "Commands behind AUTH in clear."));
    }

    private async ValueTask<bool> BeginTlsAsync()
    {
        var tls = _services.Options.Tls!;
        using var patience = new CancellationTokenSource(tls.HandshakeTimeout, _services.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _lifetime.Token);
        try
        {
            await _control.SecureAsync(tls.ForHandshake(), either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            Close("the TLS handshake took too long", null);
        }
        catch (Exception failure) when (failure is AuthenticationException or System.Security.Cryptography.CryptographicException || ControlConnection.IsBroken(failure))
        {
            Close($"the TLS handshake failed: {(failure.InnerException ?? failure).Message}", null);
        }

        return false;
    }

    /// <summary>Does what cannot wait for the end of a transfer. True when nothing is left for the command loop.</summary>
    private async ValueTask<bool> TakeImmediatelyAsync(CommandLine command)
    {
        if (CommandTable.Find(command.Verb) is not { DuringTransfer: DuringTransfer.Immediate })
            return false;
        if (command.Verb == "ABOR")
        {
            // The command is answered in its turn, after the transfer's own 426 (RFC 959, section 4.1.3).
            Interlocked.Increment(ref _abortsQueued);
            _transfer.Abort("aborted by the client");
            return false;
        }

        if (!_transfer.IsRunning || command.Argument.Length > 0)
            return false;
        var lines = ListingCommands.StatusLines(_context).Append($"{_activity.Command} running, {_transfer.Bytes} bytes so far");
        await _control.SendAsync(ServerReply.Multi(211, "Status:", [.. lines]).ToBytes()).ConfigureAwait(false);
        return true;
    }

    private async Task ExecuteAsync()
    {
        // Once closed, commands may be left in the queue: it would be ready for ever, and this loop would spin.
        while (_closeReason is null && await _commands.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_closeReason is null && _commands.Reader.TryRead(out var command))
            {
                if (_context.Account is null && !MayGoOnUnsigned())
                {
                    Close("too many commands before sign-in", new ServerReply(421, "Too many commands before sign-in."));
                    return;
                }

                _activity.Command = command.Verb;
                if (command.Verb == "ABOR")
                    Interlocked.Decrement(ref _abortsQueued);

                var result = await HandleAsync(command).ConfigureAwait(false);
                if (result.State is { } next)
                    _context.State = next;
                var reply = result.Transfer is { } plan ? await TransferAsync(plan).ConfigureAwait(false) : result.Reply!;
                _channel.DropClaimed();

                // What was refused may be on its way already, and would be taken for the next file. ABOR closes what is open (RFC 959, section 4.1.3).
                if (command.Verb == "ABOR" || (reply.Code >= 400 && command.Verb is "STOR" or "APPE" or "STOU"))
                    _channel.Drop();
                Volatile.Write(ref _lastActivity, _services.Clock.GetTimestamp());
                _activity.Command = null;
                if (_closeReason is not null)
                    return;

                await (result is { BeginsTls: false, CloseReason: null } ? _control.ReplyAsync(reply.ToBytes()) : _control.SendAsync(reply.ToBytes())).ConfigureAwait(false);
                if (result.BeginsTls)
                    await BeginTlsAsync().ConfigureAwait(false);
                if (command.Verb == "AUTH")
                    _authAnswered?.TrySetResult();
                if (result.CloseReason is { } reason)
                    Close(reason, null);
            }
        }

        Close("the client closed the connection", null);
    }

    /// <summary>Counted as they are carried out, not as they come: what is pipelined behind PASS is sent by who is signed in.</summary>
    private bool MayGoOnUnsigned()
    {
        var perSecond = _services.Options.CommandsPerSecondBeforeSignIn;
        return perSecond == 0 || ++_commandsBeforeSignIn <= CommandsAtOnceUnsigned + (perSecond * _services.Clock.GetElapsedTime(_connectedTimestamp).TotalSeconds);
    }

    private async ValueTask<CommandResult> HandleAsync(CommandLine command)
    {
        if (command == CommandLine.TooLong)
            return Replies.LineTooLong;
        var spec = CommandTable.Find(command.Verb);
        if (CommandTable.Check(spec, command, _context.Account) is { } refusal)
            return refusal;

        try
        {
            return await spec!.Handler(_context, command.Argument).ConfigureAwait(false);
        }
        catch (FtpStorageException refused)
        {
            return Replies.For(refused);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Replies.LocalError;
        }
    }

    private async ValueTask<ServerReply> TransferAsync(TransferPlan plan)
    {
        _activity.Begin(plan);
        try
        {
            return await _runner.RunAsync(plan, () => _clientIsDone || _closeReason is not null || Volatile.Read(ref _abortsQueued) > 0).ConfigureAwait(false);
        }
        catch (FtpStorageException refused)
        {
            return Replies.For(refused);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Replies.LocalError;
        }
        finally
        {
            _activity.End();
        }
    }

    private async Task SayGoodbyeAsync()
    {
        try
        {
            // Where TLS was to begin at once, words in clear would only puzzle.
            await (_closeReply is { } last && (!_implicitTls || _context.IsSecure) ? _control.SendAsync(last.ToBytes()) : _control.FlushAsync()).ConfigureAwait(false);
        }
        catch (Exception gone) when (ControlConnection.IsBroken(gone))
        {
            return; // nobody is there to read it
        }

        await _control.FinishAsync().ConfigureAwait(false);
    }
}
