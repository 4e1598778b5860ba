using System.Net;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server;

/// <summary>An FTP server (RFC 959, 1123, 2389, 2428, 2640, 3659, draft-bryan-ftpext-hash).</summary>
public sealed class FtpServer(FtpServerOptions options, IFtpAuthenticator authenticator, IFtpStorage storage, IFtpServerObserver? observer = null) : IAsyncDisposable
{
    private readonly (FtpServerOptions, IFtpAuthenticator, IFtpStorage, IFtpServerObserver?) _seams = (options, authenticator, storage, observer);

    /// <summary>The address bound; the port is the real one when 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => _seams.Item1.Listen;

    /// <summary>Completes when the server has stopped: faulted when it failed by itself.</summary>
    public Task Completion => throw new NotImplementedException();

    /// <summary>Sessions now.</summary>
    public IReadOnlyList<FtpSessionInfo> Sessions => throw new NotImplementedException();

    /// <summary>Binds and begins to accept.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be bound.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Stops accepting, lets transfers run for <paramref name="drain"/>, then closes every session with 421.</summary>
    public Task StopAsync(TimeSpan drain) => throw new NotImplementedException();

    /// <summary>Applies changed permissions, home and limits to the account's open sessions and running transfers.</summary>
    public void ApplyAccount(FtpAccount account) => throw new NotImplementedException();

    /// <summary>Ends all sessions of an account.</summary>
    /// <returns>How many.</returns>
    public int CloseSessions(string account, string reason) => throw new NotImplementedException();

    /// <summary>Ends one session.</summary>
    /// <returns>False when there is none of this id.</returns>
    public bool CloseSession(long sessionId, string reason) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
