using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Server;

public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FtpServerCertificate _certificate;

    public TlsTests() => _certificate = FtpServerCertificate.SelfSigned(_folder.At("server.pem"), "archive.example");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task AUTH_TLS_protects_what_is_said_after_it(SslProtocols version)
    {
        await using var server = await StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        Assert.Contains("AUTH TLS", await client.CommandAsync("FEAT", 211), StringComparison.Ordinal);
        await client.CommandAsync("AUTH TLS", 234);
        await client.SecureAsync(version);
        Assert.Equal(version, client.Tls!.SslProtocol);
        Assert.Equal(_certificate.Fingerprint, new X509Certificate2(client.Tls.RemoteCertificate!).GetCertHashString(HashAlgorithmName.SHA256));
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        await client.CommandAsync("QUIT", 221);
        await client.ExpectClosedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_and_listings_travel_over_private_data_connections(bool deflated)
    {
        await using var server = await StartAsync();
        using var client = await SignInAsync(server);
        var content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        if (deflated)
        {
            await client.CommandAsync("MODE Z", 200);
            await client.StoreAsync("STOR f", Deflated.Of(content));
            Assert.Equal(content, Deflated.Back(await client.RetrieveAsync("RETR f")));
        }
        else
        {
            await client.StoreAsync("STOR f", content);
            Assert.Equal(content, await client.RetrieveAsync("RETR f"));
            Assert.Contains(" f", Assert.Single(await client.ListAsync("MLSD")), StringComparison.Ordinal);
        }

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
        await client.StoreAsync("STOR empty", []);
        Assert.Empty(await client.RetrieveAsync("RETR empty") is { Length: > 0 } sent && deflated ? Deflated.Back(sent) : []);
    }

    [Fact]
    public async Task A_download_ends_with_close_notify_and_waits_for_the_answer_to_it()
    {
        await using var server = await StartAsync();
        using var client = await SignInAsync(server);
        await client.StoreAsync("STOR f", new byte[100_000]);
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("RETR f", 150);
        var tls = (SslStream)await client.ProtectAsync(data);
        var all = new MemoryStream();
        await tls.CopyToAsync(all, Token);
        await client.ExpectAsync(226);
        Assert.Equal(100_000, all.Length);

        // Closed with our close_notify unread, the connection would answer with a reset.
        await tls.ShutdownAsync();
        data.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await data.Client.ReceiveAsync(new byte[1], SocketFlags.None, Token));
    }

    [Fact]
    public async Task PROT_C_leaves_data_in_clear()
    {
        await using var server = await StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.UseTlsAsync(dataToo: false);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        await client.StoreAsync("STOR f", [1, 2, 3]);
        Assert.Equal([1, 2, 3], await client.RetrieveAsync("RETR f"));
    }

    [Fact]
    public async Task Implicit_TLS_begins_before_the_greeting_with_private_data()
    {
        await using var server = await StartAsync(options => options with { ListenImplicitTls = new IPEndPoint(IPAddress.Loopback, 0) });
        using var client = await RawFtpClient.ConnectAsync(server.Server.ImplicitTlsEndPoint!.Port);
        await client.SecureAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        Assert.Contains("data connections: TLS", await client.CommandAsync("STAT", 211), StringComparison.Ordinal);
        await client.CommandAsync("AUTH TLS", 503);
    }

    [Fact]
    public async Task Where_TLS_is_required_nobody_signs_in_or_transfers_without()
    {
        await using var server = await StartAsync(options => options with { Tls = options.Tls! with { RequireControl = true, RequireData = true } });
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("USER agent01", 530);
        await client.CommandAsync("PASS secret", 530);
        await client.CommandAsync("AUTH TLS", 234);
        await client.SecureAsync();
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 522);
        await client.CommandAsync("LIST", 522);
        await client.CommandAsync("PBSZ 0", 200);
        await client.CommandAsync("PROT C", 534);
        await client.CommandAsync("PROT P", 200);
    }

    [Fact]
    public async Task Commands_of_TLS_are_answered_as_their_RFCs_say()
    {
        await using var server = await StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("AUTH KERBEROS_V4", 504);
        await client.CommandAsync("PBSZ 0", 503);
        await client.CommandAsync("PROT P", 503);
        await client.CommandAsync("AUTH TLS", 234);
        await client.SecureAsync();
        await client.CommandAsync("AUTH TLS", 503);
        await client.CommandAsync("PROT P", 503);
        Assert.Contains("PBSZ=0", await client.CommandAsync("PBSZ 1000", 200), StringComparison.Ordinal);
        await client.CommandAsync("PBSZ x", 501);
        await client.CommandAsync("PROT S", 536);
        await client.CommandAsync("PROT X", 504);
        await client.CommandAsync("CCC", 534);
        await client.CommandAsync("PROT P", 200);
    }

    [Fact]
    public async Task AUTH_takes_a_busy_session_off_its_thread()
    {
        await using var server = await StartAsync();
        using var client = await server.SignInAsync();
        for (var command = 0; command < 50; command++)
            await client.CommandAsync("NOOP", 200);
        await client.UseTlsAsync();
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        for (var command = 0; command < 50; command++)
            await client.CommandAsync("PWD", 257);
    }

    [Fact]
    public async Task AUTH_signs_out_who_had_signed_in_in_clear()
    {
        await using var server = await StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("AUTH TLS", 234);
        await client.SecureAsync();
        await client.CommandAsync("PWD", 530);
    }

    [Fact]
    public async Task Without_a_certificate_TLS_is_refused_and_clear_text_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("AUTH TLS", 502);
        Assert.DoesNotContain("AUTH", await client.CommandAsync("FEAT", 211), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_put_behind_AUTH_in_clear_end_the_session()
    {
        await using var server = await StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.SendAsync("AUTH TLS\r\nUSER agent01\r\nPASS secret\r\n");
        await client.ExpectAsync(234);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await client.SecureAsync();
            await client.CommandAsync("PWD", 257);
        });
        Assert.Contains(
            "AUTH", (await server.EventAsync<FtpSessionClosed>()).Reason, StringComparison.Ordinal);
        Assert.Empty(server.Events.OfType<FtpSignedIn>());
    }

    [Theory]
    [InlineData("silence")]
    [InlineData("garbage")]
    [InlineData("half a hello")]
    [InlineData("half closed")]
    public async Task A_handshake_that_goes_nowhere_ends_and_leaves_nothing(string kind)
    {
        var clock = new FakeTimeProvider();
        await using var server = await StartAsync(options => options with { TimeProvider = clock, SignInTimeout = TimeSpan.FromHours(1) });
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("AUTH TLS", 234);
        switch (kind)
        {
            case "garbage":
                await client.SendAsync("this is no TLS at all, is it?\r\n\r\n");
                break;
            case "half a hello":
                await client.SendAsync([0x16, 3, 1, 2, 0, 1, 0, 1]);
                break;
            case "half closed":
                client.FinishSending();
                break;
        }

        using var tooLong = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (server.Server.Sessions.Count > 0)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, tooLong.Token);
        }

        Assert.StartsWith("the TLS handshake", (await server.EventAsync<FtpSessionClosed>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_handshake_that_stalls_aborts_the_transfer_and_the_session_goes_on()
    {
        var clock = new FakeTimeProvider();
        await using var server = await StartAsync(options => options with { TimeProvider = clock, IdleTimeout = TimeSpan.FromHours(1) });
        using var client = await SignInAsync(server);
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 150);
        var answer = client.ReplyAsync();
        while (!answer.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(answer, Task.Delay(5, Token));
        }

        Assert.StartsWith("426 Transfer aborted: the TLS handshake", await answer, StringComparison.Ordinal);
        await client.CommandAsync("NOOP", 200);
    }

    [Fact]
    public async Task A_certificate_of_the_clients_signs_in_without_password_where_the_account_takes_it()
    {
        using var mine = MakeCertificate("agent01");
        using var other = MakeCertificate("agent01");
        await using var server = await StartAsync(options => options with { Tls = options.Tls! with { ClientCertificates = FtpClientCertificates.Accept } });
        server.Accounts.SetCertificate("agent01", mine.GetCertHashString(HashAlgorithmName.SHA256));
        using var client = await ConnectAsync(server, mine);
        await client.CommandAsync("USER agent01", 232);
        await client.CommandAsync("PWD", 257);
        await client.CommandAsync("USER somebody", 331);

        using var impostor = await ConnectAsync(server, other);
        await impostor.CommandAsync("USER agent01", 331);
        using var without = await ConnectAsync(server, null);
        await without.CommandAsync("USER agent01", 331);
        await without.CommandAsync($"PASS {TestServer.Password}", 230);
    }

    [Fact]
    public async Task Where_a_client_certificate_is_required_nobody_talks_without()
    {
        await using var server = await StartAsync(options => options with { Tls = options.Tls! with { ClientCertificates = FtpClientCertificates.Require } });
        await Assert.ThrowsAnyAsync<Exception>(async () => (await ConnectAsync(server, null)).Dispose());
        using var mine = MakeCertificate("agent01");
        using var client = await ConnectAsync(server, mine);
        await client.CommandAsync("USER agent01", 331);
    }

    [Fact]
    public void A_changed_certificate_is_taken_up_and_a_broken_one_is_not()
    {
        var clock = new FakeTimeProvider();
        var file = _folder.At("reload.pem");
        var certificate = FtpServerCertificate.SelfSigned(file, "one.example", clock);
        var first = certificate.Fingerprint;
        var again = FtpServerCertificate.SelfSigned(file, "one.example", clock);
        Assert.Equal(first, again.Fingerprint);

        File.WriteAllText(file, "rubbish");
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(first, certificate.Fingerprint);
        Assert.NotNull(certificate.LastError);

        FtpServerCertificate.SelfSigned(_folder.At("second.pem"), "two.example");
        File.Move(_folder.At("second.pem"), file, overwrite: true);
        Assert.Equal(first, certificate.Fingerprint);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(first, certificate.Fingerprint);
        Assert.Null(certificate.LastError);
    }

    [Fact]
    public void A_self_made_key_is_its_owners_alone_and_PFX_and_split_PEM_are_read()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.At("server.pem")));

        using var made = MakeCertificate("pfx");
        File.WriteAllBytes(_folder.At("a.pfx"), made.Export(X509ContentType.Pkcs12, "pass"));
        Assert.Equal(made.GetCertHashString(HashAlgorithmName.SHA256), FtpServerCertificate.FromPfx(_folder.At("a.pfx"), "pass").Fingerprint);
        Assert.ThrowsAny<CryptographicException>(() => FtpServerCertificate.FromPfx(_folder.At("a.pfx"), "wrong"));

        File.WriteAllText(_folder.At("c.pem"), made.ExportCertificatePem());
        File.WriteAllText(_folder.At("k.pem"), made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Assert.Equal(made.GetCertHashString(HashAlgorithmName.SHA256), FtpServerCertificate.FromPem(_folder.At("c.pem"), _folder.At("k.pem")).Fingerprint);
    }

    private static X509Certificate2 MakeCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    [Fact]
    public async Task An_uploading_client_hears_nothing_before_it_has_sent_all()
    {
        // What comes to a socket that is closed, while its last data is on the way, makes the system drop that data.
        await using var server = await StartAsync();
        using var client = await SignInAsync(server);
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 150);
        await using var tls = (SslStream)await client.ProtectAsync(data);
        Assert.Equal(SslProtocols.Tls13, tls.SslProtocol);
        await tls.WriteAsync(new byte[100_000], Token);
        using var tooLong = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (server.Server.Sessions.Single().BytesReceived < 100_000)
            await Task.Delay(10, tooLong.Token);
        Assert.Equal(0, data.Available);

        await tls.ShutdownAsync();
        Assert.Equal(0, await tls.ReadAsync(new byte[1], Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));
        await client.ExpectAsync(226);
        Assert.Equal(100_000, new FileInfo(Path.Combine(server.Home, "f")).Length);
    }

    private static async Task<RawFtpClient> ConnectAsync(TestServer server, X509Certificate2? certificate)
    {
        var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("AUTH TLS", 234);
        await client.SecureAsync(certificate: certificate);
        await client.CommandAsync("NOOP", 200);
        return client;
    }

    private static async Task<RawFtpClient> SignInAsync(TestServer server)
    {
        var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.UseTlsAsync();
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        return client;
    }

    private Task<TestServer> StartAsync(Func<FtpServerOptions, FtpServerOptions>? configure = null) => TestServer.StartAsync(options =>
    {
        var secured = options with { Tls = new FtpServerTls(_certificate) };
        return configure?.Invoke(secured) ?? secured;
    });
}
