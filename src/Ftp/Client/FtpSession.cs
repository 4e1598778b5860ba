using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>A signed-in control connection, and what is known of its server.</summary>
internal sealed class FtpSession(FtpControlConnection control, FtpClientOptions options)
{
    /// <summary>The connection.</summary>
    public FtpControlConnection Control { get; } = control;

    /// <summary>Where data connections go.</summary>
    public FtpPassivePorts Ports { get; } = new(control, options.TimeProvider);

    /// <summary>The clock.</summary>
    public TimeProvider Time => options.TimeProvider;

    /// <summary>How long the last reply to a transfer may take.</summary>
    public TimeSpan FinalReplyTimeout => options.FinalReplyTimeout;

    /// <summary>How often the control connection is kept alive during a transfer.</summary>
    public TimeSpan KeepAliveInterval => options.KeepAliveInterval;

    /// <summary>Whether an encrypted listing may end without close_notify.</summary>
    public bool AllowsMissingCloseNotify => options.Tls.AllowMissingCloseNotify;

    /// <summary>What FEAT told.</summary>
    public FtpFeatures Features { get; set; } = new();

    /// <summary>Whether commands may be sent before earlier ones are answered.</summary>
    public bool IsPipelined { get; set; }

    /// <summary>Whether LIST takes the options of <c>ls</c>.</summary>
    public bool ListsWithOptions { get; set; } = true;

    /// <summary>Whether data can be compressed: the server offers it, and is not known to spoil it.</summary>
    public bool TakesCompression { get; set; }

    /// <summary>Whether data can go in blocks, and shall: see <see cref="FtpClientOptions.KeepsDataConnection"/>.</summary>
    public bool TakesBlocks { get; set; }

    /// <summary>What HASH uses now.</summary>
    public FtpHashAlgorithm? SelectedHash { get; set; }

    /// <summary>The folder that relative paths start from; kept here, so that CWD can be used as a test.</summary>
    public string WorkingDirectory { get; set; } = "/";

    /// <summary>Folders that were seen or made on this connection.</summary>
    public FtpKnownFolders KnownFolders { get; } = new();

    /// <summary>The absolute form of a path, checked: it can be sent to this server.</summary>
    /// <exception cref="FtpPathException">It cannot.</exception>
    public string Resolve(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        FtpCommand.CheckArgument(path, Control.LineBreaksInNames);
        var absolute = path.StartsWith('/') ? path
            : path.Length == 0 ? WorkingDirectory
            : WorkingDirectory.EndsWith('/') ? WorkingDirectory + path
            : $"{WorkingDirectory}/{path}";
        return absolute.Length > 1 ? absolute.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/" : absolute;
    }

    /// <summary>Reads replies that an earlier operation left: the port asked for ahead, or what followed a refusal.</summary>
    public async ValueTask SettleAsync()
    {
        while (Control.Unanswered > 0)
        {
            var isPort = Ports.IsNextReply;
            var reply = await Control.ReadFinalReplyAsync().ConfigureAwait(false);
            if (isPort)
            {
                Ports.Accept(reply);
            }
        }
    }

    /// <summary>Sends a command and wants it done.</summary>
    /// <exception cref="FtpReplyException">It was refused.</exception>
    public async ValueTask<FtpReply> RequireAsync(string verb, string? argument = null)
    {
        var reply = await Control.ExecuteAsync(verb, argument).ConfigureAwait(false);
        return reply.IsRefusal ? throw new FtpReplyException(reply.Code, new FtpCommand(verb, argument).ToString(), reply.Text) : reply;
    }
}
