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

    /// <summary>A session without command and transfer for this long is closed (421).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a connection may stay without signing in.</summary>
    public TimeSpan SignInTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a data connection may take to be made (425 after that).</summary>
    public TimeSpan DataConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A transfer that moves no byte for this long is aborted (426).</summary>
    public TimeSpan TransferStallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest command line in bytes, without CRLF; a longer one is answered 500 and skipped.</summary>
    public int MaxCommandLength { get; init; } = 4096;

    /// <summary>Failed sign-ins on one connection before it is closed.</summary>
    public int MaxSignInAttempts { get; init; } = 3;

    /// <summary>Delay before a failed sign-in is answered.</summary>
    public TimeSpan FailedSignInDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
