namespace ActorLogArchive.Ftp.Tests.Contract;

public sealed class VsftpdContract(VsftpdServer server) : FtpClientContract(server), IClassFixture<VsftpdServer>;

public sealed class PyftpdlibContract(PyftpdlibServer server) : FtpClientContract(server), IClassFixture<PyftpdlibServer>;

public sealed class PureFtpdContract(PureFtpdServer server) : FtpClientContract(server), IClassFixture<PureFtpdServer>;

public sealed class ProftpdContract(ProftpdServer server) : FtpClientContract(server), IClassFixture<ProftpdServer>;
