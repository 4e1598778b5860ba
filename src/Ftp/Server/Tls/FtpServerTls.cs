using System.Net.Security;
using System.Security.Authentication;

namespace ActorLogArchive.Ftp.Server.Tls;

/// <summary>Whether clients are asked for a certificate of their own.</summary>
public enum FtpClientCertificates
{
    /// <summary>No.</summary>
    Ignore,

    /// <summary>Asked for; a client without one signs in by password.</summary>
    Accept,

    /// <summary>A client without one cannot even begin to talk.</summary>
    Require,
}

/// <summary>TLS on a server (RFC 4217): TLS 1.2 and 1.3.</summary>
/// <param name="Certificate">The server's certificate.</param>
public sealed record FtpServerTls(FtpServerCertificate Certificate)
{
    private SslServerAuthenticationOptions? _options;

    /// <summary>No sign-in without TLS on the control connection (530).</summary>
    public bool RequireControl { get; init; }

    /// <summary>No transfer without TLS on the data connection (522), and no PROT C (534).</summary>
    public bool RequireData { get; init; }

    /// <summary>Whether clients are asked for a certificate, see <see cref="IFtpAuthenticator.SignInByCertificateAsync"/>.</summary>
    public FtpClientCertificates ClientCertificates { get; init; }

    /// <summary>How long a handshake may take; then the connection is closed. The default is ten seconds.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For the next handshake. The same object as long as the certificate is the same: to it are tied the keys by which a
    /// client resumes its session, on the data connection that of the control connection.
    /// </summary>
    internal SslServerAuthenticationOptions ForHandshake()
    {
        var certificate = Certificate.Current;
        if (_options is { } options && ReferenceEquals(options.ServerCertificateContext, certificate))
            return options;
        return _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            ClientCertificateRequired = ClientCertificates != FtpClientCertificates.Ignore,

            // Whom a certificate belongs to is for the authenticator to say, as it is with passwords.
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null || ClientCertificates != FtpClientCertificates.Require,
        };
    }
}
