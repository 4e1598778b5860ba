using System.Net;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>The archive's FTP server over its append-only storage, for any number of agents, each in a folder of its own, with TLS for those who ask for it.</summary>
internal sealed class ModelArchive : IAsyncDisposable, IFtpAuthenticator, IFtpServerObserver, IFirstArchivingTimes
{
    private readonly TemporaryFolder _tree = new();
    private readonly TemporaryFolder _keys = new();
    private readonly FtpServerCertificate _certificate;
    private readonly DirectoryStorage _directory;
    private readonly FtpServer _server;

    private ModelArchive()
    {
        _directory = new DirectoryStorage(_tree.Path);
        _certificate = FtpServerCertificate.SelfSigned(Path.Combine(_keys.Path, "ftp.pem"), "localhost");
        _server = new FtpServer(
            new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), MaxSessions = 1000, Tls = new FtpServerTls(_certificate) }, this, new ArchiveStorage(_directory, this, _ => { }), this);
    }

    public static async Task<ModelArchive> StartAsync()
    {
        var archive = new ModelArchive();
        await archive._server.StartAsync(TestContext.Current.CancellationToken);
        return archive;
    }

    /// <summary>Called with what the server did, on its thread and before the client goes on from there or beside it.</summary>
    public Action<FtpServerEvent> OnEvent { get; set; } = _ => { };

    public string TreeOf(string agent) => Path.Combine(_tree.Path, agent);

    /// <param name="agent">Its name.</param>
    /// <param name="encrypted">Whether it asks for TLS, with which files come in blocks over data connections that stay.</param>
    public IArchiveTransport NewTransport(string agent, bool encrypted) => new FtpArchiveTransport(new FtpClientOptions
    {
        Host = "127.0.0.1",
        Port = _server.LocalEndPoint.Port,
        UserName = agent,
        Password = "secret",
        Tls = new FtpTlsOptions { Mode = encrypted ? FtpTlsMode.Require : FtpTlsMode.Off, Fingerprints = [_certificate.Fingerprint] },
    });

    public ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken) => ValueTask.FromResult(
        FtpSignInResult.Accepted(new FtpAccount(attempt.UserName, FtpPath.Parse($"/{attempt.UserName}"), FtpPermissions.All)));

    void IFtpServerObserver.OnEvent(FtpServerEvent serverEvent) => OnEvent(serverEvent);

    ValueTask<DateTimeOffset?> IFirstArchivingTimes.GetFirstArchivedAsync(FtpPath path, CancellationToken cancellationToken) => default;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
        _tree.Dispose();
        _keys.Dispose();
    }
}
