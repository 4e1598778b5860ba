using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Web.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// The archive as one account may see and use it: the only <see cref="IArchiveGateway"/> that requests and circuits get. Other agents than
/// those of the scope do not exist in it. A new method of the interface has to say here who may call it, or nothing compiles.
/// </summary>
public sealed class ScopedArchiveGateway([FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway archive, CurrentAccess current) : IArchiveGateway
{
    /// <summary>Key of the services that judge nobody: for the sign-in itself, and for what tells no agent's name.</summary>
    public const string Bare = "bare";

    private readonly ConditionalWeakTable<ChannelWriter<BridgeProtocol.LiveEvent>, ScopedEvents> _feeds = [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FleetProtocol.AgentView>> GetAgentsAsync(CancellationToken cancellationToken)
    {
        var scope = current.Demand(WebRole.Viewer).Scope;
        var agents = await archive.GetAgentsAsync(cancellationToken);
        return scope.IsAll ? agents : [.. agents.Where(agent => scope.Allows(agent.AgentId))];
    }

    /// <inheritdoc/>
    public Task<string?> ForgetAgentAsync(string agentId, CancellationToken cancellationToken) =>
        current.Demand(WebRole.Operator).Scope.Allows(agentId)
            ? archive.ForgetAgentAsync(agentId, cancellationToken)
            : Task.FromResult<string?>(NoSuchAgent(agentId));

    /// <inheritdoc/>
    public Task<object> CommandAgentAsync(FleetProtocol.CommandAgent command, CancellationToken cancellationToken) =>
        current.Demand(WebRole.Operator).Scope.Allows(command.AgentId)
            ? archive.CommandAgentAsync(command, cancellationToken)
            : Task.FromResult<object>(new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unknown, NoSuchAgent(command.AgentId)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<UsersProtocol.UserAccount>> GetUsersAsync(CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Admin);
        return archive.GetUsersAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<UserOutcome> AddUserAsync(UsersProtocol.AddUser command, CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Admin);
        return archive.AddUserAsync(command, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<UserOutcome> ChangeUserAsync(UsersProtocol.ChangeUser command, CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Admin);
        return archive.ChangeUserAsync(command, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<UserOutcome> RemoveUserAsync(string name, CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Admin);
        return archive.RemoveUserAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<UsersProtocol.WebAccount?> CheckWebSignInAsync(string name, string password, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("passwords are checked by WebSignIn, which slows guessing down");

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FtpSessionInfo>> GetSessionsAsync(CancellationToken cancellationToken)
    {
        var scope = current.Demand(WebRole.Viewer).Scope;
        var sessions = await archive.GetSessionsAsync(cancellationToken);
        return scope.IsAll ? sessions : [.. sessions.Where(session => IsOf(scope, session)).Select(session => Visible(scope, session))];
    }

    /// <inheritdoc/>
    public async Task<bool> CloseSessionAsync(long sessionId, CancellationToken cancellationToken)
    {
        var scope = current.Demand(WebRole.Operator).Scope;
        return (scope.IsAll || (await archive.GetSessionsAsync(cancellationToken)).Any(session => session.Id == sessionId && IsOf(scope, session)))
            && await archive.CloseSessionAsync(sessionId, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FtpBan>> GetBansAsync(CancellationToken cancellationToken) =>
        // An address belongs to no agent in particular.
        current.Demand(WebRole.Viewer).Scope.IsAll ? await archive.GetBansAsync(cancellationToken) : [];

    /// <inheritdoc/>
    public async Task<bool> LiftBanAsync(IPAddress address, CancellationToken cancellationToken) =>
        current.Demand(WebRole.Operator).Scope.IsAll && await archive.LiftBanAsync(address, cancellationToken);

    /// <inheritdoc/>
    public Task<FtpServerProtocol.FtpServerStatus> GetFtpStatusAsync(CancellationToken cancellationToken) => archive.GetFtpStatusAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel)
    {
        current.Demand(WebRole.Viewer);
        var scoped = new ScopedEvents(channel, current);
        _feeds.AddOrUpdate(channel, scoped);
        return archive.SubscribeAsync(scoped);
    }

    /// <inheritdoc/>
    public Task<object> ExplainPathAsync(FleetProtocol.ExplainPath question, CancellationToken cancellationToken) =>
        current.Demand(WebRole.Viewer).Scope.Allows(question.AgentId)
            ? archive.ExplainPathAsync(question, cancellationToken)
            : Task.FromResult<object>(new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unknown, NoSuchAgent(question.AgentId)));

    /// <inheritdoc/>
    public Task<object> VerifyAgentAsync(FleetProtocol.VerifyAgent command, CancellationToken cancellationToken) =>
        current.Demand(WebRole.Operator).Scope.Allows(command.AgentId)
            ? archive.VerifyAgentAsync(command, cancellationToken)
            : Task.FromResult<object>(new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unknown, NoSuchAgent(command.AgentId)));

    /// <inheritdoc/>
    public Task<FleetHistoryProtocol.Timeline> GetTimelineAsync(string agentId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        current.Demand(WebRole.Viewer).Scope.Allows(agentId)
            ? archive.GetTimelineAsync(agentId, from, to, cancellationToken)
            : Task.FromResult(new FleetHistoryProtocol.Timeline(agentId, from, to, []));

    /// <inheritdoc/>
    public async Task<FleetHistoryProtocol.Activity> GetActivityAsync(CancellationToken cancellationToken)
    {
        var scope = current.Demand(WebRole.Viewer).Scope;
        var activity = await archive.GetActivityAsync(cancellationToken);
        if (scope.IsAll)
            return activity;

        // What is known of all agents together only, is not for those who may not see them all.
        var rates = activity.Rates.Where(agent => scope.Allows(agent.Key)).ToDictionary();
        return activity with
        {
            FilesToday = null,
            BytesToday = null,
            BytesPerSecond = rates.Values.Sum(agent => agent.Count > 0 ? agent[^1] : 0),
            Minutes = [],
            Rates = rates,
            Events = [.. activity.Events.Where(happened => scope.Allows(happened.AgentId))],
            StorageFree = null,
            StorageTotal = null,
        };
    }

    /// <inheritdoc/>
    public Task<CatalogProtocol.CatalogStatus> GetCatalogAsync(CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Viewer);
        return archive.GetCatalogAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<CatalogProtocol.CatalogStatus> RebuildCatalogAsync(CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Operator);
        return archive.RebuildCatalogAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task AnnounceStopAsync()
    {
        // The archive itself does it, by the bare one.
        current.Demand(WebRole.Admin);
        return archive.AnnounceStopAsync();
    }

    /// <inheritdoc/>
    public Task UnsubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel) =>
        _feeds.TryGetValue(channel, out var scoped) ? archive.UnsubscribeAsync(scoped) : Task.CompletedTask;

    // An agent signs in with an account of its own name.
    private static bool IsOf(AgentScope scope, FtpSessionInfo session) => session.Account is { } account && scope.Allows(account);

    // An account's home may lie elsewhere: where it is at work is then not for this scope.
    private static FtpSessionInfo Visible(AgentScope scope, FtpSessionInfo session) =>
        session.CurrentPath is { } path && !scope.AllowsPath(path.Value, out _) ? session with { CurrentPath = null } : session;

    private static string NoSuchAgent(string id) => $"there is no agent '{id}'";
}
