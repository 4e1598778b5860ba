using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Ftp.Client;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>How the agent reaches the archive's FTP server.</summary>
public sealed record AgentFtpSettings(
    string Host, int Port, string User, string Password, int Connections, int MaxConnections, string Compression, AgentTlsSettings Tls, TimeSpan ConnectTimeout, TimeSpan ReplyTimeout, TimeSpan MaxBackoff)
{
    /// <summary>Text form without the password.</summary>
    public override string ToString() => $"{User}@{Host}:{Port}";
}

/// <summary>How the agent's connections are encrypted.</summary>
/// <param name="Mode"><c>auto</c>, <c>require</c> or <c>off</c>.</param>
/// <param name="Fingerprints">SHA-256 fingerprints, one of which the archive's certificate must have; empty: not given.</param>
/// <param name="Authorities">A PEM file of authorities, or <see cref="SystemAuthorities"/>; null: the certificate seen first is pinned.</param>
public sealed record AgentTlsSettings(string Mode, IReadOnlyList<string> Fingerprints, string? Authorities)
{
    /// <summary>The word for the system's own authorities.</summary>
    public const string SystemAuthorities = "system";
}

/// <summary>How the agent joins the cluster.</summary>
public sealed record AgentClusterSettings(IReadOnlyList<string> Seeds, string Host, int Port, TimeSpan ReportInterval, TimeSpan RejoinAfter);

