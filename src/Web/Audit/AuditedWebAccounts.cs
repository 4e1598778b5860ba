using System.Globalization;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;
using static ActorLogArchive.Actors.Users.Web.WebUsersProtocol;

namespace ActorLogArchive.Web.Audit;

/// <summary>
/// Records every change of web accounts and tokens, whether a page or a program asked for it. Sign-ins, the code of a second factor among them, are
/// recorded by <see cref="Security.WebSignIn"/>.
/// </summary>
internal sealed class AuditedWebAccounts(IWebAccounts inner, IAuditLog audit, CurrentCaller callers, TimeProvider time) : IWebAccounts
{
    public Task<WebUserList> GetAsync(CancellationToken cancellationToken) => inner.GetAsync(cancellationToken);

    public Task<ApiToken?> CheckTokenAsync(string text, CancellationToken cancellationToken) => inner.CheckTokenAsync(text, cancellationToken);

    public async Task<WebOutcome> DoAsync(IWebCommand command, CancellationToken cancellationToken)
    {
        if (command is UseCode)
            return await inner.DoAsync(command, cancellationToken);

        var caller = callers.Value;
        var (action, detail) = Describe(command);
        try
        {
            var outcome = await inner.DoAsync(command, cancellationToken);
            await audit.RecordAsync(caller.Entry(
                time.GetUtcNow(), action, command.Subject, outcome.Rejection is null ? AuditOutcome.Done : AuditOutcome.Refused, AuditedGateway.Joined(detail, outcome.Rejection?.Reason)));
            return outcome;
        }
        catch (Exception failure)
        {
            await audit.RecordAsync(caller.Entry(time.GetUtcNow(), action, command.Subject, AuditOutcome.Failed, AuditedGateway.Joined(detail, failure.Message)));
            throw;
        }
    }

    private static (string Action, string Detail) Describe(IWebCommand command) => command switch
    {
        AddWebUser add => (AuditActions.WebAccountAdd, $"role {add.Role}{Scope(add.Agents)}"),
        ChangeWebUser change => (AuditActions.WebAccountChange, Changes(change)),
        SetWebPassword set => (AuditActions.WebAccountPassword, set.MustChange ? "one-time" : ""),
        RemoveWebUser => (AuditActions.WebAccountRemove, ""),
        EnableTotp => (AuditActions.WebAccountTotp, "on"),
        DisableTotp => (AuditActions.WebAccountTotp, "off"),
        MakeToken made => (AuditActions.TokenMake, string.Create(CultureInfo.InvariantCulture, $"'{made.Name}' of {made.Owner}, role {made.Role}{Scope(made.Agents)}, expires {made.ExpiresAt:u}")),
        RevokeToken => (AuditActions.TokenRevoke, ""),
        _ => (AuditActions.WebAccountChange, command.GetType().Name),
    };

    private static string Changes(ChangeWebUser change) => string.Join(", ", new[]
    {
        change.Role is { } role ? $"role {role}" : null,
        change.Agents is { } agents ? $"agents {(agents.Count == 0 ? "all" : string.Join(' ', agents))}" : null,
        change.IsDisabled is { } off ? (off ? "disabled" : "enabled") : null,
    }.OfType<string>());

    private static string Scope(IReadOnlyList<string> agents) => agents.Count == 0 ? "" : $", agents {string.Join(' ', agents)}";
}
