using System.Net;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Tests.Server;
using ActorLogArchive.Ftp.Tests.Storage;

namespace ActorLogArchive.Ftp.Tests.Foreign;

/// <summary>Clients that others wrote, used as their users use them. Each works on the same little tree.</summary>
public sealed class ForeignClientTests : IDisposable
{
    private const string Awkward = "näme with #, 'quotes' & ü.log";

    private readonly TemporaryFolder _local = new();

    public ForeignClientTests()
    {
        Directory.CreateDirectory(_local.At("tree/sub dir"));
        File.WriteAllText(_local.At($"tree/{Awkward}"), "awkward\n");
        File.WriteAllText(_local.At("tree/sub dir/empty"), "");
        var big = new byte[2_000_000];
        new Random(7).NextBytes(big);
        File.WriteAllBytes(_local.At("tree/sub dir/big.bin"), big);
    }

    // The server's certificate: clients that check it take it for an authority.
    private string Certificate => _local.At("certificate.pem");

    public void Dispose() => _local.Dispose();

    [Theory]
    [InlineData(ServerTls.None, "")]
    [InlineData(ServerTls.Explicit, "1.2")]
    [InlineData(ServerTls.Explicit, "1.3")]
    [InlineData(ServerTls.Implicit, "1.2")]
    [InlineData(ServerTls.Implicit, "1.3")]
    public async Task Curl_uploads_lists_resumes_downloads_renames_and_deletes(ServerTls tls, string version)
    {
        var (server, port) = await StartAsync(tls);
        await using var ended = server;
        var url = $"{(tls == ServerTls.Implicit ? "ftps" : "ftp")}://127.0.0.1:{port}";
        string[] secured = tls == ServerTls.None ? [] : ["--ssl-reqd", "--cacert", Certificate, $"--tlsv{version}", "--tls-max", version];
        var big = _local.At("tree/sub dir/big.bin");
        await CurlAsync("-T", big, "--ftp-create-dirs", $"{url}/made/here/big.bin");
        Same(big, Path.Combine(server.Home, "made/here/big.bin"));

        Assert.Contains("big.bin", await CurlAsync($"{url}/made/here/"), StringComparison.Ordinal);
        Truncate(Path.Combine(server.Home, "made/here/big.bin"), 500_000);
        await CurlAsync("-T", big, "-C", "-", $"{url}/made/here/big.bin");
        Same(big, Path.Combine(server.Home, "made/here/big.bin"));

        await File.WriteAllBytesAsync(_local.At("down"), (await File.ReadAllBytesAsync(big, TestContext.Current.CancellationToken))[..700_000], TestContext.Current.CancellationToken);
        await CurlAsync("-C", "-", "-o", _local.At("down"), $"{url}/made/here/big.bin");
        Same(big, _local.At("down"));

        if (tls == ServerTls.None)
        {
            // Debian's curl cannot do this over TLS: 7.88 loses the accepted socket.
            await CurlAsync("-P", "-", "-o", _local.At("active"), $"{url}/made/here/big.bin");
            Same(big, _local.At("active"));
        }

        await CurlAsync("-Q", "-RNFR made/here/big.bin", "-Q", "-RNTO made/here/two words", "-Q", "-DELE made/here/two words", "-Q", "-RMD made/here", $"{url}/");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(server.Home, "made")));
        Task<string> CurlAsync(params string[] arguments) => RunAsync("curl", ["-sS", "--fail", "-m", "60", "-u", $"agent01:{TestServer.Password}", .. secured, .. arguments]);
    }

    [Theory]
    [InlineData(ServerTls.None, "", false)]
    [InlineData(ServerTls.None, "", true)]
    [InlineData(ServerTls.Explicit, "1.2", false)]
    [InlineData(ServerTls.Explicit, "1.3", false)]
    [InlineData(ServerTls.Explicit, "1.3", true)]
    [InlineData(ServerTls.Implicit, "1.2", false)]
    [InlineData(ServerTls.Implicit, "1.3", false)]
    public async Task Lftp_mirrors_up_and_down_resumes_and_removes(ServerTls tls, string version, bool deflated)
    {
        var (server, port) = await StartAsync(tls);
        await using var ended = server;
        await LftpAsync($"mirror -R --parallel=3 '{_local.At("tree")}' up");
        await SameTreeAsync(_local.At("tree"), Path.Combine(server.Home, "up"));

        Truncate(Path.Combine(server.Home, "up/sub dir/big.bin"), 300_000);
        await LftpAsync($"put -c '{_local.At("tree/sub dir/big.bin")}' -o 'up/sub dir/big.bin'");
        var talk = await LftpAsync($"mirror --parallel=3 up '{_local.At("back")}'");
        await SameTreeAsync(_local.At("tree"), _local.At("back"));
        Assert.Equal(deflated, talk.Contains("---> MODE Z", StringComparison.Ordinal));
        Assert.Equal(tls == ServerTls.Explicit, talk.Contains("---> AUTH TLS", StringComparison.Ordinal));

        await LftpAsync("mkdir other; mv 'up/sub dir/empty' other/moved; chmod 640 other/moved; cls other; rm -r up");
        Assert.Equal(["other"], new DirectoryInfo(server.Home).GetFileSystemInfos().Select(entry => entry.Name));
        Assert.True(File.Exists(Path.Combine(server.Home, "other/moved")));

        async Task<string> LftpAsync(string commands)
        {
            var secured = tls == ServerTls.None
                ? "set ftp:ssl-allow no"
                : $"set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ssl:ca-file {Certificate}; set ssl:priority NORMAL:-VERS-ALL:+VERS-TLS{version}";
            var url = $"{(tls == ServerTls.Implicit ? "ftps" : "ftp")}://127.0.0.1:{port}";
            var (_, remarks) = await Tool.RunAsync("lftp",
            [
                "--norc", "-c",
                $"debug 5; set cmd:fail-exit yes; set net:max-retries 2; set net:timeout 20; set ftp:use-mode-z {(deflated ? "yes" : "no")}; {secured}; "
                    + $"open -u agent01,{TestServer.Password} {url}; {commands}",
            ]);

            // GnuTLS says so when a connection ends without close_notify.
            Assert.DoesNotContain("properly terminated", remarks, StringComparison.Ordinal);
            return remarks;
        }
    }

    [Theory]
    [InlineData(ServerTls.None, "")]
    [InlineData(ServerTls.Explicit, "1.2")]
    [InlineData(ServerTls.Explicit, "1.3")]
    public async Task Python_ftplib_does_all_it_can(ServerTls tls, string version)
    {
        var (server, port) = await StartAsync(tls);
        await using var ended = server;
        const string Program = """
            import ftplib, io, ssl, sys
            if sys.argv[4]:
                context = ssl.create_default_context(cafile=sys.argv[5])
                context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, 'TLSv' + sys.argv[4].replace('.', '_'))
                f = ftplib.FTP_TLS(timeout=30, context=context)
            else:
                f = ftplib.FTP(timeout=30)
            f.connect('127.0.0.1', int(sys.argv[1]))
            f.login('agent01', sys.argv[2])
            if sys.argv[4]: f.prot_p()
            data = open(sys.argv[3], 'rb').read()
            assert f.mkd('a "b" ü') == '/agent01/a "b" ü'
            f.cwd('a "b" ü')
            assert f.pwd() == '/agent01/a "b" ü'
            for passive in (True, False):
                f.set_pasv(passive)
                f.storbinary('STOR näme #1', io.BytesIO(data))
                got = io.BytesIO(); f.retrbinary('RETR näme #1', got.write); assert got.getvalue() == data
                got = io.BytesIO(); f.retrbinary('RETR näme #1', got.write, rest=1000); assert got.getvalue() == data[1000:]
            f.storbinary('STOR näme #1', io.BytesIO(data[500:]), rest=500)
            f.storbinary('APPE näme #1', io.BytesIO(b'end'))
            assert f.size('näme #1') == len(data) + 3
            assert [n for n, facts in f.mlsd()] == ['näme #1'] and f.nlst() == ['näme #1']
            lines = []; f.retrlines('LIST', lines.append); assert len(lines) == 1, lines
            f.rename('näme #1', 'b')
            f.delete('b'); f.cwd('..'); f.rmd('a "b" ü'); assert f.nlst() == []
            try: f.cwd('/'); raise SystemExit('left the jail')
            except ftplib.error_perm as refused: assert str(refused).startswith('550')
            f.quit(); print('done')
            """;
        await File.WriteAllTextAsync(_local.At("program.py"), Program, TestContext.Current.CancellationToken);
        Assert.Contains("done", await RunAsync("python3", _local.At("program.py"), $"{port}", TestServer.Password, _local.At("tree/sub dir/big.bin"), version, Certificate), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServerTls.None, "")]
    [InlineData(ServerTls.Explicit, "1.2")]
    [InlineData(ServerTls.Explicit, "1.3")]
    [InlineData(ServerTls.Implicit, "1.2")]
    [InlineData(ServerTls.Implicit, "1.3")]
    public async Task Rclone_syncs_and_checks(ServerTls tls, string version)
    {
        var (server, port) = await StartAsync(tls);
        await using var ended = server;
        var password = (await RunAsync("rclone", "obscure", TestServer.Password)).Trim();
        string[] secured = [.. tls == ServerTls.None ? Array.Empty<string>() : [tls == ServerTls.Implicit ? "--ftp-tls" : "--ftp-explicit-tls"], .. version == "1.2" ? ["--ftp-disable-tls13"] : Array.Empty<string>()];
        string[] flags = ["--config", "/dev/null", "--ftp-host", "127.0.0.1", "--ftp-port", $"{port}", "--ftp-user", "agent01", "--ftp-pass", password, "--retries", "1", .. secured];
        await RcloneAsync(["copy", "--create-empty-src-dirs", _local.At("tree"), ":ftp:/agent01/up", .. flags]);
        await SameTreeAsync(_local.At("tree"), Path.Combine(server.Home, "up"));
        await RcloneAsync(["check", "--download", _local.At("tree"), ":ftp:/agent01/up", .. flags]);
        await RcloneAsync(["moveto", ":ftp:/agent01/up/sub dir/big.bin", ":ftp:/agent01/up/moved", .. flags]);
        Same(_local.At("tree/sub dir/big.bin"), Path.Combine(server.Home, "up/moved"));
        await RcloneAsync(["purge", ":ftp:/agent01/up", .. flags]);
        Assert.Empty(Directory.GetFileSystemEntries(server.Home));

        // Go takes the certificates that it trusts from there.
        Task<(string Output, string Remarks)> RcloneAsync(string[] arguments) => Tool.RunAsync("rclone", arguments, ("SSL_CERT_FILE", Certificate));
    }

    [Fact]
    public async Task Ncftp_puts_lists_and_gets_a_tree()
    {
        await using var server = await TestServer.StartAsync();
        string[] who = ["-u", "agent01", "-p", TestServer.Password, "-P", $"{server.Port}"];
        await RunAsync("ncftpput", [.. who, "-R", "-m", "127.0.0.1", "up", _local.At("tree/sub dir")]);
        await SameTreeAsync(_local.At("tree/sub dir"), Path.Combine(server.Home, "up/sub dir"));
        Assert.Contains("big.bin", await RunAsync("ncftpls", [.. who, $"ftp://127.0.0.1/up/sub%20dir/"]), StringComparison.Ordinal);
        Directory.CreateDirectory(_local.At("got"));
        await RunAsync("ncftpget", [.. who, "-R", "127.0.0.1", _local.At("got"), "up/sub dir"]);
        await SameTreeAsync(_local.At("tree/sub dir"), _local.At("got/sub dir"));
    }

    private static void Same(string expected, string actual) => Assert.Equal(File.ReadAllBytes(expected), File.ReadAllBytes(actual));

    private static Task SameTreeAsync(string expected, string actual) => RunAsync("diff", "-r", expected, actual);

    private static void Truncate(string file, long length)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(length);
    }

    private static async Task<string> RunAsync(string tool, params string[] arguments) => (await Tool.RunAsync(tool, arguments)).Output;

    /// <summary>A server, and the port for clients that speak TLS in this way: then nothing goes without it.</summary>
    private async Task<(TestServer Server, int Port)> StartAsync(ServerTls tls)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        var server = await TestServer.StartAsync(options => tls == ServerTls.None ? options : options with
        {
            Tls = new FtpServerTls(FtpServerCertificate.SelfSigned(Certificate, "localhost")) { RequireControl = true, RequireData = true },
            ListenImplicitTls = tls == ServerTls.Implicit ? any : null,
        });
        return (server, tls == ServerTls.Implicit ? server.Server.ImplicitTlsEndPoint!.Port : server.Port);
    }
}
