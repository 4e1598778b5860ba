using System.Net;
using Akka.Configuration;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>HTTPS of the web server.</summary>
/// <param name="Certificate">PEM or PFX file; null for one of the node's own making.</param>
/// <param name="Key">PEM file of the key, when it is not in the certificate's.</param>
/// <param name="Password">Of a PFX file.</param>
public sealed record ArchiveWebTlsSettings(string? Certificate, string? Key, string? Password)
{
    private const string Section = "log-archive.archive.web.tls";

    /// <summary>Reads the section <c>web.tls</c>.</summary>
    /// <returns>Null for plain HTTP: on loopback unless asked for otherwise, elsewhere only when asked for by name.</returns>
    /// <exception cref="SettingsException">A setting cannot be used, or plain HTTP would be open to a network without having been asked for.</exception>
    public static ArchiveWebTlsSettings? Read(Config config, IPAddress bind)
    {
        var tls = new SettingsReader(config, Section);
        var mode = tls.OneOf("mode", "auto", "on", "off");
        var certificate = ArchiveSettings.ExistingFile(tls, "certificate");
        var key = ArchiveSettings.ExistingFile(tls, "key");
        if (mode == "off" || (mode == "auto" && certificate is null && IPAddress.IsLoopback(bind)))
        {
            return null;
        }

        if (mode == "auto" && certificate is null)
        {
            throw new SettingsException(
                "log-archive.archive.web.bind",
                bind.ToString(),
                $"over plain HTTP passwords could be read on the way; set {Section}.mode = on for HTTPS (with {Section}.certificate, or one made here), or {Section}.mode = off for plain HTTP all the same, as behind a reverse proxy");
        }

        var fromEnvironment = Environment.GetEnvironmentVariable("ALA_WEB_TLS_PASSWORD");
        var password = string.IsNullOrEmpty(fromEnvironment) ? tls.Text("password") : fromEnvironment;
        return new ArchiveWebTlsSettings(certificate, key, password.Length == 0 ? null : password);
    }

    /// <inheritdoc/>
    public override string ToString() => $"certificate {Certificate ?? "of its own making"}"; // the password stays out of logs
}
