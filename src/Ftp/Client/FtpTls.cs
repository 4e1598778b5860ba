using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Client;

/// <summary>TLS of one control connection and its data connections.</summary>
/// <remarks>
/// Servers may demand that every data connection resumes the TLS session of its control connection. In TLS 1.3 that takes a
/// ticket, which .NET uses once; most servers send a new one on each data connection. ProFTPD sends none, so that only one
/// data connection could be made. In TLS 1.2 a session can be resumed any number of times: that is what such servers get.
/// </remarks>
internal sealed class FtpTls
{
    // Of the process, as a new client for the same server should not have to find it out again. Bounded by who is connected to.
    private static readonly ConcurrentDictionary<string, bool> WithoutNewTickets = new(StringComparer.OrdinalIgnoreCase);

    private readonly string _server;
    private readonly SslProtocols _protocols;
    private readonly FtpServerTrust _trust;
    private readonly FtpTlsOptions _options;
    private readonly string _name;
    private readonly SslStreamCertificateContext? _ownCertificate;
    private SslClientAuthenticationOptions? _dataHandshake;
    private FtpTlsException? _refusal;

    /// <summary>Prepares the handshakes.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="trust">Judges the server.</param>
    /// <param name="greeting">What the server said of itself so far; nobody vouches for it, but both versions are good.</param>
    public FtpTls(FtpClientOptions options, FtpServerTrust trust, string greeting = "")
    {
        _options = options.Tls;
        _server = $"{options.Host}:{options.Port}";
        var wantsOld = WithoutNewTickets.ContainsKey(_server) || greeting.Contains("ProFTPD", StringComparison.OrdinalIgnoreCase);
        _protocols = wantsOld && _options.ProtectData && _options.Protocols.HasFlag(SslProtocols.Tls12) ? SslProtocols.Tls12 : _options.Protocols;
        _trust = trust;
        _name = FtpTlsNames.Next(options.Host);
        _ownCertificate = _options.ClientCertificate is { } own ? SslStreamCertificateContext.Create(own, null) : null;
    }

    /// <summary>What the handshake of the control connection showed.</summary>
    public FtpTlsSession? Session { get; private set; }

    /// <summary>Encrypts the control connection.</summary>
    /// <exception cref="FtpTlsException">The server is not to be trusted, or the two cannot agree.</exception>
    public async Task<SslStream> SecureControlAsync(Stream transport)
    {
        var fingerprint = "";
        var subject = "";
        var handshake = Handshake(_trust.ChainPolicy(), (certificate, chain, errors) =>
        {
            if ((_refusal = _trust.Refuse(certificate, chain, errors)) is null)
            {
                fingerprint = FtpFingerprint.Of(certificate!);
                subject = certificate!.Subject;
            }

            return _refusal is null;
        });
        var stream = await RunAsync(transport, handshake).ConfigureAwait(false);
        try
        {
            // Only now has the server proved that it holds the key of what it showed.
            _trust.Remember(fingerprint);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        Session = new FtpTlsSession(stream.SslProtocol, stream.NegotiatedCipherSuite, fingerprint, subject);

        // No authority is asked again: it has to be the same certificate, and with a resumed session it is. SslStream builds a chain all the same, for
        // each data connection; with the authorities of the system that takes 0.5 ms of processor, with none 0.1, so it gets none.
        var noAuthority = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        _dataHandshake = Handshake(noAuthority, (certificate, _, _) =>
        {
            var shown = certificate is null ? null : FtpFingerprint.Of(certificate);
            _refusal = shown == fingerprint ? null
                : new FtpTlsException($"the data connection shows the certificate {shown}, not that of its control connection, {fingerprint}", shown, fingerprint);
            return _refusal is null;
        });
        return stream;
    }

    /// <summary>Encrypts a data connection.</summary>
    /// <exception cref="FtpTlsException">It does not lead to the same server, or the two cannot agree.</exception>
    public Task<SslStream> SecureDataAsync(Stream transport) => RunAsync(transport, _dataHandshake!);

    /// <summary>Takes note that the server refused a data connection that had not resumed the session.</summary>
    /// <returns>Whether a new connection will do better.</returns>
    public bool NoteRefusedData() =>
        Session?.Protocol == SslProtocols.Tls13 && _protocols.HasFlag(SslProtocols.Tls12) && WithoutNewTickets.TryAdd(_server, true);

    private SslClientAuthenticationOptions Handshake(X509ChainPolicy policy, Func<X509Certificate2?, X509Chain?, SslPolicyErrors, bool> accepts) => new()
    {
        TargetHost = _name,
        EnabledSslProtocols = _protocols,
        AllowTlsResume = true,
        ClientCertificateContext = _ownCertificate,
        CertificateChainPolicy = policy,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) => accepts(certificate as X509Certificate2, chain, errors),
    };

    private async Task<SslStream> RunAsync(Stream transport, SslClientAuthenticationOptions handshake)
    {
        _refusal = null;
        var stream = new SslStream(transport, leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsClientAsync(handshake).ConfigureAwait(false);
            return stream;
        }
        catch (AuthenticationException exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw _refusal ?? new FtpTlsException($"the handshake failed: {(exception.InnerException ?? exception).Message}", inner: exception);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}

/// <summary>What was agreed on for an encrypted connection.</summary>
/// <param name="Protocol">The version of TLS.</param>
/// <param name="CipherSuite">The cipher suite.</param>
/// <param name="Fingerprint">SHA-256 fingerprint of the server's certificate.</param>
/// <param name="Subject">Whom it was issued to.</param>
public sealed record FtpTlsSession(SslProtocols Protocol, TlsCipherSuite CipherSuite, string Fingerprint, string Subject)
{
    /// <summary>Whether data connections are encrypted too.</summary>
    public bool ProtectsData { get; init; }
}
