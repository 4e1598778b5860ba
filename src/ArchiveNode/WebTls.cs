using System.Net.Security;
using System.Security.Cryptography;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Ftp.Server.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ActorLogArchive.ArchiveNode;

/// <summary>HTTPS of the archive's web server, from its settings.</summary>
internal static class WebTls
{
    /// <summary>Reads the certificate, or makes one at the first start.</summary>
    /// <returns>Null for plain HTTP.</returns>
    /// <exception cref="SettingsException">The certificate cannot be used.</exception>
    public static FtpServerCertificate? Open(ArchiveWebTlsSettings? settings, string dataDir)
    {
        try
        {
            return settings is null ? null : NodeCertificate.Open(settings.Certificate, settings.Key, settings.Password, dataDir, "web.pem");
        }
        catch (CryptographicException unusable) when (settings?.Certificate is { } file)
        {
            throw new SettingsException("log-archive.archive.web.tls.certificate", file, $"a certificate with its private key is wanted, as PEM or PFX: {unusable.Message}");
        }
    }

    /// <summary>Has an address speak TLS, each connection with the certificate as it is then.</summary>
    public static void Use(ListenOptions listen, FtpServerCertificate certificate) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
    });

    /// <summary>For the line that a node logs when it has started.</summary>
    public static string Describe(FtpServerCertificate? certificate) => certificate is null ? "" : $" (certificate SHA-256 {certificate.Fingerprint})";
}
