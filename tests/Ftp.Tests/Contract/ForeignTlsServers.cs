using System.Diagnostics;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Tests.Client;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>vsftpd that wants everything encrypted, and data connections to resume the session of their control connection.</summary>
public class VsftpdTlsServer : VsftpdServer
{
    private readonly X509Certificate2 _certificate = TlsCertificates.SelfSigned();

    public override FtpTlsOptions Tls => new() { Mode = FtpTlsMode.Require, Fingerprints = [FtpFingerprint.Of(_certificate)] };

    protected override string MoreSettings()
    {
        var pem = Path.Combine(Folder, "vsftpd.pem");
        File.WriteAllText(pem, TlsCertificates.Pem(_certificate));
        return $"""
            ssl_enable=YES
            allow_anon_ssl=YES
            force_anon_data_ssl=YES
            force_anon_logins_ssl=YES
            require_ssl_reuse=YES
            ssl_ciphers=HIGH
            rsa_cert_file={pem}
            rsa_private_key_file={pem}
            """;
    }
}

/// <summary>The same with TLS 1.2, whose sessions are resumed in another way.</summary>
public sealed class VsftpdTls12Server : VsftpdTlsServer
{
    public override FtpTlsOptions Tls => base.Tls with { Protocols = SslProtocols.Tls12 };
}

/// <summary>pyftpdlib with TLS for all.</summary>
public sealed class PyftpdlibTlsServer : PyftpdlibServer
{
    private readonly X509Certificate2 _certificate = TlsCertificates.SelfSigned();

    public override FtpTlsOptions Tls => new() { Mode = FtpTlsMode.Require, Fingerprints = [FtpFingerprint.Of(_certificate)] };

    protected override ProcessStartInfo? Prepare()
    {
        if (!Directory.Exists("/usr/lib/python3/dist-packages/OpenSSL"))
        {
            Missing = "python3-openssl is not installed";
            return null;
        }

        return base.Prepare();
    }

    protected override (string Handler, string Lines) Handler()
    {
        var pem = Path.Combine(Folder, "server.pem");
        File.WriteAllText(pem, TlsCertificates.Pem(_certificate));
        return ("TLS_FTPHandler", $"FTPHandler.certfile = '{pem}'; FTPHandler.tls_control_required = True; FTPHandler.tls_data_required = True");
    }
}

/// <summary>ProFTPD that wants everything encrypted, and data connections to resume the session of their control connection.</summary>
public class ProftpdTlsServer : ProgramServer
{
    private readonly X509Certificate2 _certificate = TlsCertificates.SelfSigned();

    public override FtpTlsOptions Tls => new() { Mode = FtpTlsMode.Require, Fingerprints = [FtpFingerprint.Of(_certificate)] };

    /// <summary>Whether it says what it is.</summary>
    protected virtual bool TellsItsName => true;

