using System.Security.Cryptography;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Ftp.Server.Tls;

namespace ActorLogArchive.ArchiveNode;

/// <summary>TLS of the archive's FTP server, from its settings.</summary>
internal static class FtpTls
{
    /// <summary>Reads the certificate, or makes one at the first start.</summary>
    /// <returns>Null where TLS is off.</returns>
    /// <exception cref="SettingsException">The certificate cannot be used.</exception>
    public static FtpServerTls? Open(ArchiveTlsSettings settings, string dataDir)
    {
        if (settings.Mode == "off")
        {
            return null;
        }

        var isRequired = settings.Mode == "require";
        try
        {
            return new FtpServerTls(NodeCertificate.Open(settings.Certificate, settings.Key, settings.Password, dataDir, "ftp.pem")) { RequireControl = isRequired, RequireData = isRequired };
        }
        catch (CryptographicException unusable) when (settings.Certificate is { } file)
        {
            throw new SettingsException("log-archive.archive.ftp.tls.certificate", file, $"a certificate with its private key is wanted, as PEM or PFX: {unusable.Message}");
        }
    }

    /// <summary>For the line that a node logs when it has started.</summary>
    public static string Describe(FtpServerTls? tls) => tls is null
        ? "no TLS"
        : $"TLS {(tls.RequireControl ? "required" : "offered")}, certificate SHA-256 {tls.Certificate.Fingerprint}";
}
