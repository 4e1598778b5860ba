using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.AgentNode;

/// <summary>Makes the transports that connections use, from the FTP settings.</summary>
internal static class FtpTransports
{
    public static Func<IArchiveTransport> From(AgentFtpSettings settings)
    {
        var options = new FtpClientOptions
        {
            Host = settings.Host,
            Port = settings.Port,
            UserName = settings.User,
            Password = settings.Password,
            ConnectTimeout = settings.ConnectTimeout,
            ReplyTimeout = settings.ReplyTimeout,
            StallTimeout = settings.ReplyTimeout,
        };
        return () => new FtpArchiveTransport(options);
    }
}
