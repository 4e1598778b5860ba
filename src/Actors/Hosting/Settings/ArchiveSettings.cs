using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Audit;
using Akka.Configuration;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>The FTP server.</summary>
public sealed record ArchiveFtpSettings(
    IPEndPoint Listen, int PassivePortFirst, int PassivePortLast, IPAddress? PublicAddress, int MaxSessions, TimeSpan IdleTimeout, ArchiveTlsSettings Tls, ArchiveFtpLimits Limits)
{
    /// <summary>How long transfers may go on when the node stops.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>TLS of the FTP server.</summary>
/// <param name="Mode">off, offer or require.</param>
/// <param name="Certificate">PEM or PFX file; null for one of the node's own making.</param>
/// <param name="Key">PEM file of the key, when it is not in the certificate's.</param>
/// <param name="Password">Of a PFX file.</param>
/// <param name="ImplicitPort">Second port, of implicit TLS; 0 for none.</param>
public sealed record ArchiveTlsSettings(string Mode, string? Certificate, string? Key, string? Password, int ImplicitPort)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Mode}, certificate {Certificate ?? "of its own making"}"; // the password stays out of logs
}

/// <summary>The web server.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="Tls">HTTPS; null for plain HTTP.</param>
public sealed record ArchiveWebSettings(IPEndPoint Listen, ArchiveWebTlsSettings? Tls);

/// <summary>The archive's place in the cluster.</summary>
public sealed record ArchiveClusterSettings(string Host, int Port, TimeSpan ReportInterval, TimeSpan LagLimit, int PublicPort);

/// <summary>The validated section <c>log-archive.archive</c>.</summary>
/// <param name="DataDir">Root of everything the archive keeps.</param>
/// <param name="UsersFile">Accounts taken in at the first start, or null.</param>
/// <param name="LogLevel">debug, info, warning or error.</param>
/// <param name="Ftp">The FTP server.</param>
/// <param name="Web">The web server.</param>
/// <param name="Cluster">The cluster.</param>
public sealed record ArchiveSettings(
    string DataDir, string? UsersFile, string LogLevel, ArchiveFtpSettings Ftp, ArchiveWebSettings Web, ArchiveClusterSettings Cluster)
{
    /// <summary>The audit log.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>text or json.</summary>
    public string LogFormat { get; init; } = "text";

    /// <summary>Free bytes of the data-dir's file system below which the node says that it is not ready.</summary>
    public long MinFreeSpace { get; init; }

    /// <summary>The catalog.</summary>
    public ArchiveCatalogSettings Catalog { get; init; } = new(null, TimeSpan.FromMinutes(15));

    /// <summary>The archived trees.</summary>
    public string FilesDir => Path.Combine(DataDir, "files");

    /// <summary>Reads and validates; opens nothing.</summary>
    /// <exception cref="SettingsException">The first setting that cannot be used.</exception>
    public static ArchiveSettings Read(Config config)
    {
        var archive = new SettingsReader(config, "log-archive.archive");
        var ftp = new SettingsReader(config, "log-archive.archive.ftp");
        var web = new SettingsReader(config, "log-archive.archive.web");
        var cluster = new SettingsReader(config, "log-archive.archive.cluster");

        var audit = new SettingsReader(config, "log-archive.archive.audit");

        var usersFile = archive.Text("users-file");
        var dataDir = Path.GetFullPath(archive.RequiredText("data-dir"));

        // It holds passwords: after the first start the operator may well have removed it.
        if (usersFile.Length > 0 && !File.Exists(usersFile) && !NodeDataDirectory.HasDatabases(dataDir))
        {
            throw archive.Refuse("users-file", usersFile, "there is no such file");
        }

        var (first, last) = PassivePorts(ftp);
        return new ArchiveSettings(
            dataDir,
            usersFile.Length == 0 || !File.Exists(usersFile) ? null : Path.GetFullPath(usersFile),
            archive.OneOf("log-level", "debug", "info", "warning", "error"),
            new ArchiveFtpSettings(
                new IPEndPoint(ftp.Address("bind"), ftp.Port("port")),
                first,
                last,
                PublicAddress(ftp),
                ftp.Int("max-sessions", 1, 100_000),
                ftp.Duration("idle-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
                Tls(new SettingsReader(config, "log-archive.archive.ftp.tls")),
                ArchiveFtpLimits.Read(ftp))
            {
                DrainTime = ftp.Duration("drain-time", TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            },
            new ArchiveWebSettings(new IPEndPoint(web.Address("bind"), web.Port("port")), ArchiveWebTlsSettings.Read(config, web.Address("bind"))),
            new ArchiveClusterSettings(
                cluster.RequiredText("host"),
                cluster.Port("port"),
                cluster.Duration("report-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
                cluster.Duration("lag-limit", TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
                cluster.Port("public-port")))
        {
            LogFormat = archive.OneOf("log-format", "text", "json"),
            MinFreeSpace = archive.Bytes("min-free-space"),
            Audit = new AuditOptions { RepeatsWithin = audit.Duration("repeats-within", TimeSpan.Zero, TimeSpan.FromDays(7)) },
            Catalog = ArchiveCatalogSettings.Read(new SettingsReader(config, "log-archive.archive.catalog")),
        };
    }

    private static (int First, int Last) PassivePorts(SettingsReader ftp)
    {
        var text = ftp.Text("passive-ports");
        if (text is "" or "0")
        {
            return (0, 0);
        }

        var match = Regex.Match(text, @"^\s*(\d{1,5})\s*-\s*(\d{1,5})\s*\z", RegexOptions.CultureInvariant);
        if (match.Success)
        {
            var first = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var last = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            if (first is >= 1 and <= 65535 && last >= first && last <= 65535)
            {
                return (first, last);
            }
        }

        throw ftp.Refuse("passive-ports", text, "FIRST-LAST is allowed, each from 1 to 65535 and the first not above the last, such as 50000-51999; 0 for any free port");
    }

    private static ArchiveTlsSettings Tls(SettingsReader tls)
    {
        var fromEnvironment = Environment.GetEnvironmentVariable("ALA_FTP_TLS_PASSWORD");
        var password = string.IsNullOrEmpty(fromEnvironment) ? tls.Text("password") : fromEnvironment;
        return new ArchiveTlsSettings(
            tls.OneOf("mode", "off", "offer", "require"),
            ExistingFile(tls, "certificate"),
            ExistingFile(tls, "key"),
            password.Length == 0 ? null : password,
            tls.Port("implicit-port"));
    }

    internal static string? ExistingFile(SettingsReader section, string name)
    {
        var file = section.Text(name);
        if (file.Length > 0 && !File.Exists(file))
        {
            throw section.Refuse(name, file, "there is no such file");
        }

        return file.Length == 0 ? null : Path.GetFullPath(file);
    }

    private static IPAddress? PublicAddress(SettingsReader ftp)
    {
        var text = ftp.Text("public-address");
        if (text.Length == 0)
        {
            return null;
        }

        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            ? address
            : throw ftp.Refuse("public-address", text, "an IPv4 address is allowed (PASV cannot tell another), or empty");
    }
}
