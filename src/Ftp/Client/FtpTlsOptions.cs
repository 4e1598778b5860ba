using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Client;

/// <summary>When connections are encrypted.</summary>
public enum FtpTlsMode
{
    /// <summary>Never: everything, the password too, travels in clear text.</summary>
    Off,

    /// <summary>
    /// Where the server takes AUTH TLS, else in clear text. Somebody in between can make a server look as if it took it not:
    /// so once its certificate is known (by <see cref="FtpTlsOptions.Fingerprints"/>, <see cref="FtpTlsOptions.Authorities"/>
    /// or <see cref="FtpTlsOptions.Pins"/>), a server without TLS is refused.
    /// </summary>
    Auto,

    /// <summary>By AUTH TLS (RFC 4217); a server that does not take it is refused before the account's name is sent.</summary>
    Require,

    /// <summary>From the first byte on, on a port of its own: usually 990.</summary>
    Implicit,
}

/// <summary>
/// How a client uses TLS. The server's certificate is judged by the first of these that is set:
/// <see cref="Fingerprints"/>, <see cref="Authorities"/>, <see cref="Pins"/>; else by the system's roots and the host name.
/// Revocation is not looked up. A data connection must show the certificate of its control connection.
/// </summary>
public sealed record FtpTlsOptions
{
    /// <summary>When connections are encrypted.</summary>
    public FtpTlsMode Mode { get; init; } = FtpTlsMode.Off;

    /// <summary>
    /// SHA-256 fingerprints of certificates, in hexadecimal with or without colons, one of which the server must show.
    /// Neither its host name nor its dates count then.
    /// </summary>
    public IReadOnlyList<string> Fingerprints { get; init; } = [];

    /// <summary>
    /// Certificates of authorities, one of which must have issued the server's, for this host name. From a PEM file:
    /// <see cref="X509Certificate2Collection.ImportFromPemFile(string)"/>.
    /// </summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Trust on first use: the certificate that a server shows first is remembered, and any other is refused after that.</summary>
    public IFtpCertificatePins? Pins { get; init; }

    /// <summary>The client's own certificate with its private key, for servers that ask for one.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// Whether data connections are encrypted too (PROT P, else PROT C). A server that refuses PROT P is itself refused,
    /// except in <see cref="FtpTlsMode.Auto"/>.
    /// </summary>
    public bool ProtectData { get; init; } = true;

    /// <summary>
    /// Take the end of an encrypted listing for its real end although the server did not say so (TLS close_notify). Some
    /// servers never do; but somebody in between could then cut listings short. Files need no such leave: their size tells.
    /// </summary>
    public bool AllowMissingCloseNotify { get; init; }

    /// <summary>Versions of TLS to offer.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether something is known that a server must show, so that clear text cannot be what was meant.</summary>
    internal bool HasTrust => Fingerprints.Count > 0 || Authorities is not null;
}
