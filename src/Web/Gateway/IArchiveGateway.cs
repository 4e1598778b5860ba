using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Web.Gateway;

/// <summary>
/// What pages and endpoints ask the running archive. Every call ends within a bounded time; a part that does not answer
/// is an <see cref="ArchiveUnavailableException"/>. Archived content is read through <see cref="ArchiveContent"/>.
/// </summary>
public interface IArchiveGateway
{
    /// <summary>All agents ever seen, by id.</summary>
    Task<IReadOnlyList<FleetProtocol.AgentView>> GetAgentsAsync(CancellationToken cancellationToken);

    /// <summary>Forgets an agent that is gone.</summary>
    /// <returns>Null when done, otherwise why not.</returns>
    Task<string?> ForgetAgentAsync(string agentId, CancellationToken cancellationToken);

    /// <summary>Has an agent do something.</summary>
    /// <returns><see cref="FleetProtocol.AgentCommandDone"/> or <see cref="FleetProtocol.AgentCommandRefused"/>.</returns>
    Task<object> CommandAgentAsync(FleetProtocol.CommandAgent command, CancellationToken cancellationToken);

    /// <summary>Has an agent explain a file of its node.</summary>
    /// <returns><see cref="FleetProtocol.PathExplained"/> or <see cref="FleetProtocol.AgentCommandRefused"/>.</returns>
    Task<object> ExplainPathAsync(FleetProtocol.ExplainPath question, CancellationToken cancellationToken);

    /// <summary>Has an agent compare its files with the archive; how it goes on is in the agent's reports.</summary>
    /// <returns><see cref="FleetProtocol.VerificationStarted"/> or <see cref="FleetProtocol.AgentCommandRefused"/>.</returns>
    Task<object> VerifyAgentAsync(FleetProtocol.VerifyAgent command, CancellationToken cancellationToken);

    /// <summary>How an agent was; no spans when nothing is known of it.</summary>
    Task<FleetHistoryProtocol.Timeline> GetTimelineAsync(string agentId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>What comes in: today, now, by the minute and by agent; and the latest events.</summary>
    Task<FleetHistoryProtocol.Activity> GetActivityAsync(CancellationToken cancellationToken);

    /// <summary>All FTP accounts, by name.</summary>
    Task<IReadOnlyList<UsersProtocol.UserAccount>> GetUsersAsync(CancellationToken cancellationToken);

    /// <summary>Adds an account.</summary>
    Task<UserOutcome> AddUserAsync(UsersProtocol.AddUser command, CancellationToken cancellationToken);

    /// <summary>Changes an account.</summary>
    Task<UserOutcome> ChangeUserAsync(UsersProtocol.ChangeUser command, CancellationToken cancellationToken);

    /// <summary>Removes an account and ends its sessions.</summary>
    Task<UserOutcome> RemoveUserAsync(string name, CancellationToken cancellationToken);

    /// <summary>Checks a web sign-in.</summary>
    /// <returns>The account, or null when name or password is wrong.</returns>
    Task<UsersProtocol.WebAccount?> CheckWebSignInAsync(string name, string password, CancellationToken cancellationToken);

    /// <summary>Open FTP sessions.</summary>
    Task<IReadOnlyList<FtpSessionInfo>> GetSessionsAsync(CancellationToken cancellationToken);

    /// <summary>Ends an FTP session.</summary>
    /// <returns>False when there is none of this id.</returns>
    Task<bool> CloseSessionAsync(long sessionId, CancellationToken cancellationToken);

    /// <summary>Addresses that may not sign in over FTP now.</summary>
    Task<IReadOnlyList<FtpBan>> GetBansAsync(CancellationToken cancellationToken);

    /// <summary>Ends the ban of an address.</summary>
    /// <returns>False when there is none.</returns>
    Task<bool> LiftBanAsync(System.Net.IPAddress address, CancellationToken cancellationToken);

    /// <summary>Whether the FTP server listens.</summary>
    Task<FtpServerProtocol.FtpServerStatus> GetFtpStatusAsync(CancellationToken cancellationToken);

    /// <summary>How far the catalog is with the tree.</summary>
    Task<CatalogProtocol.CatalogStatus> GetCatalogAsync(CancellationToken cancellationToken);

    /// <summary>Has the whole tree compared with the catalog, while everything goes on; one comparison that runs already goes on.</summary>
    Task<CatalogProtocol.CatalogStatus> RebuildCatalogAsync(CancellationToken cancellationToken);

    /// <summary>Sends every change to <paramref name="channel"/> until <see cref="UnsubscribeAsync"/>.</summary>
    Task SubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel);

    /// <summary>Tells all who subscribed that the archive is about to stop.</summary>
    Task AnnounceStopAsync();

    /// <summary>Ends a subscription.</summary>
    Task UnsubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel);
}

/// <summary>How a command on an account ended: the account as it is now, or the refusal. A removal done has neither.</summary>
public sealed record UserOutcome(UsersProtocol.UserAccount? User, UsersProtocol.UserRejected? Rejection);
