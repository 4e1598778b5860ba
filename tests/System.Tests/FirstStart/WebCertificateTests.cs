using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.FirstStart;

/// <summary>The web server with a certificate of the operator's.</summary>
public sealed class WebCertificateTests : IDisposable
{
    private const string Password = "of the PFX";
    private readonly string _folder = Directory.CreateTempSubdirectory("ala-web-tls-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_given_pem_certificate_is_served_and_its_renewal_too_without_a_restart()
    {
        var (certificate, key) = (Path.Combine(_folder, "web.crt"), Path.Combine(_folder, "web.key"));
        using var first = Make("first.example");
        await WritePemAsync(first, certificate, key);
        var port = LoopbackPort.Free();
        await using var archive = Start(port, [$"certificate={certificate}", $"key={key}"]);
        await UntilServedAsync(archive, port, first);

        using var second = Make("second.example");
        await WritePemAsync(second, certificate, key);

        await UntilServedAsync(archive, port, second);
        Assert.False(Directory.Exists(Path.Combine(_folder, "archive", "tls")) && File.Exists(Path.Combine(_folder, "archive", "tls", "web.pem")), "it made one of its own");
    }

    [Fact]
    public async Task A_given_pfx_certificate_is_served()
    {
        var pfx = Path.Combine(_folder, "web.pfx");
        using var certificate = Make("pfx.example");
        await File.WriteAllBytesAsync(pfx, certificate.Export(X509ContentType.Pkcs12, Password), Stop);
        var port = LoopbackPort.Free();

        await using var archive = Start(port, [$"certificate={pfx}"], new Dictionary<string, string> { ["ALA_WEB_TLS_PASSWORD"] = Password });

        await UntilServedAsync(archive, port, certificate);
    }

    private NodeProcess Start(int port, string[] tls, Dictionary<string, string>? environment = null)
    {
        string[] settings =
        [
            $"data-dir={Path.Combine(_folder, "archive")}", $"web.port={port}", "ftp.bind=127.0.0.1", $"ftp.port={LoopbackPort.Free()}", "ftp.passive-ports=0", $"cluster.port={LoopbackPort.Free()}",
            .. tls.Select(setting => "web.tls." + setting),
        ];
        return NodeProcess.Start(
            BuiltPrograms.Dll("src", "ArchiveNode"),
            settings.SelectMany(setting => new[] { "--set", "log-archive.archive." + setting }),
            new Dictionary<string, string>(environment ?? []) { ["ALA_ADMIN_PASSWORD"] = TestArchive.AdminPassword });
    }

    // Each look is a connection of its own, by a client that trusts this certificate alone.
    private static Task UntilServedAsync(NodeProcess archive, int port, X509Certificate2 certificate)
    {
        var last = "";
        return TestArchive.UntilAsync(
            async () =>
            {
                Assert.False(archive.HasExited, $"the archive ended:\n{archive.Output}");
                using var handler = new HttpClientHandler
                {
                    ServerCertificateCustomValidationCallback = (_, served, _, _) => (last = served?.Thumbprint) == certificate.Thumbprint,
                };
                using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };
                try
                {
                    using var page = await http.GetAsync("/sign-in", Stop);
                    return page.StatusCode == HttpStatusCode.OK;
                }
                catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(60),
            () => $"{certificate.Subject} ({certificate.Thumbprint}) is not served, last was {last}:\n{archive.Output}");
    }

    private static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    // Whole files take the places of those before, as renewal tools do.
    private static async Task WritePemAsync(X509Certificate2 certificate, string certificateFile, string keyFile)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        foreach (var (file, text) in new[] { (keyFile, key.ExportPkcs8PrivateKeyPem()), (certificateFile, certificate.ExportCertificatePem()) })
        {
            await File.WriteAllTextAsync(file + ".new", text, Stop);
            File.Move(file + ".new", file, overwrite: true);
        }
    }
}
