using System.Globalization;
using System.Net;
using System.Threading.Channels;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Web.Gateway;

namespace ActorLogArchive.Web.Audit;

/// <summary>
/// Records every change, whether a page or a program asked for it: the one place all of them pass. A question passes as it is; a method that
/// is added to the gateway does not compile before it was decided here which of the two it is.
/// </summary>
internal sealed class AuditedGateway(IArchiveGateway inner, IAuditLog audit, CurrentCaller callers, TimeProvider time) : IArchiveGateway
{
    public Task<string?> ForgetAgentAsync(string agentId, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.AgentForget, agentId, "", () => inner.ForgetAgentAsync(agentId, cancellationToken), refusal => refusal);

    public Task<object> CommandAgentAsync(FleetProtocol.CommandAgent command, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.AgentCommand, command.AgentId, Describe(command), () => inner.CommandAgentAsync(command, cancellationToken),
        answer => (answer as FleetProtocol.AgentCommandRefused)?.Reason);

    public Task<object> VerifyAgentAsync(FleetProtocol.VerifyAgent command, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.AgentCommand, command.AgentId, command.IsFull ? "verify, by content" : "verify", () => inner.VerifyAgentAsync(command, cancellationToken),
        answer => (answer as FleetProtocol.AgentCommandRefused)?.Reason);

    public Task<CatalogProtocol.CatalogStatus> RebuildCatalogAsync(CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.CatalogRebuild, "", "", () => inner.RebuildCatalogAsync(cancellationToken), _ => null);

    public Task<UserOutcome> AddUserAsync(UsersProtocol.AddUser command, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.AccountAdd, command.Name, AccountChanges.Describe(command), () => inner.AddUserAsync(command, cancellationToken), RefusalOf);

    public Task<UserOutcome> ChangeUserAsync(UsersProtocol.ChangeUser command, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.AccountChange, command.Name, AccountChanges.Describe(command), () => inner.ChangeUserAsync(command, cancellationToken), RefusalOf);

    public Task<UserOutcome> RemoveUserAsync(string name, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.AccountRemove, name, "", () => inner.RemoveUserAsync(name, cancellationToken), RefusalOf);

    public Task<bool> CloseSessionAsync(long sessionId, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.SessionKick, sessionId.ToString(CultureInfo.InvariantCulture), "", () => inner.CloseSessionAsync(sessionId, cancellationToken),
        found => found ? null : "there was no such session");

    public Task<bool> LiftBanAsync(IPAddress address, CancellationToken cancellationToken) => RecordedAsync(
        AuditActions.BanLift, address.ToString(), "", () => inner.LiftBanAsync(address, cancellationToken), found => found ? null : "there was no such ban");

    public Task<object> ExplainPathAsync(FleetProtocol.ExplainPath question, CancellationToken cancellationToken) => inner.ExplainPathAsync(question, cancellationToken);

    public Task<FleetHistoryProtocol.Timeline> GetTimelineAsync(string agentId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        inner.GetTimelineAsync(agentId, from, to, cancellationToken);

    public Task<FleetHistoryProtocol.Activity> GetActivityAsync(CancellationToken cancellationToken) => inner.GetActivityAsync(cancellationToken);

    public Task<CatalogProtocol.CatalogStatus> GetCatalogAsync(CancellationToken cancellationToken) => inner.GetCatalogAsync(cancellationToken);

    public Task<IReadOnlyList<FleetProtocol.AgentView>> GetAgentsAsync(CancellationToken cancellationToken) => inner.GetAgentsAsync(cancellationToken);

    public Task<IReadOnlyList<UsersProtocol.UserAccount>> GetUsersAsync(CancellationToken cancellationToken) => inner.GetUsersAsync(cancellationToken);

    // Recorded by WebSignIn, which knows how they came in and whether they were let try at all.
    public Task<UsersProtocol.WebAccount?> CheckWebSignInAsync(string name, string password, CancellationToken cancellationToken) =>
        inner.CheckWebSignInAsync(name, password, cancellationToken);

    public Task<IReadOnlyList<FtpSessionInfo>> GetSessionsAsync(CancellationToken cancellationToken) => inner.GetSessionsAsync(cancellationToken);

    public Task<IReadOnlyList<FtpBan>> GetBansAsync(CancellationToken cancellationToken) => inner.GetBansAsync(cancellationToken);

    public Task<FtpServerProtocol.FtpServerStatus> GetFtpStatusAsync(CancellationToken cancellationToken) => inner.GetFtpStatusAsync(cancellationToken);

    public Task SubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel) => inner.SubscribeAsync(channel);

    public Task UnsubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel) => inner.UnsubscribeAsync(channel);

    public Task AnnounceStopAsync() => inner.AnnounceStopAsync();

    private static string? RefusalOf(UserOutcome outcome) => outcome.Rejection?.Reason;

    private static string Describe(FleetProtocol.CommandAgent command) =>
        command.Kind.ToString().ToLowerInvariant() + (command.BytesPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $" {rate} bytes/s") : "");

    private async Task<T> RecordedAsync<T>(string action, string subject, string detail, Func<Task<T>> change, Func<T, string?> refusalOf)
    {
        var caller = callers.Value;
        try
        {
            var result = await change();
            var refusal = refusalOf(result);
            await audit.RecordAsync(caller.Entry(
                time.GetUtcNow(), action, subject, refusal is null ? AuditOutcome.Done : AuditOutcome.Refused, Joined(detail, refusal)));
            return result;
        }
        catch (Exception failure)
        {
            // It may have been done all the same: the answer is what is missing.
            var outcome = failure is OperationCanceledException ? AuditOutcome.Aborted : AuditOutcome.Failed;
            await audit.RecordAsync(caller.Entry(time.GetUtcNow(), action, subject, outcome, Joined(detail, failure.Message)));
            throw;
        }
    }

    internal static string Joined(string detail, string? reason) => reason is null ? detail : detail.Length == 0 ? reason : $"{detail}: {reason}";
}
