using System.Net;
using System.Security.Authentication;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>Our own server, over a storage.</summary>
public abstract class OwnServer : ContractServer
{
    private FtpServer? _server;

    public override bool IsOurs => true;

    /// <summary>What it offers of TLS.</summary>
    protected virtual FtpServerTls? ServerTls => null;

    protected abstract IFtpStorage OpenStorage();

    public override async ValueTask InitializeAsync()
    {
        var account = new FtpAccount(Account.Name, FtpPath.Root, FtpPermissions.All);
        var options = new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), FailedSignInDelay = TimeSpan.Zero, Tls = ServerTls };
        _server = new FtpServer(options, new AccountTableAuthenticator().Set(account, Account.Password), OpenStorage());
        await _server.StartAsync(TestContext.Current.CancellationToken);
        Port = _server.LocalEndPoint.Port;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            try
            {
                await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            }
            catch (TimeoutException exception)
            {
                throw new InvalidOperationException($"The server does not stop; its sessions: {string.Join("; ", server.Sessions)}", exception);
            }
        }

        GC.SuppressFinalize(this);
    }
}

/// <summary>Our own server, keeping files in memory.</summary>
public sealed class OwnMemoryServer : OwnServer
{
    protected override IFtpStorage OpenStorage() => new MemoryStorage();
}

/// <summary>Our own server, keeping files in a folder.</summary>
public sealed class OwnDirectoryServer : OwnServer
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftp-contract-").FullName;
    private DirectoryStorage? _storage;

    protected override IFtpStorage OpenStorage() => _storage = new DirectoryStorage(_folder);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _storage?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Our own server, with everything encrypted.</summary>
public class OwnTlsServer : OwnServer
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftp-contract-").FullName;
    private readonly FtpServerCertificate _certificate;

    public OwnTlsServer() => _certificate = FtpServerCertificate.SelfSigned(Path.Combine(_folder, "server.pem"), "localhost");

    public override FtpTlsOptions Tls => new() { Mode = FtpTlsMode.Require, Fingerprints = [_certificate.Fingerprint] };

    protected override FtpServerTls? ServerTls => new(_certificate) { RequireControl = true, RequireData = true };

    protected override IFtpStorage OpenStorage() => new MemoryStorage();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

/// <summary>The same with the older version of TLS.</summary>
public sealed class OwnTls12Server : OwnTlsServer
{
    public override FtpTlsOptions Tls => base.Tls with { Protocols = SslProtocols.Tls12 };
}

/// <summary>Our own server, with everything encrypted and compressed.</summary>
public sealed class OwnCompressedTlsServer : OwnTlsServer
{
    public override FtpCompression Compression => FtpCompression.Auto;
}

/// <summary>Our own server, with everything compressed.</summary>
public sealed class OwnCompressedServer : OwnServer
{
    public override FtpCompression Compression => FtpCompression.Auto;

    protected override IFtpStorage OpenStorage() => new MemoryStorage();
}

public sealed class OwnCompressedTlsContract(OwnCompressedTlsServer server) : FtpClientContract(server), IClassFixture<OwnCompressedTlsServer>;

public sealed class OwnCompressedContract(OwnCompressedServer server) : FtpClientContract(server), IClassFixture<OwnCompressedServer>;

public sealed class OwnTlsContract(OwnTlsServer server) : FtpClientContract(server), IClassFixture<OwnTlsServer>;

public sealed class OwnTls12Contract(OwnTls12Server server) : FtpClientContract(server), IClassFixture<OwnTls12Server>;

public sealed class OwnMemoryContract(OwnMemoryServer server) : FtpClientContract(server), IClassFixture<OwnMemoryServer>;

public sealed class OwnDirectoryContract(OwnDirectoryServer server) : FtpClientContract(server), IClassFixture<OwnDirectoryServer>;
