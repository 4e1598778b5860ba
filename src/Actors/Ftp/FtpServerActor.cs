using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>
/// Runs the FTP server for as long as the actor lives. A server that fails, or cannot bind its address, is started again
/// after a growing pause, and the status says why.
/// </summary>
public sealed class FtpServerActor : ReceiveActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly FtpServerActorOptions _options;
    private readonly IFtpStorage _storage;
    private readonly IActorRef _users;
    private readonly List<IActorRef> _stopAskers = [];
    private FtpServer? _server;
    private bool _isListening;
    private bool _isStopping;
    private int _failures;
    private string? _error;

    /// <summary>Creates the actor; use <see cref="FtpServerHosting.WithFtpServer"/>.</summary>
    public FtpServerActor(FtpServerActorOptions options, IFtpStorage storage, IActorRef users)
    {
        _options = options;
        _storage = storage;
        _users = users;
        Receive<Start>(_ => StartServer());
        Receive<Started>(OnStarted, message => IsCurrent(message.Server));
        Receive<Failed>(OnFailed, message => IsCurrent(message.Server));
        Receive<Started>(_ => { });
        Receive<Failed>(_ => { });
        Receive<FtpServerProtocol.GetSessions>(_ => Sender.Tell(new FtpServerProtocol.SessionList(Running?.Sessions ?? [])));
        Receive<FtpServerProtocol.CloseSession>(close => Sender.Tell(
            new FtpServerProtocol.SessionClosed(close.SessionId, Running?.CloseSession(close.SessionId, "closed by an administrator") ?? false)));
        Receive<FtpServerProtocol.GetBans>(_ => Sender.Tell(new FtpServerProtocol.BanList(Running?.Bans ?? [])));
        Receive<FtpServerProtocol.LiftBan>(lift => Sender.Tell(new FtpServerProtocol.BanLifted(lift.Address, Running?.Unban(lift.Address) ?? false)));
        Receive<FtpBanned>(banned => _log.Warning("{0} is banned until {1:u}: {2}", banned.Ban.Addresses, banned.Ban.Until, banned.Ban.Reason));
        Receive<FtpServerProtocol.GetStatus>(_ => Sender.Tell(
            new FtpServerProtocol.FtpServerStatus(_isListening, Running?.LocalEndPoint, _error)));
        Receive<FtpServerProtocol.TellEvents>(TellEvents);
        Receive<FtpServerProtocol.StopServer>(_ => StopServer());
        Receive<Drained>(OnDrained);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private FtpServer? Running => _isListening ? _server : null;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FtpBanned));
        Self.Tell(Start.Instance);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        if (_server is { } server)
        {
            // The actor is gone when this ends; a failure can only be logged.
            var log = _log;
            _ = server.DisposeAsync().AsTask().ContinueWith(
                stopped => log.Warning(stopped.Exception, "The FTP server did not stop in good order"),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }
    }

    private void TellEvents(FtpServerProtocol.TellEvents tell)
    {
        var told = new FtpServerProtocol.EventsTold(tell.Id);
        (_server?.EventsToldAsync() ?? Task.CompletedTask).PipeTo(Sender, Self, success: () => told, failure: _ => told);
    }

    private bool IsCurrent(FtpServer server) => ReferenceEquals(server, _server);

    private void StartServer()
    {
        if (_isStopping || _server is not null)
        {
            return;
        }

        var server = new FtpServer(
            _options.Server,
            new RegistryAuthenticator(_users, FtpAccountChanges.Of(Context.System), _storage, _options.SignInTimeout),
            _storage,
            new EventStreamObserver(Context.System.EventStream));
        _server = server;
        StartAsync(server).PipeTo(Self, success: () => new Started(server), failure: error => new Failed(server, error));
    }

    // Binding may throw before there is a task; here that becomes a faulted one.
    private static async Task StartAsync(FtpServer server) => await server.StartAsync().ConfigureAwait(false);

    private void OnStarted(Started started)
    {
        _isListening = true;
        _failures = 0;
        _error = null;
        _log.Info("FTP server listens on {0}", started.Server.LocalEndPoint);
        started.Server.Completion.PipeTo(
            Self,
            success: () => new Failed(started.Server, new InvalidOperationException("the server ended by itself")),
            failure: error => new Failed(started.Server, error));
    }

    private void OnFailed(Failed failed)
    {
        _isListening = false;
        _server = null;
        if (_isStopping)
        {
            return;
        }

        _error = $"{_options.Server.Listen}: {failed.Error.GetBaseException().Message}";
        var delay = TimeSpan.FromTicks((long)Math.Min(_options.MaxRestartDelay.Ticks, _options.MinRestartDelay.Ticks * Math.Pow(2, _failures++)));
        _log.Error(failed.Error, "FTP server on {0} failed; it is started again in {1}", _options.Server.Listen, delay);
        var log = _log;
        failed.Server.DisposeAsync().AsTask().ContinueWith(
            disposed => log.Warning(disposed.Exception, "The failed FTP server could not be disposed"),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        Timers.StartSingleTimer(nameof(Start), Start.Instance, delay);
    }

    private void StopServer()
    {
        _stopAskers.Add(Sender);
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        Timers.CancelAll();
        var stopping = _server?.StopAsync(_options.Drain) ?? Task.CompletedTask;
        stopping.PipeTo(Self, success: () => new Drained(null), failure: error => new Drained(error));
    }

    private void OnDrained(Drained drained)
    {
        if (drained.Error is { } error)
        {
            _log.Warning(error, "The FTP server did not stop in good order");
        }

        foreach (var asker in _stopAskers)
        {
            asker.Tell(new FtpServerProtocol.ServerStopped());
        }

        Context.Stop(Self);
    }

    private sealed record Start
    {
        public static readonly Start Instance = new();
    }

    private sealed record Started(FtpServer Server);

    private sealed record Failed(FtpServer Server, Exception Error);

    private sealed record Drained(Exception? Error);
}
