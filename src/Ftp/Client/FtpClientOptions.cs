namespace ActorLogArchive.Ftp.Client;

/// <summary>When to send commands before earlier ones are answered.</summary>
public enum FtpPipelining
{
    /// <summary>To servers known to cope: our own (it has SITE FSYNC in FEAT) and vsftpd.</summary>
    Auto,

    /// <summary>Never: one command, one reply.</summary>
    Never,

    /// <summary>To any server.</summary>
    Always,
}

/// <summary>When to compress data on its way: MODE Z (draft-preston-ftpext-deflate).</summary>
public enum FtpCompression
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>
    /// Where the server offers it in FEAT, and then takes it. Not with ProFTPD: its mod_deflate (0.6) breaks uploads off, or
    /// stores them wrong and says 226, from some 100 KB on.
    /// </summary>
    Auto,

    /// <summary>Where the server takes it, offered or not.</summary>
    Always,
}

/// <summary>Settings of <see cref="FtpClient"/>.</summary>
public sealed record FtpClientOptions
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Control port.</summary>
    public int Port { get; init; } = 21;

    /// <summary>Account.</summary>
    public string UserName { get; init; } = "anonymous";

    /// <summary>Password; never logged.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether the connections are encrypted, and how the server proves who it is.</summary>
    public FtpTlsOptions Tls { get; init; } = new();

    /// <summary>How long connecting (control or data) may take, and after it the handshake of TLS.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a reply may take.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the reply that a transfer has ended may take once all its data was moved. After that, or when the connection
    /// is lost meanwhile, a new connection finds out whether the file is whole.
    /// </summary>
    public TimeSpan FinalReplyTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How often a NOOP goes out on the control connection while data moves, so that neither the server nor a router in
    /// between takes it for dead; <see cref="Timeout.InfiniteTimeSpan"/> for never. Also the time of TCP keep-alive.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a data connection may stand still.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When to send commands before earlier ones are answered.</summary>
    public FtpPipelining Pipelining { get; init; } = FtpPipelining.Auto;

    /// <summary>Whether data is compressed on its way (MODE Z). Sizes, offsets and hashes are those of the file all the same.</summary>
    public FtpCompression Compression { get; init; } = FtpCompression.Off;

    /// <summary>How hard to compress, 1 (quick) to 9 (small), on both ends.</summary>
    public int CompressionLevel { get; init; } = 6;

    /// <summary>
    /// Whether a data connection is kept from file to file, where the server can do that (MODE B, RFC 959, section 3.4.2): for small files a new one is a
    /// good part of the work, over TLS, with its handshake, most of it. Only while data is not compressed; in clear only for uploads of at most 1 MB, as larger
    /// files are moved faster without blocks.
    /// </summary>
    public bool KeepsDataConnection { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Text form without the password, so that it can be logged.</summary>
    public override string ToString() => $"{UserName}@{Host}:{Port}";
}
