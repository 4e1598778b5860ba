using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Tests.Storage;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>A server that others wrote, as a program of its own.</summary>
public abstract class ForeignContractServer(IServerProgram program, ServerWishes? wishes = null) : ContractServer
{
    private readonly TemporaryFolder _folder = new();
    private ForeignServer? _server;

    public override string Home => _server?.Start.Home ?? "/";

    public override (string Name, string Password) Account => _server is { } server ? (server.Start.UserName, server.Start.Password) : base.Account;

    public override FtpTlsOptions Tls => _server?.Site.CertificateFile is { } certificate
        ? new FtpTlsOptions
        {
            Mode = wishes!.Tls == ServerTls.Implicit ? FtpTlsMode.Implicit : FtpTlsMode.Require,
            Fingerprints = [FtpFingerprint.Of(X509CertificateLoader.LoadCertificateFromFile(certificate))],
            Protocols = Protocols,
        }
        : base.Tls;

    /// <summary>Versions of TLS that clients offer.</summary>
    protected virtual SslProtocols Protocols => new FtpTlsOptions().Protocols;

    public override async ValueTask InitializeAsync()
    {
        Missing = program.WhyNot(wishes?.Tls ?? ServerTls.None);
        if (Missing is null)
        {
            _server = await ForeignServer.StartAsync(program, _folder.Path, wishes);
            Port = _server.Site.Port;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
