using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.FirstStart;

/// <summary>An archive that serves a network: started as its operator would, over HTTPS with a certificate of its own making, without a password given.</summary>
public sealed partial class FirstStartTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Https_with_an_own_certificate_and_a_one_time_password_that_has_to_be_changed()
    {
        var folder = Directory.CreateTempSubdirectory("ala-first-").FullName;
        var port = LoopbackPort.Free();
        try
        {
            await using var archive = NodeProcess.Start(
                BuiltPrograms.Dll("src", "ArchiveNode"),
                [
                    "--set", $"log-archive.archive.data-dir={folder}",
                    "--set", "log-archive.archive.web.bind=0.0.0.0",
                    "--set", "log-archive.archive.web.tls.mode=on",
                    "--set", $"log-archive.archive.web.port={port}",
                    "--set", "log-archive.archive.ftp.bind=127.0.0.1",
                    "--set", $"log-archive.archive.ftp.port={LoopbackPort.Free()}",
                    "--set", "log-archive.archive.ftp.passive-ports=0",
                    "--set", $"log-archive.archive.cluster.port={LoopbackPort.Free()}",
                ],
                new Dictionary<string, string> { ["ALA_ADMIN_PASSWORD"] = "" });
            using var handler = new HttpClientHandler
            {
                AllowAutoRedirect = false,
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ServerCertificateCustomValidationCallback = (_, certificate, _, _) => IsThatOf(folder, certificate),
            };
            using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{port}") };
            await TestArchive.UntilAsync(async () => await AnswersAsync(http) && OneTime().IsMatch(archive.Output), TimeSpan.FromSeconds(90), () => $"the archive is not ready:\n{archive.Output}");

            using var page = await http.GetAsync("/sign-in", Stop);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("max-age", page.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
            Assert.All(page.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));

            var given = OneTime().Match(archive.Output).Groups[1].Value;
            http.DefaultRequestHeaders.Authorization = Basic(given);
            Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/api/v1/agents", Stop)).StatusCode);
            using var changed = await http.PostAsJsonAsync("/api/v1/account/password", new { current = given, @new = "a password of my own" }, Stop);
            Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
            http.DefaultRequestHeaders.Authorization = Basic("a password of my own");
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/v1/agents", Stop)).StatusCode);

            // Plain HTTP finds nobody to talk to.
            using var plain = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync("/sign-in", Stop));
            await archive.StopAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static AuthenticationHeaderValue Basic(string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{password}")));

    private static bool IsThatOf(string folder, X509Certificate2? certificate)
    {
        var file = Path.Combine(folder, "tls", "web.pem");
        return certificate is not null && File.Exists(file) && X509Certificate2.CreateFromPem(File.ReadAllText(file)).RawData.AsSpan().SequenceEqual(certificate.RawData);
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync("/health/live", Stop)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"as admin with password (\S+) \(shown only now\)")]
    private static partial Regex OneTime();
}
