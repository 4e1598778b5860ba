using System.Security.Authentication;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Ftp.Tests.Contract;

public sealed class VsftpdServer() : ForeignContractServer(new Vsftpd());

/// <summary>Wants data connections to resume the session of their control connection.</summary>
public class VsftpdTlsServer() : ForeignContractServer(new Vsftpd(), new ServerWishes { Tls = ServerTls.Explicit, InsistOnTls = true });

/// <summary>The same with TLS 1.2, whose sessions are resumed in another way.</summary>
public sealed class VsftpdTls12Server : VsftpdTlsServer
{
    protected override SslProtocols Protocols => SslProtocols.Tls12;
}

public sealed class VsftpdImplicitTlsServer() : ForeignContractServer(new Vsftpd(), new ServerWishes { Tls = ServerTls.Implicit });

public sealed class PureFtpdServer() : ForeignContractServer(new PureFtpd());

public sealed class PureFtpdTlsServer() : ForeignContractServer(new PureFtpd(), new ServerWishes { Tls = ServerTls.Explicit, InsistOnTls = true });

public sealed class ProftpdServer() : ForeignContractServer(new Proftpd());

/// <summary>Wants data connections to resume the session of their control connection.</summary>
public sealed class ProftpdTlsServer() : ForeignContractServer(new Proftpd(), new ServerWishes { Tls = ServerTls.Explicit, InsistOnTls = true });

public sealed class ProftpdImplicitTlsServer() : ForeignContractServer(new Proftpd(), new ServerWishes { Tls = ServerTls.Implicit });

/// <summary>The same, but it keeps its name to itself.</summary>
public sealed class NamelessProftpdTlsServer()
    : ForeignContractServer(new Proftpd(), new ServerWishes { Tls = ServerTls.Explicit, InsistOnTls = true, MoreSettings = "ServerIdent off" });

public sealed class PyftpdlibServer() : ForeignContractServer(new Pyftpdlib());

public sealed class PyftpdlibTlsServer() : ForeignContractServer(new Pyftpdlib(), new ServerWishes { Tls = ServerTls.Explicit, InsistOnTls = true })
{
    public override bool LosesEnds => true;
}

public sealed class VsftpdContract(VsftpdServer server) : FtpClientContract(server), IClassFixture<VsftpdServer>;

public sealed class VsftpdTlsContract(VsftpdTlsServer server) : FtpClientContract(server), IClassFixture<VsftpdTlsServer>;

public sealed class VsftpdTls12Contract(VsftpdTls12Server server) : FtpClientContract(server), IClassFixture<VsftpdTls12Server>;

public sealed class VsftpdImplicitTlsContract(VsftpdImplicitTlsServer server) : FtpClientContract(server), IClassFixture<VsftpdImplicitTlsServer>;

public sealed class PureFtpdContract(PureFtpdServer server) : FtpClientContract(server), IClassFixture<PureFtpdServer>;

public sealed class PureFtpdTlsContract(PureFtpdTlsServer server) : FtpClientContract(server), IClassFixture<PureFtpdTlsServer>;

public sealed class ProftpdContract(ProftpdServer server) : FtpClientContract(server), IClassFixture<ProftpdServer>;

public sealed class ProftpdTlsContract(ProftpdTlsServer server) : FtpClientContract(server), IClassFixture<ProftpdTlsServer>;

public sealed class ProftpdImplicitTlsContract(ProftpdImplicitTlsServer server) : FtpClientContract(server), IClassFixture<ProftpdImplicitTlsServer>;

public sealed class PyftpdlibContract(PyftpdlibServer server) : FtpClientContract(server), IClassFixture<PyftpdlibServer>;

public sealed class PyftpdlibTlsContract(PyftpdlibTlsServer server) : FtpClientContract(server), IClassFixture<PyftpdlibTlsServer>;
