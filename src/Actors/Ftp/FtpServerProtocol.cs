using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>Messages of <see cref="FtpServerActor"/>.</summary>
public static class FtpServerProtocol
{
    /// <summary>Asks for <see cref="SessionList"/>.</summary>
    public sealed record GetSessions
    {
        /// <summary>The only one.</summary>
        public static readonly GetSessions Instance = new();
    }

    /// <summary>Open sessions.</summary>
    public sealed record SessionList(IReadOnlyList<FtpSessionInfo> Sessions);

    /// <summary>Ends a session. Answered by <see cref="SessionClosed"/>.</summary>
    public sealed record CloseSession(long SessionId);

    /// <summary>Whether there was such a session.</summary>
    public sealed record SessionClosed(long SessionId, bool Found);

    /// <summary>Asks for <see cref="BanList"/>.</summary>
    public sealed record GetBans
    {
        /// <summary>The only one.</summary>
        public static readonly GetBans Instance = new();
    }

    /// <summary>Addresses that may not sign in now.</summary>
    public sealed record BanList(IReadOnlyList<FtpBan> Bans);

    /// <summary>Ends a ban. Answered by <see cref="BanLifted"/>.</summary>
    public sealed record LiftBan(System.Net.IPAddress Address);

    /// <summary>Whether there was such a ban.</summary>
    public sealed record BanLifted(System.Net.IPAddress Address, bool Found);

    /// <summary>Asks for <see cref="FtpServerStatus"/>.</summary>
    public sealed record GetStatus
    {
        /// <summary>The only one.</summary>
        public static readonly GetStatus Instance = new();
    }

    /// <summary>Whether the server listens, where, and why not.</summary>
    public sealed record FtpServerStatus(bool Listening, System.Net.IPEndPoint? EndPoint, string? Error);

    /// <summary>Stops the server in good order: no new sessions, transfers may end. Answered by <see cref="ServerStopped"/>.</summary>
    public sealed record StopServer
    {
        /// <summary>The only one.</summary>
        public static readonly StopServer Instance = new();
    }

    /// <summary>Asks to be answered by <see cref="EventsTold"/> once everything that clients were answered until now is on the event stream.</summary>
    public sealed record TellEvents(long Id);

    /// <summary>Everything that happened before <see cref="TellEvents"/> is on the event stream.</summary>
    public sealed record EventsTold(long Id);

    /// <summary>The server has stopped and does not start again.</summary>
    public sealed record ServerStopped;

    /// <summary>
    /// Published on the event stream: older content of <paramref name="From"/> was kept under the name
    /// <paramref name="To"/>, because other content is about to take its place. Told the other way round when the new
    /// content turns out to be a continuation of the older, or is discarded.
    /// </summary>
    public sealed record FileSetAside(FtpPath From, FtpPath To);
}
