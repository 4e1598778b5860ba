using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Server.Tls;

/// <summary>
/// A server's certificate with its private key. One that comes from files is read again when they change, so that a
/// renewed certificate needs no restart; files that cannot be used leave the one before in force.
/// </summary>
public sealed class FtpServerCertificate
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Func<SslStreamCertificateContext> _load;
    private readonly string[] _files;
    private readonly TimeProvider _clock;
    private SslStreamCertificateContext _current;
    private string _state;
    private long _checkedAt;

    private FtpServerCertificate(string[] files, Func<SslStreamCertificateContext> load, TimeProvider? clock)
    {
        _files = files;
        _load = load;
        _clock = clock ?? TimeProvider.System;
        _state = StateOfFiles();
        _checkedAt = _clock.GetTimestamp();
        _current = load();
    }

    /// <summary>Why changed files could not be used, null when they could.</summary>
    public string? LastError { get; private set; }

    /// <summary>SHA-256 of the certificate, hexadecimal: what clients pin.</summary>
    public string Fingerprint => Current.TargetCertificate.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>The certificate to use now: ask for it at each connection.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                if (_files.Length > 0 && _clock.GetElapsedTime(_checkedAt) >= CheckInterval)
                    Reload();
                return _current;
            }
        }
    }

    /// <summary>A certificate at hand.</summary>
    /// <param name="certificate">With its private key.</param>
    /// <exception cref="CryptographicException">It has no private key.</exception>
    public static FtpServerCertificate From(X509Certificate2 certificate) => new([], () => Context(certificate, []), null);

    /// <summary>
    /// PEM files: the certificate, the intermediate ones that lead to its authority, and the key, which may be in the same
    /// file.
    /// </summary>
    /// <exception cref="CryptographicException">The files do not fit together, or hold something else.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static FtpServerCertificate FromPem(string certificateFile, string? keyFile = null, TimeProvider? clock = null)
    {
        var key = keyFile ?? certificateFile;
        return new FtpServerCertificate([.. new[] { certificateFile, key }.Distinct()], Load, clock);

        SslStreamCertificateContext Load()
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            return Context(X509Certificate2.CreateFromPemFile(certificateFile, key), chain);
        }
    }

    /// <summary>A PFX (PKCS #12) file.</summary>
    /// <exception cref="CryptographicException">The password is wrong, or it is no such file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FtpServerCertificate FromPfx(string file, string? password = null, TimeProvider? clock = null) => new(
        [file],
        () =>
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
            var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException($"{file} holds no private key.");
            return Context(own, all);
        },
        clock);

    /// <summary>
    /// One of its own signing, kept in a PEM file that is made when missing. Nobody but its owner may read the file. Clients
    /// cannot check it with an authority: they pin its <see cref="Fingerprint"/>.
    /// </summary>
    /// <param name="file">The PEM file.</param>
    /// <param name="hostName">The name it is made out to, beside localhost.</param>
    /// <param name="clock">The clock.</param>
    public static FtpServerCertificate SelfSigned(string file, string hostName, TimeProvider? clock = null)
    {
        if (!File.Exists(file))
            MakeSelfSigned(file, hostName, clock ?? TimeProvider.System);
        return FromPem(file, null, clock);
    }

    private static void MakeSelfSigned(string file, string hostName, TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName($"CN=\"{hostName.Replace("\"", "", StringComparison.Ordinal)}\""), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(hostName, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(hostName);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], critical: false));

        // A day back, for clients whose clocks are behind.
        var now = clock.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        // Written aside and renamed: a start that was cut short must not leave half a key for the next.
        var aside = file + ".new";
        File.Delete(aside);
        using (var writer = new StreamWriter(aside, options))
        {
            writer.WriteLine(certificate.ExportCertificatePem());
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        }

        File.Move(aside, file, overwrite: true);
    }

    private static SslStreamCertificateContext Context(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        if (!certificate.HasPrivateKey)
            throw new CryptographicException($"The certificate of {certificate.Subject} has no private key.");
        if (OperatingSystem.IsWindows())
        {
            // Windows' TLS cannot use a key that lives in memory only.
            certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }

        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private void Reload()
    {
        _checkedAt = _clock.GetTimestamp();
        var state = StateOfFiles();
        if (state == _state)
            return;
        try
        {
            _current = _load();
            _state = state;
            LastError = null;
        }
        catch (Exception unusable) when (unusable is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // Tried again with the next check: certificate and key may be written one after the other.
            LastError = unusable.Message;
        }
    }

    private string StateOfFiles() => string.Join('|', _files.Select(file => new FileInfo(file) is { Exists: true } info ? $"{info.LastWriteTimeUtc.Ticks}.{info.Length}" : "-"));
}
