using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Web.Gateway;

/// <summary>Asks the actors, each question bounded by <see cref="AskTimeout"/>.</summary>
public sealed class ActorArchiveGateway(
    IRequiredActor<FleetActor> fleet,
    IRequiredActor<UserRegistryActor> users,
    IRequiredActor<FtpServerActor> ftp,
    IRequiredActor<WebBridgeActor> bridge,
    IRequiredActor<CatalogActor> catalog,
    IRequiredActor<FleetHistoryActor> history) : IArchiveGateway
{
    /// <summary>Longest wait for an answer. Password hashing on a busy machine is the slowest of them.</summary>
    public static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FleetProtocol.AgentView>> GetAgentsAsync(CancellationToken cancellationToken) =>
        (await AskAsync<FleetActor, FleetProtocol.FleetView>(fleet, FleetProtocol.GetFleet.Instance, "agent overview", cancellationToken)).Agents;

    /// <inheritdoc/>
    public async Task<string?> ForgetAgentAsync(string agentId, CancellationToken cancellationToken) =>
        await AskAsync<FleetActor, object>(fleet, new FleetProtocol.ForgetAgent(agentId), "agent overview", cancellationToken) switch
        {
            FleetProtocol.AgentForgotten => null,
            FleetProtocol.AgentNotForgotten refused => refused.Reason,
            var other => throw Unexpected("agent overview", other),
        };

    /// <inheritdoc/>
    public Task<object> CommandAgentAsync(FleetProtocol.CommandAgent command, CancellationToken cancellationToken) =>
        AskAsync<FleetActor, object>(fleet, command, "agent overview", cancellationToken);

    /// <inheritdoc/>
    public Task<object> ExplainPathAsync(FleetProtocol.ExplainPath question, CancellationToken cancellationToken) =>
        AskAsync<FleetActor, object>(fleet, question, "agent overview", cancellationToken);

    /// <inheritdoc/>
    public Task<object> VerifyAgentAsync(FleetProtocol.VerifyAgent command, CancellationToken cancellationToken) =>
        AskAsync<FleetActor, object>(fleet, command, "agent overview", cancellationToken);

    /// <inheritdoc/>
    public Task<FleetHistoryProtocol.Timeline> GetTimelineAsync(string agentId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        AskAsync<FleetHistoryActor, FleetHistoryProtocol.Timeline>(history, new FleetHistoryProtocol.GetTimeline(agentId, from, to), "history", cancellationToken);

    /// <inheritdoc/>
    public Task<FleetHistoryProtocol.Activity> GetActivityAsync(CancellationToken cancellationToken) =>
        AskAsync<FleetHistoryActor, FleetHistoryProtocol.Activity>(history, FleetHistoryProtocol.GetActivity.Instance, "history", cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<UsersProtocol.UserAccount>> GetUsersAsync(CancellationToken cancellationToken) =>
        (await AskAsync<UserRegistryActor, UsersProtocol.UserList>(users, UsersProtocol.GetUsers.Instance, "account registry", cancellationToken)).Users;

    /// <inheritdoc/>
    public Task<UserOutcome> AddUserAsync(UsersProtocol.AddUser command, CancellationToken cancellationToken) => ChangeAsync(command, cancellationToken);

    /// <inheritdoc/>
    public Task<UserOutcome> ChangeUserAsync(UsersProtocol.ChangeUser command, CancellationToken cancellationToken) => ChangeAsync(command, cancellationToken);

    /// <inheritdoc/>
    public Task<UserOutcome> RemoveUserAsync(string name, CancellationToken cancellationToken) => ChangeAsync(new UsersProtocol.RemoveUser(name), cancellationToken);

    /// <inheritdoc/>
    public async Task<UsersProtocol.WebAccount?> CheckWebSignInAsync(string name, string password, CancellationToken cancellationToken) =>
        (await AskAsync<UserRegistryActor, UsersProtocol.WebSignInResult>(users, new UsersProtocol.CheckWebSignIn(name, password), "account registry", cancellationToken)).Account;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FtpSessionInfo>> GetSessionsAsync(CancellationToken cancellationToken) =>
        (await AskAsync<FtpServerActor, FtpServerProtocol.SessionList>(ftp, FtpServerProtocol.GetSessions.Instance, "FTP server", cancellationToken)).Sessions;

    /// <inheritdoc/>
    public async Task<bool> CloseSessionAsync(long sessionId, CancellationToken cancellationToken) =>
        (await AskAsync<FtpServerActor, FtpServerProtocol.SessionClosed>(ftp, new FtpServerProtocol.CloseSession(sessionId), "FTP server", cancellationToken)).Found;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FtpBan>> GetBansAsync(CancellationToken cancellationToken) =>
        (await AskAsync<FtpServerActor, FtpServerProtocol.BanList>(ftp, FtpServerProtocol.GetBans.Instance, "FTP server", cancellationToken)).Bans;

    /// <inheritdoc/>
    public async Task<bool> LiftBanAsync(System.Net.IPAddress address, CancellationToken cancellationToken) =>
        (await AskAsync<FtpServerActor, FtpServerProtocol.BanLifted>(ftp, new FtpServerProtocol.LiftBan(address), "FTP server", cancellationToken)).Found;

    /// <inheritdoc/>
    public Task<FtpServerProtocol.FtpServerStatus> GetFtpStatusAsync(CancellationToken cancellationToken) =>
        AskAsync<FtpServerActor, FtpServerProtocol.FtpServerStatus>(ftp, FtpServerProtocol.GetStatus.Instance, "FTP server", cancellationToken);

    /// <inheritdoc/>
    public Task<CatalogProtocol.CatalogStatus> GetCatalogAsync(CancellationToken cancellationToken) =>
        AskAsync<CatalogActor, CatalogProtocol.CatalogStatus>(catalog, CatalogProtocol.GetStatus.Instance, "catalog", cancellationToken);

    /// <inheritdoc/>
    public Task<CatalogProtocol.CatalogStatus> RebuildCatalogAsync(CancellationToken cancellationToken) =>
        AskAsync<CatalogActor, CatalogProtocol.CatalogStatus>(catalog, CatalogProtocol.Reconcile.Instance, "catalog", cancellationToken);

    /// <inheritdoc/>
    public async Task SubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel) =>
        (await FindAsync(bridge, "live feed", CancellationToken.None)).Tell(new BridgeProtocol.Subscribe(channel), ActorRefs.NoSender);

    /// <inheritdoc/>
    public async Task UnsubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel) =>
        (await FindAsync(bridge, "live feed", CancellationToken.None)).Tell(new BridgeProtocol.Unsubscribe(channel), ActorRefs.NoSender);

    /// <inheritdoc/>
    public async Task AnnounceStopAsync() =>
        (await FindAsync(bridge, "live feed", CancellationToken.None)).Tell(BridgeProtocol.AnnounceStop.Instance, ActorRefs.NoSender);

    private async Task<UserOutcome> ChangeAsync(object command, CancellationToken cancellationToken) =>
        await AskAsync<UserRegistryActor, object>(users, command, "account registry", cancellationToken) switch
        {
            UsersProtocol.UserSaved saved => new UserOutcome(saved.User, null),
            UsersProtocol.UserRemoved => new UserOutcome(null, null),
            UsersProtocol.UserRejected rejected => new UserOutcome(null, rejected),
            var other => throw Unexpected("account registry", other),
        };

    internal static async Task<TAnswer> AskAsync<TActor, TAnswer>(IRequiredActor<TActor> actor, object question, string part, CancellationToken cancellationToken)
    {
        var target = await FindAsync(actor, part, cancellationToken);
        try
        {
            return await target.Ask<TAnswer>(question, AskTimeout, cancellationToken);
        }
        catch (AskTimeoutException timeout)
        {
            throw new ArchiveUnavailableException($"The {part} did not answer within {AskTimeout.TotalSeconds:0} seconds.", timeout);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new ArchiveUnavailableException($"The {part} failed: {failure.Message}", failure);
        }
    }

    // The registry waits for an actor that is not there yet, as during the archive's start: that wait is bounded too.
    private static async Task<IActorRef> FindAsync<TActor>(IRequiredActor<TActor> actor, string part, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(AskTimeout);
        try
        {
            return await actor.GetAsync(bounded.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ArchiveUnavailableException($"The {part} is not running yet.");
        }
    }

    internal static ArchiveUnavailableException Unexpected(string part, object answer) =>
        new($"The {part} gave an answer that is not understood: {answer.GetType().Name}.");
}
