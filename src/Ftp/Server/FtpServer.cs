using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server.Access;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server;

/// <summary>An FTP server (RFC 959, 1123, 2389, 2428, 2640, 3659, 4217, draft-bryan-ftpext-hash, draft-preston-ftpext-deflate).</summary>
/// <example>
/// <code>
/// var accounts = new AccountTableAuthenticator().Set(new FtpAccount("me", FtpPath.Root, FtpPermissions.All), "secret");
/// using var storage = new DirectoryStorage("/srv/ftp");
/// await using var server = new FtpServer(new FtpServerOptions(), accounts, storage);
/// await server.StartAsync();
/// await server.Completion;
/// </code>
/// </example>
public sealed class FtpServer(FtpServerOptions options, IFtpAuthenticator authenticator, IFtpStorage storage, IFtpServerObserver? observer = null) : IAsyncDisposable
{
    private const int Backlog = 512;

    private static readonly TimeSpan DeadlineTick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PauseWhenOutOfHandles = TimeSpan.FromMilliseconds(100);
    private static readonly ServerReply TooManySessions = new(421, "Too many sessions, try again later.");
    private static readonly ServerReply TooManyOfAddress = new(421, "Too many sessions from your address, try again later.");
    private static readonly ServerReply NotFromThere = new(421, "Connections from your address are not accepted.");
    private static readonly TimeSpan LastEvents = TimeSpan.FromSeconds(5);
    private static readonly ServerReply ShuttingDown = new(421, "The server is shutting down.");

    private readonly ServerServices _services = new(options, authenticator, storage, observer);
    private readonly ConcurrentDictionary<long, (FtpSession Session, Task Run)> _sessions = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private Socket? _implicitListener;
    private IPEndPoint? _bound;
    private Task _accepting = Task.CompletedTask;
    private ITimer? _ticker;
    private Task? _stop;
    private long _lastId;
    private int _open;
    private readonly AddressCounts _perAddress = new();

    /// <summary>The address bound; the port is the real one when 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => _bound ?? options.Listen;

    /// <summary>The second address bound, of implicit TLS; null without one.</summary>
    public IPEndPoint? ImplicitTlsEndPoint { get; private set; }

    /// <summary>Completes when the server has stopped: faulted when it failed by itself.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Ends when the observer has been told of everything that clients were answered until now.</summary>
    public Task EventsToldAsync() => _services.Events?.ToldAsync() ?? Task.CompletedTask;

    /// <summary>Sessions now.</summary>
    public IReadOnlyList<FtpSessionInfo> Sessions => [.. _sessions.Values.Where(entry => !entry.Session.IsOver).Select(entry => entry.Session.Info)];

    /// <summary>Addresses that may not sign in now. Accounts that signed in lately from a banned address still may.</summary>
    public IReadOnlyList<FtpBan> Bans => _services.SignIns.Guard.Bans;

    /// <summary>Binds and begins to accept.</summary>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_listener is not null || _stop is not null)
            throw new InvalidOperationException("The server was started before; make a new one.");

        if (options is { ListenImplicitTls: not null, Tls: null })
            throw new InvalidOperationException($"{nameof(options.ListenImplicitTls)} is set, but no certificate ({nameof(options.Tls)}) is.");

        var listener = Bind(options.Listen);
        try
        {
            _implicitListener = options.ListenImplicitTls is { } second ? Bind(second) : null;
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        if (authenticator is IFtpAccountSource accounts)
            accounts.AccountChanged += Apply;
        _listener = listener;
        _bound = (IPEndPoint)listener.LocalEndPoint!;
        ImplicitTlsEndPoint = (IPEndPoint?)_implicitListener?.LocalEndPoint;
        _ticker = options.TimeProvider.CreateTimer(_ => CheckDeadlines(), null, DeadlineTick, DeadlineTick);
        var accepting = Task.Run(() => AcceptAsync(listener, implicitTls: false), CancellationToken.None);
        _accepting = _implicitListener is { } other
            ? Task.WhenAll(accepting, Task.Run(() => AcceptAsync(other, implicitTls: true), CancellationToken.None))
            : accepting;
        return Task.CompletedTask;
    }

