using System.Net;
using ActorLogArchive.Ftp.Server.Tls;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Settings of <see cref="FtpServer"/>.</summary>
public sealed record FtpServerOptions
{
    /// <summary>Address and port to listen on; port 0 picks a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Any, 2121);

    /// <summary>TLS; null means that none is offered.</summary>
    public FtpServerTls? Tls { get; init; }

    /// <summary>A second address, where TLS begins at once (implicit FTPS, by custom port 990); null for none. Needs <see cref="Tls"/>.</summary>
    public IPEndPoint? ListenImplicitTls { get; init; }

    /// <summary>First passive port; 0 lets the system choose.</summary>
    public int PassivePortFirst { get; init; }

    /// <summary>Last passive port, inclusive.</summary>
    public int PassivePortLast { get; init; }

    /// <summary>IPv4 address told in PASV replies, for servers behind NAT; null means the control connection's own.</summary>
    public IPAddress? PublicAddress { get; init; }

    /// <summary>First line of the greeting.</summary>
    public string Greeting { get; init; } = "ActorLogArchive FTP server ready.";

    /// <summary>Sessions at once; further ones are answered 421.</summary>
    public int MaxSessions { get; init; } = 1000;

    /// <summary>Sessions at once from one address (IPv6: one /64); further ones are answered 421. 0 means no limit but <see cref="MaxSessions"/>.</summary>
    public int MaxSessionsPerAddress { get; init; } = 500;

    /// <summary>Sessions at once of one account that sets no number of its own; further ones are answered 421. 0 means no limit but <see cref="MaxSessions"/>.</summary>
    public int MaxSessionsPerAccount { get; init; } = 500;

    /// <summary>Networks that may connect; none means all. See <see cref="AddressRanges.TryParse"/>.</summary>
    public IReadOnlyList<IPNetwork> AllowedAddresses { get; init; } = [];

    /// <summary>Networks that may not connect, whatever <see cref="AllowedAddresses"/> says.</summary>
    public IReadOnlyList<IPNetwork> DeniedAddresses { get; init; } = [];

    /// <summary>Bytes per second client → server of all sessions together, 0 for no limit. Changed by <see cref="FtpServer.SetGlobalLimits"/>.</summary>
    public long GlobalUploadLimit { get; init; }

    /// <summary>Bytes per second server → client of all sessions together, listings included, 0 for no limit.</summary>
    public long GlobalDownloadLimit { get; init; }

    /// <summary>A session without command and transfer for this long is closed (421).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a connection may stay without signing in, from its beginning or since it signed out.</summary>
    public TimeSpan SignInTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a data connection may take to be made (425 after that).</summary>
    public TimeSpan DataConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A transfer that moves no byte for this long is aborted (426).</summary>
    public TimeSpan TransferStallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest command line in bytes, without CRLF; a longer one is answered 500 and skipped.</summary>
    public int MaxCommandLength { get; init; } = 4096;

    /// <summary>
    /// Commands a second that a session may send before it has signed in, after a first 40 at once; beyond: 421. 0 means no limit.
    /// </summary>
    public int CommandsPerSecondBeforeSignIn { get; init; } = 10;

    /// <summary>Failed sign-ins on one connection before it is closed.</summary>
    public int MaxSignInAttempts { get; init; } = 3;

    /// <summary>
    /// How long the address, and others at the same account, wait after a failed sign-in; it doubles with each further one.
    /// </summary>
    public TimeSpan FailedSignInDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such wait of an address.</summary>
    public TimeSpan MaxSignInDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Longest such wait for an account that others fail to sign in to. Nobody who knows its name can keep it out for longer; who
    /// signed in to it lately from the same address does not wait at all.
    /// </summary>
    public TimeSpan MaxAccountDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Failed sign-ins of an address after which it is banned, 0 for never. See <see cref="FtpServer.Bans"/>.</summary>
    public int BanAfter { get; init; } = 10;

    /// <summary>How long a ban lasts.</summary>
    public TimeSpan BanTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>One failed sign-in is forgotten each time so long goes by.</summary>
    public TimeSpan FailedSignInDecay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Passwords checked at once: hashing them takes a core each, and tens of megabytes.</summary>
    public int PasswordChecksAtOnce { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Passwords that may wait to be checked; further ones are answered 421.</summary>
    public int PasswordChecksWaiting { get; init; } = 64;

    /// <summary>
    /// How long a password that was right is not checked again, where the authenticator tells of changes
    /// (<see cref="IFtpAccountSource"/>). Kept as a keyed digest in memory only. Zero means it is checked each time.
    /// </summary>
    public TimeSpan PasswordsRememberedFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