/// <summary>The validated section <c>log-archive.agent</c>.</summary>
public sealed record AgentSettings(
    string Id,
    string DataDir,
    IReadOnlyList<LogRootSettings> Logs,
    TimeSpan ScanInterval,
    string LogLevel,
    string Order,
    AgentFtpSettings Ftp,
    AgentClusterSettings Cluster)
{
    /// <summary>text or json.</summary>
    public string LogFormat { get; init; } = "text";

    /// <summary>Bytes per second that uploads may take, by time of day.</summary>
    public BandwidthSchedule Bandwidth { get; init; } = BandwidthSchedule.Unlimited;

    /// <summary>Within this time the whole archive is compared with the ledger; 0: off.</summary>
    public TimeSpan VerifyInterval { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Which local files are removed once the archive has them.</summary>
    public RetentionOptions Retention { get; init; } = new();

    private const string LogsAllowed = "a list of folders is allowed, such as [{ path = \"/var/log/app\", include = [\"**/*.log\"] }]";
    private static readonly string[] LogKeys = ["path", "name", "priority", .. LogRules.Keys];

    /// <summary>Reads and validates; opens nothing.</summary>
    /// <param name="config">The layers put together.</param>
    /// <param name="ftpPassword">From the environment (ALA_FTP_PASSWORD): stronger than the file.</param>
    /// <exception cref="SettingsException">The first setting that cannot be used.</exception>
    public static AgentSettings Read(Config config, string? ftpPassword)
    {
        var agent = new SettingsReader(config, "log-archive.agent");
        var id = agent.Text("id");
        id = id.Length == 0 ? Environment.MachineName : id;
        if (!NodeNames.IsAgentId(id))
        {
            throw agent.Refuse("id", id, $"{NodeNames.AgentIdRule} is allowed");
        }

        var ftp = new SettingsReader(config, "log-archive.agent.ftp");
        var user = ftp.Text("user");
        var cluster = new SettingsReader(config, "log-archive.agent.cluster");
        return new AgentSettings(
            id,
            Path.GetFullPath(agent.RequiredText("data-dir")),
            ReadLogs(agent),
            agent.Duration("scan-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            agent.OneOf("log-level", "debug", "info", "warning", "error"),
            agent.OneOf("order", "oldest-first", "newest-first", "small-first"),
            new AgentFtpSettings(
                ftp.RequiredText("host"),
                ftp.Int("port", 1, 65535),
                user.Length == 0 ? id : user,
                string.IsNullOrEmpty(ftpPassword) ? ftp.Text("password") : ftpPassword,
                ftp.Int("connections", 1, 64),
                ftp.Int("max-connections", 1, 64),
                ftp.OneOf("compression", "auto", "on", "off"),
                Tls(ftp),
                ftp.Duration("connect-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
                ftp.Duration("reply-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
                ftp.Duration("max-backoff", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))),
            new AgentClusterSettings(
                [.. cluster.TextList("seeds").Select(seed => NodeNames.IsHostAndPort(seed) ? seed : throw cluster.Refuse("seeds", seed, "HOST:PORT is allowed, such as 192.0.2.1:4053"))],
                cluster.RequiredText("host"),
                cluster.Port("port"),
                cluster.Duration("report-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
                cluster.Duration("rejoin-after", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))))
        {
            Bandwidth = ReadBandwidth(agent),
            LogFormat = agent.OneOf("log-format", "text", "json"),
            VerifyInterval = agent.Duration("verify-interval", TimeSpan.Zero, TimeSpan.FromDays(365)),
            Retention = ReadRetention(new SettingsReader(config, "log-archive.agent.retention")),
        };
    }

    private static RetentionOptions ReadRetention(SettingsReader retention) => new()
    {
        OlderThan = retention.Duration("older-than", TimeSpan.Zero, TimeSpan.FromDays(36_500)),
        MinFree = retention.Bytes("min-free"),
        KeepAtLeast = retention.Duration("keep-at-least", TimeSpan.Zero, TimeSpan.FromDays(36_500)),
    };

    private static BandwidthSchedule ReadBandwidth(SettingsReader agent)
    {
        var text = agent.RequiredText("bandwidth");
        if (!BandwidthSchedule.TryParseRate(text, out var otherwise, out var error))
        {
            throw agent.Refuse("bandwidth", text, error);
        }

        var windows = new List<BandwidthWindow>();
        foreach (var item in agent.TextList("bandwidth-schedule"))
        {
            windows.Add(BandwidthSchedule.TryParseWindow(item, out var window, out error) ? window : throw agent.Refuse("bandwidth-schedule", item, error));
        }

        return new BandwidthSchedule(otherwise, windows);
    }

    private static AgentTlsSettings Tls(SettingsReader ftp)
    {
        var fingerprints = new List<string>();
        foreach (var word in ftp.Text("tls-fingerprint").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            fingerprints.Add(FtpFingerprint.TryParse(word, out var fingerprint)
                ? fingerprint
                : throw ftp.Refuse("tls-fingerprint", word, "SHA-256 fingerprints are allowed: 64 hexadecimal digits each, with or without colons, separated by commas"));
        }

        var authorities = ftp.Text("tls-ca");
        if (authorities.Length > 0 && fingerprints.Count > 0)
        {
            throw ftp.Refuse("tls-ca", authorities, "not together with tls-fingerprint: one of the two must say who the archive is");
        }

        if (authorities.Length > 0 && authorities != AgentTlsSettings.SystemAuthorities && !File.Exists(authorities))
        {
            throw ftp.Refuse("tls-ca", authorities, $"there is no such file; a PEM file, or the word {AgentTlsSettings.SystemAuthorities}, is allowed");
        }

        return new AgentTlsSettings(
            ftp.OneOf("tls", "auto", "require", "off"),
            fingerprints,
            authorities.Length == 0 ? null : authorities == AgentTlsSettings.SystemAuthorities ? authorities : Path.GetFullPath(authorities));
    }

    private static List<LogRootSettings> ReadLogs(SettingsReader agent)
    {
        var roots = new List<LogRootSettings>();
        var rules = LogRules.Read(agent);
        foreach (var item in agent.ObjectList("logs", LogsAllowed))
        {
            var at = $"logs[{roots.Count}]";
            if (item.Items.Keys.FirstOrDefault(key => !LogKeys.Contains(key)) is { } unknown)
            {
                throw agent.Refuse($"{at}.{unknown}", item.Items[unknown].ToString() ?? "", $"unknown setting; known here are {string.Join(", ", LogKeys)}");
            }

            var path = agent.ItemText(item, "path", at) ?? "";
            if (path.Length == 0)
            {
                throw agent.Refuse($"{at}.path", "\"\"", "the folder to watch must be given");
            }

            var name = agent.ItemText(item, "name", at) ?? "";
            if (name.Length > 0 && (name is "." or ".." || name.AsSpan().IndexOfAny("/\\\0\r\n") >= 0))
            {
                throw agent.Refuse($"{at}.name", name, "one folder name is allowed, without / and \\");
            }

            var root = new LogRootSettings(
                Path.GetFullPath(path),
                name,
                rules.Override(agent, item, at),
                agent.ItemText(item, "priority", at) is { } priority ? agent.Int($"{at}.priority", priority, -1000, 1000) : 0);
            RejectOverlap(agent, roots, root, at);
            roots.Add(root);
        }

        return roots;
    }

    /// <summary>Two roots over the same files would give one file two places in the archive.</summary>
    private static void RejectOverlap(SettingsReader agent, List<LogRootSettings> roots, LogRootSettings root, string at)
    {
        foreach (var other in roots)
        {
            if (IsWithin(root.Path, other.Path) || IsWithin(other.Path, root.Path))
            {
                throw agent.Refuse($"{at}.path", root.Path, $"must not overlap with {other.Path}; use include and exclude of one entry instead");
            }
        }

        static bool IsWithin(string path, string folder) =>
            (path.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar).StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }
}
