using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.AgentNode;

/// <summary>Makes the transports that connections use, from the FTP settings.</summary>
internal static class FtpTransports
{
    /// <summary>Below data-dir: the certificate that the archive showed first.</summary>
    private const string PinFile = "ftp-certificates";

    /// <summary>The maker of transports.</summary>
    /// <param name="settings">The FTP settings among others.</param>
    /// <param name="control">What keeps all connections to one rate.</param>
    /// <exception cref="SettingsException">The authorities cannot be read.</exception>
    public static Func<IArchiveTransport> From(AgentSettings settings, UploadControl control)
    {
        var ftp = settings.Ftp;
        var options = new FtpClientOptions
        {
            Host = ftp.Host,
            Port = ftp.Port,
            UserName = ftp.User,
            Password = ftp.Password,
            Tls = Tls(ftp.Tls, settings.DataDir),
            ConnectTimeout = ftp.ConnectTimeout,
            ReplyTimeout = ftp.ReplyTimeout,
            StallTimeout = ftp.ReplyTimeout,
            KeepsDataConnection = true,
            Compression = ftp.Compression == "on" ? FtpCompression.Always : FtpCompression.Off,
        };
        var choice = ftp.Compression == "auto" ? new CompressionChoice(options.TimeProvider, options.CompressionLevel) : null;
        return CrashingTransport.Around(() => new FtpArchiveTransport(options, control.Bandwidth, choice));
    }

    private static FtpTlsOptions Tls(AgentTlsSettings settings, string dataDir)
    {
        var mode = settings.Mode switch
        {
            "off" => FtpTlsMode.Off,
            "require" => FtpTlsMode.Require,
            _ => FtpTlsMode.Auto,
        };
        return settings switch
        {
            { Fingerprints.Count: > 0 } => new FtpTlsOptions { Mode = mode, Fingerprints = settings.Fingerprints },
            { Authorities: AgentTlsSettings.SystemAuthorities } => new FtpTlsOptions { Mode = mode },
            { Authorities: { } file } => new FtpTlsOptions { Mode = mode, Authorities = Authorities(file) },
            _ => new FtpTlsOptions { Mode = mode, Pins = new FtpCertificatePinFile(Path.Combine(dataDir, PinFile)) },
        };
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception unusable) when (unusable is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException("log-archive.agent.ftp.tls-ca", file, $"a PEM file of certificates is wanted: {unusable.Message}");
        }

        return authorities.Count > 0 ? authorities
            : throw new SettingsException("log-archive.agent.ftp.tls-ca", file, "a PEM file of certificates is wanted, and this one holds none");
    }
}
