using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>Certificates made for a test.</summary>
internal static class TlsCertificates
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One that vouches for itself.</summary>
    public static X509Certificate2 SelfSigned(string host = "localhost")
    {
        using var key = RSA.Create(2048);
        return WithStoredKey(Request(host, key).CreateSelfSigned(From, To));
    }

    /// <summary>An authority.</summary>
    public static X509Certificate2 Authority(string name = "Test authority")
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return WithStoredKey(request.CreateSelfSigned(From, To));
    }

    /// <summary>One that <paramref name="authority"/> vouches for.</summary>
    public static X509Certificate2 IssuedBy(X509Certificate2 authority, string host)
    {
        using var key = RSA.Create(2048);
        using var issued = Request(host, key).Create(authority, From.AddDays(1), To.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        return WithStoredKey(issued.CopyWithPrivateKey(key));
    }

    /// <summary>Certificate and key in one PEM text.</summary>
    public static string Pem(X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPrivateKey()!;
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private static CertificateRequest Request(string host, RSA key)
    {
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    // A key that was only just made is not taken by every platform's TLS.
    private static X509Certificate2 WithStoredKey(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
        }
    }
}
