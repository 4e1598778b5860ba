using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Client;

/// <summary>Judges a server's certificate by what the options say about trust.</summary>
internal sealed class FtpServerTrust
{
    private readonly FtpClientOptions _options;
    private readonly HashSet<string> _fingerprints = [];

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">A fingerprint is none.</exception>
    public FtpServerTrust(FtpClientOptions options)
    {
        _options = options;
        foreach (var text in options.Tls.Fingerprints)
        {
            _fingerprints.Add(FtpFingerprint.TryParse(text, out var fingerprint)
                ? fingerprint
                : throw new ArgumentException($"'{text}' is no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons", nameof(options)));
        }
    }

    private string Server => $"{_options.Host}:{_options.Port}";

    /// <summary>How chains are built: nothing is fetched from the network, and own authorities count instead of the system's.</summary>
    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        if (_options.Tls.Authorities is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }

    /// <summary>The fingerprint that is known of this server, in words for a refusal of clear text; null when there is none.</summary>
    public string? KnownBefore() => _fingerprints.Count > 0 ? "its certificate's fingerprint is given"
        : _options.Tls.Authorities is not null ? "the authority of its certificate is given"
        : _options.Tls.Pins?.Find(_options.Host, _options.Port) is { } pinned ? $"it has shown the certificate {pinned} before (if it has no TLS any more, {_options.Tls.Pins.HowToForget(_options.Host, _options.Port)})"
        : null;

    /// <summary>Why a certificate is not to be trusted; null when it is.</summary>
    public FtpTlsException? Refuse(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return new FtpTlsException($"{Server} shows no certificate");
        }

        var shown = FtpFingerprint.Of(certificate);
        if (_fingerprints.Count > 0)
        {
            return _fingerprints.Contains(shown) ? null : Differs(string.Join(" or ", _fingerprints), shown, "given for it", "give its new fingerprint");
        }

        if (_options.Tls is { Authorities: null, Pins: { } pins })
        {
            return pins.Find(_options.Host, _options.Port) is { } known && known != shown
                ? Differs(known, shown, "seen first", pins.HowToForget(_options.Host, _options.Port))
                : null;
        }

        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            var reasons = chain is null ? "" : string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct());
            var authorities = _options.Tls.Authorities is null ? "the system's authorities" : "the authorities given";
            return new FtpTlsException($"the certificate of {Server} is not trusted by {authorities} ({reasons}); its fingerprint is {shown}", shown);
        }

        // Not left to the handshake: the name given to it is not always that of the host, see FtpTlsNames.
        return certificate.MatchesHostname(_options.Host) ? null
            : new FtpTlsException($"the certificate of {Server} is for another host ({certificate.Subject}); its fingerprint is {shown}", shown);
    }

    /// <summary>Remembers a certificate that was seen for the first time, once the server has proved that it has the key.</summary>
    /// <exception cref="FtpTlsException">Another client remembered another one meanwhile.</exception>
    public void Remember(string shown)
    {
        if (_fingerprints.Count == 0 && _options.Tls is { Authorities: null, Pins: { } pins }
            && pins.Remember(_options.Host, _options.Port, shown) is var known && known != shown)
        {
            throw Differs(known, shown, "seen first", pins.HowToForget(_options.Host, _options.Port));
        }
    }

    private FtpTlsException Differs(string known, string shown, string how, string remedy) => new(
        $"{Server} shows the certificate {shown}, not the one {how}, {known}: if its certificate was replaced on purpose, {remedy}; "
        + "otherwise somebody is between this client and the server",
        shown,
        known);
}