    /// <summary>Stops accepting, lets transfers run for <paramref name="drain"/>, then closes every session with 421.</summary>
    public Task StopAsync(TimeSpan drain)
    {
        lock (_stopping)
            return _stop ??= Task.Run(() => StopOnceAsync(drain));
    }

    /// <summary>
    /// Applies a changed account to its open sessions and running transfers: permissions, home, limits, and whether it may stay at
    /// all. For authenticators that do not tell of changes themselves, see <see cref="IFtpAccountSource"/>.
    /// </summary>
    public void ApplyAccount(FtpAccount account)
    {
        _services.SignIns.Forget(account.Name);
        _services.ApplyLimits(account);
        foreach (var session in SessionsOf(account.Name))
            session.Apply(account);
    }

    /// <summary>Changes the limits of all sessions together, in the middle of transfers too. Bytes per second, 0 for no limit.</summary>
    public void SetGlobalLimits(long upload, long download)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(upload);
        ArgumentOutOfRangeException.ThrowIfNegative(download);
        _services.Uploads.SetRate(upload);
        _services.Downloads.SetRate(download);
    }

    /// <summary>Bans an address (IPv6: its /64) and ends its sessions.</summary>
    public void Ban(IPAddress address, TimeSpan duration, string reason)
    {
        var ban = _services.SignIns.Guard.Ban(address, duration, reason);
        _services.Publish(new FtpBanned(ban.Since, 0, new IPEndPoint(address.Unmapped(), 0), ban));
        foreach (var (session, _) in _sessions.Values.Where(entry => ban.Addresses.Contains(entry.Session.Client.Address)))
            session.Close("banned", Replies.Banned);
    }

    /// <summary>Ends the ban of an address.</summary>
    /// <returns>False when there is none.</returns>
    public bool Unban(IPAddress address) => _services.SignIns.Guard.Unban(address);

    /// <summary>Ends all sessions of an account.</summary>
    /// <returns>How many.</returns>
    public int CloseSessions(string account, string reason)
    {
        var reply = new ServerReply(421, $"Closed: {reason}.");
        return SessionsOf(account).Count(session => session.Close(reason, reply));
    }

    /// <summary>Ends one session.</summary>
    /// <returns>False when there is none of this id.</returns>
    public bool CloseSession(long sessionId, string reason)
    {
        return _sessions.TryGetValue(sessionId, out var entry) && entry.Session.Close(reason, new ServerReply(421, $"Closed: {reason}."));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void Apply(FtpAccountChange change)
    {
        if (change.Account is { } account)
        {
            ApplyAccount(account);
            return;
        }

        _services.SignIns.Forget(change.Name);
        CloseSessions(change.Name, "account removed");
    }

    private IEnumerable<FtpSession> SessionsOf(string account) =>
        _sessions.Values.Select(entry => entry.Session).Where(session => session.Account == account);

    private static Socket Bind(IPEndPoint address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(address);
            listener.Listen(Backlog);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(Socket listener, bool implicitTls)
    {
        try
        {
            while (true)
            {
                try
                {
                    Serve(await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false), implicitTls);
                }
                catch (SocketException busy) when (IsPassing(busy.SocketErrorCode))
                {
                    await Task.Delay(PauseWhenOutOfHandles, options.TimeProvider, _stopping.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // StopAsync.
        }
        catch (Exception failure)
        {
            _completion.TrySetException(failure); // the first cause is kept
            _ = StopAsync(TimeSpan.Zero);
        }
    }

    /// <summary>Errors that concern one connection, or pass by themselves, do not end the accepting.</summary>
    private static bool IsPassing(SocketError error) => error is
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ConnectionAborted or SocketError.ConnectionReset
        or SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.HostDown or SocketError.TimedOut;

    private void Serve(Socket socket, bool implicitTls)
    {
        try
        {
            var client = (IPEndPoint)socket.RemoteEndPoint!;
            if (Refusal(client.Address) is var (reason, reply))
            {
                Refuse(socket, client, reason, implicitTls ? null : reply);
                return;
            }

            var subscriber = client.Address.Subscriber();
            if (!_perAddress.TryAdd(subscriber, options.MaxSessionsPerAddress))
            {
                Refuse(socket, client, "too many sessions from this address", implicitTls ? null : TooManyOfAddress);
                return;
            }

            Serve(socket, implicitTls, subscriber);
        }
        catch (SocketException)
        {
            socket.Dispose(); // gone before it was looked at
        }
    }

    private void Serve(Socket socket, bool implicitTls, IPAddress subscriber)
    {
        FtpSession session;
        try
        {
            session = new FtpSession(Interlocked.Increment(ref _lastId), socket, _services, implicitTls);
        }
        catch
        {
            _perAddress.Remove(subscriber);
            throw;
        }

        Interlocked.Increment(ref _open);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sessions[session.Id] = (session, RunAsync(session, subscriber, started.Task));
        started.SetResult();
    }

    private (string Reason, ServerReply Reply)? Refusal(IPAddress address)
    {
        if (options.DeniedAddresses.Includes(address) || (options.AllowedAddresses.Count > 0 && !options.AllowedAddresses.Includes(address)))
            return ("not an allowed address", NotFromThere);
        if (_services.SignIns.Guard.BanOf(address) is not null)
            return ("banned", Replies.Banned);
        return Volatile.Read(ref _open) >= options.MaxSessions ? ("too many sessions", TooManySessions) : null;
    }

    /// <summary>
    /// Turns a connection away without making a session of it: a flood of them costs a reply each, and no memory. Without a
    /// reply where TLS would have to begin first.
    /// </summary>
    private void Refuse(Socket socket, IPEndPoint client, string reason, ServerReply? reply)
    {
        using (socket)
        {
            socket.Blocking = false; // the first bytes of a connection always fit its buffer
            if (reply is not null)
                socket.Send(reply.ToBytes().Span);
            socket.Shutdown(SocketShutdown.Send);
        }

        _services.Publish(new FtpConnectionRefused(options.TimeProvider.GetUtcNow(), 0, new IPEndPoint(client.Address.Unmapped(), client.Port), reason));
    }

    private async Task RunAsync(FtpSession session, IPAddress subscriber, Task registered)
    {
        await registered.ConfigureAwait(false);
        try
        {
            await session.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _sessions.TryRemove(session.Id, out _);
            Interlocked.Decrement(ref _open);
            _perAddress.Remove(subscriber);
            session.Dispose();
        }
    }

    private void CheckDeadlines()
    {
        foreach (var (session, _) in _sessions.Values)
        {
            session.CheckDeadlines();
            session.MeasureRate();
        }
    }

    private async Task StopOnceAsync(TimeSpan drain)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener?.Dispose();
        _implicitListener?.Dispose();

        // Who transfers nothing goes at once, who transfers when done or when the time is over.
        var began = options.TimeProvider.GetTimestamp();
        while (!_sessions.IsEmpty)
        {
            var isOver = options.TimeProvider.GetElapsedTime(began) >= drain;
            foreach (var (session, _) in _sessions.Values.Where(entry => isOver || !entry.Session.IsTransferring))
                session.Close("the server is shutting down", ShuttingDown);
            if (isOver)
                break;
            await Task.WhenAny(Task.WhenAll(_sessions.Values.Select(entry => entry.Run)), Task.Delay(DeadlineTick, options.TimeProvider)).ConfigureAwait(false);
        }

        // The ticker still cuts off who does not read the last reply.
        await Task.WhenAll(_sessions.Values.Select(entry => entry.Run)).ConfigureAwait(false);
        if (_ticker is not null)
            await _ticker.DisposeAsync().ConfigureAwait(false);
        if (authenticator is IFtpAccountSource accounts)
            accounts.AccountChanged -= Apply;
        _services.Quotas.Dispose();
        if (_services.Events is { } events)
            await events.EndAsync(LastEvents).ConfigureAwait(false);
        _completion.TrySetResult();
    }
}
