using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>Who is trusted, and what somebody between client and server cannot do.</summary>
public sealed class FtpClientTlsTests : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = TlsCertificates.SelfSigned();

    private readonly ScriptedFtpServer _server = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("ftp-tls-").FullName;
    private readonly List<FtpClient> _clients = [];
    private X509Certificate2 _shown = Certificate;

    public FtpClientTlsTests()
    {
        _server.Scripts["AUTH"] = async (connection, _) =>
        {
            await connection.SendAsync("234 go ahead\r\n");
            await connection.SecureAsync(_shown);
        };
        _server.Answers["PBSZ"] = "200 0\r\n";
        _server.Answers["PROT"] = "200 done\r\n";
        _server.Scripts["EPSV"] = (connection, _) => connection.SendAsync($"229 ok (|||{connection.Listen()}|)\r\n");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private FtpCertificatePinFile Pins => new(Path.Combine(_folder, "pins"));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_pinned_certificate_is_enough(SslProtocols protocol)
    {
        var colons = string.Join(':', FtpFingerprint.Of(Certificate).ToUpperInvariant().Chunk(2).Select(pair => new string(pair)));
        var client = Client(new FtpTlsOptions { Mode = FtpTlsMode.Require, Fingerprints = ["sha256:" + colons], Protocols = protocol });
        Assert.Null(client.Tls);
        await client.ConnectAsync(Cancel);
        Assert.Equal((protocol, FtpFingerprint.Of(Certificate), true), (client.Tls!.Protocol, client.Tls.Fingerprint, client.Tls.ProtectsData));
        Assert.Equal(["AUTH TLS", "USER tester", "PASS hunter2"], _server.Received.Take(3));
        Assert.Contains("PROT P", _server.Received);
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused_before_the_account_is_told()
    {
        var pinned = new string('a', 64);
        var refusal = await RefusedAsync(new FtpTlsOptions { Mode = FtpTlsMode.Require, Fingerprints = [pinned] });
        Assert.Contains(pinned, refusal.Message);
        Assert.Contains(FtpFingerprint.Of(Certificate), refusal.Message);
        Assert.Equal(FtpFingerprint.Of(Certificate), refusal.ShownFingerprint);
    }

    [Theory]
    [InlineData("xyz")]
    [InlineData("")]
    public async Task A_fingerprint_that_is_none_is_the_callers_mistake(string fingerprint)
    {
        var client = Client(new FtpTlsOptions { Mode = FtpTlsMode.Require, Fingerprints = [fingerprint] });
        await Assert.ThrowsAsync<ArgumentException>(() => client.ConnectAsync(Cancel));
    }

    [Fact]
    public async Task An_unknown_authority_is_refused_with_the_fingerprint_to_pin()
    {
        var refusal = await RefusedAsync(new FtpTlsOptions { Mode = FtpTlsMode.Auto });
        Assert.Contains("not trusted by the system's authorities", refusal.Message);
        Assert.Contains(FtpFingerprint.Of(Certificate), refusal.Message);
    }

    [Fact]
    public async Task An_authority_vouches_for_its_hosts_only()
    {
        using var authority = TlsCertificates.Authority();
        using var other = TlsCertificates.Authority("Another");
        var tls = new FtpTlsOptions { Mode = FtpTlsMode.Require, Authorities = [authority] };

        _shown = TlsCertificates.IssuedBy(authority, "127.0.0.1");
        await Client(tls).ConnectAsync(Cancel);

        _shown = TlsCertificates.IssuedBy(authority, "ftp.example.org");
        Assert.Contains("for another host (CN=ftp.example.org)", (await RefusedAsync(tls)).Message);

        _shown = TlsCertificates.IssuedBy(other, "127.0.0.1");
        Assert.Contains("not trusted by the authorities given", (await RefusedAsync(tls)).Message);
    }

    [Fact]
    public async Task The_certificate_seen_first_is_remembered_and_any_other_is_refused()
    {
        var tls = new FtpTlsOptions { Mode = FtpTlsMode.Auto, Pins = Pins };
        await Client(tls).ConnectAsync(Cancel);
        await Client(tls).ConnectAsync(Cancel);
        Assert.Equal($"127.0.0.1:{_server.Port} sha256:{FtpFingerprint.Of(Certificate)}\n", await File.ReadAllTextAsync(Pins.Path, Cancel));

        _shown = TlsCertificates.SelfSigned();
        var refusal = await RefusedAsync(tls);
        Assert.Equal(FtpFingerprint.Of(Certificate), refusal.KnownFingerprint);
        Assert.Equal(FtpFingerprint.Of(_shown), refusal.ShownFingerprint);
        Assert.Contains($"remove the line of 127.0.0.1:{_server.Port} from {Pins.Path}", refusal.Message);
        Assert.DoesNotContain(FtpFingerprint.Of(_shown), await File.ReadAllTextAsync(Pins.Path, Cancel));
    }

    [Fact]
    public async Task A_server_without_tls_is_used_in_clear_text_only_by_auto()
    {
        Downgrade();
        var client = Client(new FtpTlsOptions { Mode = FtpTlsMode.Auto, Pins = Pins });
        await client.ConnectAsync(Cancel);
        Assert.Null(client.Tls);
        Assert.DoesNotContain("PROT P", _server.Received);

        Assert.Contains("TLS is required", (await RefusedAsync(new FtpTlsOptions { Mode = FtpTlsMode.Require })).Message);
    }

    [Fact]
    public async Task Once_a_certificate_is_known_auto_does_not_go_back_to_clear_text()
    {
        var pinned = new FtpTlsOptions { Mode = FtpTlsMode.Auto, Pins = Pins };
        await Client(pinned).ConnectAsync(Cancel);
        using var authority = TlsCertificates.Authority();
        Downgrade();
        Assert.Contains("may have removed the offer", (await RefusedAsync(pinned)).Message);
        Assert.Contains("fingerprint is given", (await RefusedAsync(new FtpTlsOptions { Mode = FtpTlsMode.Auto, Fingerprints = [FtpFingerprint.Of(Certificate)] })).Message);
        Assert.Contains("authority of its certificate is given", (await RefusedAsync(new FtpTlsOptions { Mode = FtpTlsMode.Auto, Authorities = [authority] })).Message);
    }

    [Fact]
    public async Task What_is_put_in_clear_behind_the_consent_to_encrypt_is_refused()
    {
        _server.Scripts["AUTH"] = (connection, _) => connection.SendAsync("234 go ahead\r\n230 you are in\r\n");
        var client = Client(new FtpTlsOptions { Mode = FtpTlsMode.Auto });
        var lost = await Assert.ThrowsAsync<FtpConnectionException>(() => client.ConnectAsync(Cancel));
        Assert.Contains("more in clear text", lost.Message);
        Assert.DoesNotContain("USER tester", _server.Received);
    }

    [Fact]
    public async Task A_consent_that_no_handshake_follows_is_an_error_and_no_clear_text()
    {
        _server.Scripts["AUTH"] = async (connection, _) =>
        {
            await connection.SendAsync("234 go ahead\r\n");
            connection.Dispose();
        };
        await Assert.ThrowsAsync<FtpConnectionException>(() => Client(new FtpTlsOptions { Mode = FtpTlsMode.Auto }).ConnectAsync(Cancel));
        Assert.DoesNotContain("USER tester", _server.Received);
    }

    [Fact]
    public async Task Implicit_tls_encrypts_the_greeting_too()
    {
        _server.Implicit = Certificate;
        var client = Client(new FtpTlsOptions { Mode = FtpTlsMode.Implicit, Fingerprints = [FtpFingerprint.Of(Certificate)] });
        await client.ConnectAsync(Cancel);
        Assert.Equal("USER tester", _server.Received.First());
        Assert.True(client.Tls!.ProtectsData);
    }

    [Fact]
    public async Task A_server_that_does_not_encrypt_data_is_refused_unless_the_mode_is_auto()
    {
        _server.Answers["PROT"] = "534 no\r\n";
        var tls = new FtpTlsOptions { Mode = FtpTlsMode.Auto, Fingerprints = [FtpFingerprint.Of(Certificate)] };
        var client = Client(tls);
        await client.ConnectAsync(Cancel);
        Assert.False(client.Tls!.ProtectsData);
        Assert.Contains("does not encrypt data", (await Assert.ThrowsAsync<FtpTlsException>(() => Client(tls with { Mode = FtpTlsMode.Require }).ConnectAsync(Cancel))).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_ends_the_handshake_that_the_server_does_not_answer(bool pipelined)
    {
        _server.Answers["STOR"] = "550 not yours\r\n";
        var client = Client(Known(), pipelined);
        var refusal = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream([1]), "/a", cancellationToken: Cancel));
        Assert.Equal(550, refusal.Code);
        await client.NoOpAsync(Cancel);
        Assert.Equal(1, _server.Connections);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_handshake_may_come_before_or_after_the_reply_that_the_transfer_starts(bool replyFirst)
    {
        byte[]? received = null;
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            if (replyFirst)
            {
                await connection.SendAsync("150 go\r\n");
            }

            await using (var data = await connection.AcceptSecureAsync(Certificate))
            {
                if (!replyFirst)
                {
                    await connection.SendAsync("150 go\r\n");
                }

                var content = new MemoryStream();
                await data.CopyToAsync(content, Cancel);
                received = content.ToArray();
            }

            await connection.SendAsync("226 done\r\n");
        };
        await Client(Known()).UploadAsync(new MemoryStream([1, 2, 3]), "/a", cancellationToken: Cancel);
        Assert.Equal([1, 2, 3], received);
    }

    [Fact]
    public async Task A_data_connection_with_another_certificate_is_refused()
    {
        using var other = TlsCertificates.SelfSigned();
        _server.Scripts["RETR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            await using var data = await connection.AcceptSecureAsync(other);
            await data.WriteAsync("forged"u8.ToArray(), Cancel);
        };
        var target = new MemoryStream();
        var refusal = await Assert.ThrowsAsync<FtpTlsException>(() => Client(Known()).DownloadAsync("/a", target, 0, Cancel));
        Assert.Contains("not that of its control connection", refusal.Message);
        Assert.Equal(0, target.Length);
    }

    [Theory]
    [InlineData("213 10", true)]
    [InlineData("213 11", false)]
    [InlineData("550 who knows", false)]
    public async Task Encrypted_data_that_just_stops_is_whole_only_when_its_size_says_so(string size, bool isWhole)
    {
        _server.Answers["SIZE"] = $"{size}\r\n";
        _server.Scripts["RETR"] = (connection, _) => CutAsync(connection, new byte[10]);
        var download = Client(Known()).DownloadAsync("/a", new MemoryStream(), 0, Cancel);
        if (isWhole)
        {
            Assert.Equal(10, await download);
        }
        else
        {
            Assert.Contains("close_notify", (await Assert.ThrowsAsync<FtpConnectionException>(() => download)).Message);
        }
    }

    [Fact]
    public async Task A_download_that_ends_in_order_needs_no_size()
    {
        _server.Scripts["RETR"] = (connection, _) => CutAsync(connection, new byte[10], inOrder: true);
        Assert.Equal(10, await Client(Known()).DownloadAsync("/a", new MemoryStream(), 0, Cancel));
        Assert.DoesNotContain("SIZE /a", _server.Received);
    }

    [Fact]
    public async Task An_encrypted_listing_that_just_stops_is_not_believed_unless_allowed()
    {
        _server.Answers["FEAT"] = "211-\r\n MLST type*;size*;\r\n EPSV\r\n211 End\r\n";
        _server.Scripts["MLSD"] = (connection, _) => CutAsync(connection, "type=file;size=1; a\r\n"u8.ToArray());
        Assert.Contains("close_notify", (await Assert.ThrowsAsync<FtpConnectionException>(() => Client(Known()).ListAsync("/", Cancel))).Message);
        Assert.Single((await Client(Known() with { AllowMissingCloseNotify = true }).ListAsync("/", Cancel))!);
    }

    [Fact]
    public async Task Many_clients_at_once_remember_one_certificate()
    {
        var pins = Pins;
        var found = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => Task.Run(() => pins.Remember("host", 21, $"{number % 2}".PadLeft(64, '0')))));
        Assert.Single(found.Distinct());
        Assert.Equal(found[0], pins.Find("HOST", 21));
        Assert.Null(pins.Find("host", 22));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(pins.Path));
        }
    }

    [Theory]
    [InlineData("host:21 sha256:abc")]
    [InlineData("host:21")]
    [InlineData("host:21 sha1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_damaged_line_is_an_error_and_not_a_server_that_was_never_seen(string line)
    {
        var pins = Pins;
        await File.WriteAllTextAsync(pins.Path, $"# kept by hand\n{line}\n", Cancel);
        Assert.Throws<IOException>(() => pins.Find("host", 21));
        Assert.Throws<IOException>(() => pins.Remember("host", 21, new string('a', 64)));
        Assert.Null(pins.Find("other", 21));
    }

    [Fact]
    public void Names_for_the_handshake_differ_by_connection_and_mean_the_same_host()
    {
        var names = Enumerable.Range(0, 256).Select(number => FtpTlsNames.Spell("ftp.example.org", number)).ToList();
        Assert.Equal(256, names.Distinct(StringComparer.Ordinal).Count());
        Assert.Single(names.Distinct(StringComparer.OrdinalIgnoreCase));
        Assert.Equal("c7.ip192-0-2-1.invalid", FtpTlsNames.Spell("192.0.2.1", 7));
        Assert.Equal("c7.ip2001-db8--1.invalid", FtpTlsNames.Spell("2001:db8::1", 7));
    }

    private static async Task CutAsync(ScriptedConnection connection, byte[] content, bool inOrder = false)
    {
        await connection.SendAsync("150 go\r\n");
        var data = await connection.AcceptSecureAsync(Certificate);
        await data.WriteAsync(content, Cancel);
        if (inOrder)
        {
            await data.ShutdownAsync();
        }

        // Without disposing of the TLS stream, which would say that this is the end.
        connection.LastData!.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        await connection.SendAsync("226 done\r\n");
        GC.KeepAlive(data);
    }

    private static FtpTlsOptions Known() => new() { Mode = FtpTlsMode.Require, Fingerprints = [FtpFingerprint.Of(Certificate)] };

    private void Downgrade()
    {
        _server.Scripts.TryRemove("AUTH", out _);
        _server.Answers["AUTH"] = "500 what?\r\n";
    }

    private async Task<FtpTlsException> RefusedAsync(FtpTlsOptions tls)
    {
        _server.Received.Clear();
        var refusal = await Assert.ThrowsAsync<FtpTlsException>(() => Client(tls).ConnectAsync(Cancel));
        Assert.DoesNotContain(_server.Received, line => line.StartsWith("USER") || line.StartsWith("PASS"));
        return refusal;
    }

    private FtpClient Client(FtpTlsOptions tls, bool pipelined = false)
    {
        var client = new FtpClient(new FtpClientOptions
        {
            Host = "127.0.0.1",
            Port = _server.Port,
            UserName = "tester",
            Password = "hunter2",
            Tls = tls,
            Pipelining = pipelined ? FtpPipelining.Always : FtpPipelining.Never,
        });
        _clients.Add(client);
        return client;
    }
}
