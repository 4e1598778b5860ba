using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;
using static ActorLogArchive.Actors.Users.Web.WebUsersProtocol;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// Web accounts and tokens as the one who asks may use them, for pages and routes alike: an admin has all of them, anybody else
/// their own password, second factor and tokens.
/// </summary>
public sealed class WebAccountDesk(IWebAccounts accounts, WebAccountDirectory directory, CurrentAccess current, WebSignIn signIn)
{
    /// <summary>All accounts and tokens, for an admin.</summary>
    public Task<WebUserList> ListAsync(CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Admin);
        return accounts.GetAsync(cancellationToken);
    }

    /// <summary>Adds an account.</summary>
    public Task<WebOutcome> AddAsync(AddWebUser command, CancellationToken cancellationToken) => AsAdminAsync(command, cancellationToken);

    /// <summary>Changes role, scope or state of an account.</summary>
    public Task<WebOutcome> ChangeAsync(ChangeWebUser command, CancellationToken cancellationToken) => AsAdminAsync(command, cancellationToken);

    /// <summary>Gives an account a one-time password.</summary>
    public Task<WebOutcome> ResetPasswordAsync(string name, string password, CancellationToken cancellationToken) =>
        AsAdminAsync(new SetWebPassword(name, password, MustChange: true), cancellationToken);

    /// <summary>Takes the second factor of an account away, for somebody who has lost theirs.</summary>
    public Task<WebOutcome> ResetTotpAsync(string name, CancellationToken cancellationToken) => AsAdminAsync(new DisableTotp(name), cancellationToken);

    /// <summary>Removes an account with its tokens.</summary>
    public Task<WebOutcome> RemoveAsync(string name, CancellationToken cancellationToken) => AsAdminAsync(new RemoveWebUser(name), cancellationToken);

    /// <summary>One's own account.</summary>
    public async Task<UsersProtocol.WebAccount> MineAsync(CancellationToken cancellationToken)
    {
        var name = current.DemandPerson().Name;
        return (await accounts.GetAsync(cancellationToken)).Accounts.FirstOrDefault(account => account.Name == name)
            ?? throw new AccessDeniedException("Your account was removed.");
    }

    /// <summary>Chooses another password. Whoever is signed in with the old one, this browser too, has to sign in again.</summary>
    /// <param name="now">The password so far.</param>
    /// <param name="next">The new one.</param>
    /// <param name="address">Where the request comes from, for slowing guesses down.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(WebOutcome? Outcome, TimeSpan RetryAfter)> ChangeMyPasswordAsync(string now, string next, string address, CancellationToken cancellationToken)
    {
        var name = current.DemandPerson().Name;
        var check = await signIn.CheckAsync(name, now, address, AuditBy.Cookie, cancellationToken);
        if (check.Account is null)
            return (null, check.RetryAfter);
        if (now == next)
            return (Refused("the new password is the old one; choose another"), TimeSpan.Zero);

        return (await DoAsync(new SetWebPassword(name, next, MustChange: false), cancellationToken), TimeSpan.Zero);
    }

    /// <summary>Switches the second factor on.</summary>
    /// <returns>The outcome, and the recovery codes, which are shown now and never again.</returns>
    public async Task<(WebOutcome Outcome, IReadOnlyList<string> RecoveryCodes)> EnableTotpAsync(string secret, string code, CancellationToken cancellationToken)
    {
        var name = DemandSettledPerson().Name;
        var codes = WebSecrets.NewRecoveryCodes();
        var outcome = await DoAsync(new EnableTotp(name, secret, [.. codes.Select(WebSecrets.HashOfCode)], code), cancellationToken);
        return (outcome, outcome.Rejection is null ? codes : []);
    }

    /// <summary>Switches the second factor off, with a code of it: a screen left open must not be enough.</summary>
    public async Task<WebOutcome> DisableTotpAsync(string code, string address, CancellationToken cancellationToken)
    {
        var name = DemandSettledPerson().Name;
        var check = await signIn.CheckCodeAsync(name, code, address, cancellationToken);
        if (check.RetryAfter > TimeSpan.Zero)
            return Refused($"Too many wrong codes: wait {Math.Ceiling(check.RetryAfter.TotalSeconds):0} s.");
        return check.Account is null ? Refused("code is wrong or was used already; wait for the next one") : await DoAsync(new DisableTotp(name), cancellationToken);
    }

    /// <summary>One's own tokens; for an admin, everybody's.</summary>
    public async Task<IReadOnlyList<ApiToken>> TokensAsync(bool ofAll, CancellationToken cancellationToken)
    {
        var me = DemandSettledPerson();
        var list = await accounts.GetAsync(cancellationToken);
        return ofAll && me.Role == WebRole.Admin ? list.Tokens : [.. list.Tokens.Where(token => token.Owner == me.Name)];
    }

    /// <summary>Makes a token of one's own.</summary>
    /// <returns>The outcome, and the token's text, which is shown now and never again.</returns>
    public async Task<(WebOutcome Outcome, string? Text)> MakeTokenAsync(
        string name, string role, IReadOnlyList<string> agents, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        var owner = DemandSettledPerson().Name;
        var made = WebSecrets.NewToken();
        var outcome = await DoAsync(new MakeToken(made.Id, made.Hash, owner, name, role, agents, expiresAt), cancellationToken);
        return (outcome, outcome.Rejection is null ? made.Text : null);
    }

    /// <summary>Revokes a token of one's own; an admin, anybody's.</summary>
    public async Task<WebOutcome> RevokeTokenAsync(string id, CancellationToken cancellationToken) =>
        (await TokensAsync(ofAll: true, cancellationToken)).Any(token => token.Id == id)
            ? await DoAsync(new RevokeToken(id), cancellationToken)
            : new WebOutcome(null, null, new UsersProtocol.UserRejected(UsersProtocol.RejectionCause.NotFound, $"there is no token '{id}'"));

    private Access DemandSettledPerson()
    {
        current.Demand(WebRole.Viewer);
        return current.DemandPerson();
    }

    private Task<WebOutcome> AsAdminAsync(IWebCommand command, CancellationToken cancellationToken)
    {
        current.Demand(WebRole.Admin);
        return DoAsync(command, cancellationToken);
    }

    // What is judged by must know of the change before its answer is seen.
    private async Task<WebOutcome> DoAsync(IWebCommand command, CancellationToken cancellationToken)
    {
        var outcome = await accounts.DoAsync(command, cancellationToken);
        if (outcome.Rejection is null)
            await directory.RefreshAsync(cancellationToken);
        return outcome;
    }

    private static WebOutcome Refused(string reason) => new(null, null, new UsersProtocol.UserRejected(UsersProtocol.RejectionCause.Invalid, reason));
}