    protected override ProcessStartInfo? Prepare()
    {
        var program = Find(Unpacked("proftpd"), "/usr/sbin/proftpd");
        var modules = program is null ? "" : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(program)!, "..", "lib", "proftpd"));
        Missing = program is null ? "proftpd is not installed"
            : !File.Exists(Path.Combine(modules, "mod_tls.so")) ? "proftpd-mod-crypto is not installed"
            : Environment.UserName != "root" ? "proftpd can be started by root only" : null;
        if (Missing is not null || OperatingSystem.IsWindows())
        {
            return null;
        }

        var all = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        var home = Directory.CreateDirectory(Path.Combine(Folder, "home")).FullName;
        File.SetUnixFileMode(Folder, all);
        File.SetUnixFileMode(home, all | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        var pem = Path.Combine(Folder, "server.pem");
        File.WriteAllText(pem, TlsCertificates.Pem(_certificate));
        File.SetUnixFileMode(pem, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var users = Path.Combine(Folder, "users");
        using (var crypt = Process.Start(new ProcessStartInfo("/usr/bin/openssl", ["passwd", "-6", Account.Password]) { RedirectStandardOutput = true })!)
        {
            File.WriteAllText(users, $"{Account.Name}:{crypt.StandardOutput.ReadToEnd().Trim()}:65534:65534::{home}:/bin/false\n");
        }

        File.SetUnixFileMode(users, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var configuration = Path.Combine(Folder, "proftpd.conf");
        File.WriteAllText(configuration, $"""
            ServerType standalone
            ModulePath {modules}
            LoadModule mod_tls.c
            LoadModule mod_deflate.c
            ServerName "test"
            ServerIdent {(TellsItsName ? "on" : "off")}
            Port {Port}
            DefaultAddress 127.0.0.1
            SocketBindTight on
            UseIPv6 off
            User nobody
            Group nogroup
            PidFile {Folder}/proftpd.pid
            ScoreboardFile {Folder}/proftpd.scoreboard
            DelayEngine off
            UseReverseDNS off
            WtmpLog off
            TransferLog none
            SystemLog {Folder}/proftpd.log
            AuthOrder mod_auth_file.c
            AuthUserFile {users}
            RequireValidShell off
            DefaultRoot ~
            AllowOverwrite on
            AllowStoreRestart on
            AllowRetrieveRestart on
            <IfModule mod_tls.c>
            TLSEngine on
            TLSRequired on
            TLSProtocol TLSv1.2 TLSv1.3
            TLSRSACertificateFile {pem}
            TLSRSACertificateKeyFile {pem}
            TLSVerifyClient off
            TLSLog {Folder}/tls.log
            </IfModule>
            <IfModule mod_deflate.c>
            DeflateEngine on
            </IfModule>

            """);
        return new ProcessStartInfo(program!, ["--nodaemon", "--config", configuration]);
    }
}

/// <summary>The same, but it keeps its name to itself.</summary>
public sealed class NamelessProftpdTlsServer : ProftpdTlsServer
{
    protected override bool TellsItsName => false;
}

public sealed class VsftpdTlsContract(VsftpdTlsServer server) : FtpClientContract(server), IClassFixture<VsftpdTlsServer>;

public sealed class VsftpdTls12Contract(VsftpdTls12Server server) : FtpClientContract(server), IClassFixture<VsftpdTls12Server>;

public sealed class PyftpdlibTlsContract(PyftpdlibTlsServer server) : FtpClientContract(server), IClassFixture<PyftpdlibTlsServer>;

public sealed class ProftpdTlsContract(ProftpdTlsServer server) : FtpClientContract(server), IClassFixture<ProftpdTlsServer>;

/// <summary>A server that demands resumed sessions, and with TLS 1.3 makes that possible only once.</summary>
public sealed class SessionResumptionTests(NamelessProftpdTlsServer server) : IClassFixture<NamelessProftpdTlsServer>
{
    [Theory]
    [InlineData(FtpCompression.Auto)]
    [InlineData(FtpCompression.Always)]
    public async Task A_foreign_server_takes_and_gives_compressed_data(FtpCompression compression)
    {
        server.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var client = new FtpClient(server.Options with { Compression = compression, Tls = server.Tls with { Protocols = SslProtocols.Tls12 } });
        var content = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(number => $"line {number}\n")));
        await client.UploadAsync(new MemoryStream(content), "/z", new FtpUploadOptions { Verify = true }, cancel);
        var target = new MemoryStream();
        await client.DownloadAsync("/z", target, 0, cancel);
        Assert.Equal(content, target.ToArray());
        Assert.Contains(await client.ListAsync("/", cancel) ?? [], item => item.Name == "z" && item.Size == content.Length);
    }

    [Fact]
    public async Task A_server_that_sends_no_new_tickets_is_reached_by_the_older_tls_after_one_lost_connection()
    {
        server.Require();
        var cancel = TestContext.Current.CancellationToken;
        var lost = new List<Exception>();
        var backoff = new FtpBackoff { First = TimeSpan.FromMilliseconds(1), MaxRetries = 1, OnRetry = (exception, _) => lost.Add(exception) };
        await using var client = new FtpClient(server.Options);
        for (var number = 0; number < 4; number++)
        {
            await client.RetryAsync((self, token) => self.UploadAsync(new MemoryStream([1, 2, 3]), "/a", cancellationToken: token), backoff, cancel);
        }

        Assert.Contains("TLS 1.2", Assert.Single(lost).Message);
        Assert.Equal(SslProtocols.Tls12, client.Tls!.Protocol);

        // A new client knows.
        await using var next = new FtpClient(server.Options);
        await next.ListAsync("/", cancel);
        await next.ListAsync("/", cancel);
        Assert.Equal(SslProtocols.Tls12, next.Tls!.Protocol);
    }
}
