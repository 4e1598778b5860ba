using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>What a handler sees of its session. The state is read only: the next one is returned.</summary>
internal sealed class CommandContext(long sessionId, ServerServices services, ControlConnection control, DataChannel channel, CancellationToken lifetime)
{
    private volatile FtpAccount? _account;
    private volatile AccountTraffic? _traffic;
    private long _unsignedSince = services.Clock.GetTimestamp();

    public long SessionId { get; } = sessionId;

    public ServerServices Services { get; } = services;

    public IFtpStorage Storage => Services.Storage;

    public DataChannel Channel { get; } = channel;

    public IPEndPoint Local => control.Local;

    public IPEndPoint Client => control.Remote;

    /// <summary>Whether TLS protects the control connection.</summary>
    public bool IsSecure => control.Tls != SslProtocols.None;

    /// <summary>The certificate the client showed, judged by nobody yet.</summary>
    public X509Certificate2? ClientCertificate => control.ClientCertificate;

    /// <summary>Ends with the session.</summary>
    public CancellationToken Lifetime { get; } = lifetime;

    /// <summary>The state before the command.</summary>
    public SessionState State { get; set; } = SessionState.Initial;

    /// <summary>What was stored, made or renamed since the last SITE FSYNC.</summary>
    public HashSet<FtpPath> Unflushed { get; } = [];

    /// <summary>Timestamp of the connection's beginning, or of the last sign-out.</summary>
    public long UnsignedSince => Volatile.Read(ref _unsignedSince);

    /// <summary>Who is signed in; may be replaced at any time by a changed one of the same name.</summary>
    public FtpAccount? Account => _account;

    /// <summary>The account's traffic, once signed in.</summary>
    public AccountTraffic? Traffic => _traffic;

    /// <summary>The working directory: within the home, also when that was changed meanwhile.</summary>
    public FtpPath Directory => _account is { } account && account.Home.Contains(State.Directory) ? State.Directory : _account?.Home ?? FtpPath.Root;

    /// <summary>Why no transfer can begin now, null when one can: it then has the data connection that was kept for it, if there is one.</summary>
    public ServerReply? WhyNoTransfer() =>
        !Channel.IsReady && !(State.Mode.KeepsConnection && Channel.TryClaim(State.DataIsPrivate)) ? Replies.NoDataConnection
        : Services.Options.Tls is { RequireData: true } && !State.DataIsPrivate ? Replies.DataMustBePrivate
        : null;

    /// <summary>Sends replies that were held back: for a command that takes long.</summary>
    public ValueTask FlushRepliesAsync() => control.FlushAsync();

    /// <summary>Whether the account may do this.</summary>
    public bool May(FtpPermissions permission) => _account is { } account && account.Permissions.HasFlag(permission);

    /// <summary>Lets an account in, or (null) out.</summary>
    /// <returns>How many sessions it has now.</returns>
    public int SignIn(FtpAccount? account)
    {
        _traffic?.LeaveUnflushed(Unflushed);
        _traffic?.Leave();
        Unflushed.Clear();
        if (account is null && _account is not null)
            Volatile.Write(ref _unsignedSince, Services.Clock.GetTimestamp()); // first: the deadline is looked at from elsewhere
        _traffic = account is null ? null : Services.TrafficOf(account);
        _account = account;
        return _traffic?.Enter() ?? 0;
    }

    /// <summary>Leaves the account as the session ends.</summary>
    public void SignOut(out string? name)
    {
        name = _account?.Name;
        SignIn(null);
    }

    /// <summary>Takes a changed account of the same name.</summary>
    public void Replace(FtpAccount account) => _account = account;

    /// <summary>
    /// The one place where a client's path is resolved: below the working directory, inside the home.
    /// </summary>
    /// <param name="argument">The path as the client wrote it.</param>
    /// <param name="path">The path.</param>
    /// <param name="refusal">Why not: 553 for what is no path, 550 for what lies outside the home.</param>
    public bool TryResolve(string argument, out FtpPath path, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out ServerReply? refusal)
    {
        refusal = null;
        if (!FtpPath.TryResolve(Directory, argument, out path))
        {
            refusal = argument.Length <= FtpPath.MaxLength && !argument.Contains('\0') ? Replies.PermissionDenied : Replies.PathNotAllowed;
            return false;
        }

        if (_account is not { } account || !account.Home.Contains(path))
            refusal = Replies.PermissionDenied;
        return refusal is null;
    }

    /// <summary>Tells the observer.</summary>
    public void Publish(FtpServerEvent happened) => Services.Publish(happened);

    /// <summary>The time of an event.</summary>
    public DateTimeOffset Now => Services.Clock.GetUtcNow();
}
