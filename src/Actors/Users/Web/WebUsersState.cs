using System.Collections.Immutable;
using static ActorLogArchive.Actors.Users.UsersProtocol;
using static ActorLogArchive.Actors.Users.Web.WebUserEvents;
using static ActorLogArchive.Actors.Users.Web.WebUsersProtocol;

namespace ActorLogArchive.Actors.Users.Web;

/// <summary>A second factor: its secret, the last step a code was used of, and what is left of the recovery codes.</summary>
public sealed record WebTotp(string Secret, long LastStep, ImmutableArray<string> RecoveryHashes);

/// <summary>A web account with its secrets.</summary>
public sealed record WebUser(WebAccount Account, PasswordHash Password, WebTotp? Totp = null);

/// <summary>A token with its hash.</summary>
public sealed record StoredToken(ApiToken Token, string Hash);

/// <summary>Web accounts and API tokens: commands in, events out, and what the events add up to.</summary>
public sealed record WebUsersState(ImmutableSortedDictionary<string, WebUser> Users, ImmutableSortedDictionary<string, StoredToken> Tokens)
{
    /// <summary>Most tokens of one account.</summary>
    public const int MostTokens = 100;

    /// <summary>No accounts.</summary>
    public static WebUsersState Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, WebUser>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, StoredToken>(StringComparer.Ordinal));

    /// <summary>All accounts and tokens without their secrets.</summary>
    public WebUserList List => new([.. Users.Values.Select(user => user.Account)], [.. Tokens.Values.Select(stored => stored.Token).OrderBy(token => token.CreatedAt)]);

    /// <summary>Why <paramref name="command"/> would be refused now; null when it would not.</summary>
    public static UserRejected? Check(WebUsersState state, IWebCommand command, DateTimeOffset now) => command switch
    {
        AddWebUser add =>
            Invalid(UserRules.CheckName(add.Name))
            ?? Invalid(WebUserRules.CheckPassword(add.Password))
            ?? Invalid(WebUserRules.CheckRole(add.Role))
            ?? Invalid(WebUserRules.CheckAgents(add.Agents))
            ?? Invalid(WebUserRules.CheckScope(add.Role, add.Agents))
            ?? (state.Users.ContainsKey(add.Name)
                ? new UserRejected(RejectionCause.Exists, $"there is a web account '{add.Name}' already; choose another name, or change that one")
                : null),
        ChangeWebUser change => Missing(state, change.Name) ?? CheckChange(state, state.Users[change.Name].Account, change),
        SetWebPassword set => Missing(state, set.Name) ?? Invalid(WebUserRules.CheckPassword(set.Password)),
        RemoveWebUser remove => Missing(state, remove.Name) ?? LastAdmin(state, remove.Name, "removed"),
        EnableTotp enable => Missing(state, enable.Name) ?? CheckEnable(state.Users[enable.Name], enable, now),
        DisableTotp disable => Missing(state, disable.Name),
        UseCode use => Missing(state, use.Name) ?? CheckCode(state.Users[use.Name], use, now),
        MakeToken make => Missing(state, make.Owner) ?? CheckToken(state, state.Users[make.Owner].Account, make, now),
        RevokeToken revoke => state.Tokens.ContainsKey(revoke.Id) ? null : new UserRejected(RejectionCause.NotFound, $"there is no token '{UserRules.Shorten(revoke.Id)}'"),
        _ => throw new ArgumentException($"{command.GetType()} is not a command on web accounts", nameof(command)),
    };

    /// <summary>Decides a command.</summary>
    /// <param name="state">Accounts and tokens.</param>
    /// <param name="command">The command.</param>
    /// <param name="password">Hash of the command's password, where it has one.</param>
    /// <param name="now">The time.</param>
    public static UserDecision Decide(WebUsersState state, IWebCommand command, PasswordHash? password, DateTimeOffset now)
    {
        if (Check(state, command, now) is { } rejection)
        {
            return UserDecision.Refuse(rejection);
        }

        return command switch
        {
            AddWebUser add => UserDecision.Accept([.. Add(add, password!, now)]),
            ChangeWebUser change => Change(state.Users[change.Name].Account, change, now),
            SetWebPassword set => UserDecision.Accept(new WebPasswordSet(set.Name, password!, set.MustChange, now)),
            RemoveWebUser remove => UserDecision.Accept(new WebUserRemoved(remove.Name, now)),
            EnableTotp enable => UserDecision.Accept(new WebTotpEnabled(enable.Name, enable.Secret, enable.RecoveryHashes, Totp.Match(enable.Secret, enable.Code, now, 0)!.Value, now)),
            DisableTotp disable => state.Users[disable.Name].Totp is null ? UserDecision.Accept() : UserDecision.Accept(new WebTotpDisabled(disable.Name, now)),
            UseCode use => UserDecision.Accept(
                Totp.Match(state.Users[use.Name].Totp!.Secret, use.Code, now, state.Users[use.Name].Totp!.LastStep) is { } step
                    ? new WebTotpUsed(use.Name, step, now)
                    : new WebRecoveryCodeUsed(use.Name, WebSecrets.HashOfCode(use.Code), now)),
            MakeToken make => UserDecision.Accept(new ApiTokenMade(make.Id, make.Owner, make.Name.Trim(), make.Role, make.Agents, make.ExpiresAt, make.Hash, now)),
            _ => UserDecision.Accept(new ApiTokenRevoked(((RevokeToken)command).Id, now)),
        };
    }

    /// <summary>Accounts and tokens after an event.</summary>
    public static WebUsersState Apply(WebUsersState state, IUserEvent userEvent) => userEvent switch
    {
        UserEvents.WebUserAdded e => state with
        {
            Users = state.Users.SetItem(e.Name, new WebUser(new WebAccount(e.Name, e.Role) { CreatedAt = e.At, ChangedAt = e.At, Stamp = Stamp(e.At) }, e.Password)),
        },
        WebUserChanged e => Update(state, e.Name, user => user with
        {
            Account = user.Account with
            {
                Role = e.Role ?? user.Account.Role,
                Agents = e.Agents ?? user.Account.Agents,
                IsDisabled = e.IsDisabled ?? user.Account.IsDisabled,
                ChangedAt = e.At,

                // Enabled again, an account does not bring back the sign-ins of before.
                Stamp = e.IsDisabled is null ? user.Account.Stamp : Stamp(e.At),
            },
        }),
        WebPasswordSet e => Update(state, e.Name, user => user with
        {
            Password = e.Password,
            Account = user.Account with { MustChangePassword = e.MustChange, ChangedAt = e.At, Stamp = Stamp(e.At) },
        }),
        WebUserRemoved e => new WebUsersState(state.Users.Remove(e.Name), state.Tokens.RemoveRange(state.Tokens.Values.Where(stored => stored.Token.Owner == e.Name).Select(stored => stored.Token.Id))),
        WebTotpEnabled e => Update(state, e.Name, user => WithTotp(user, new WebTotp(e.Secret, e.Step, [.. e.RecoveryHashes]), e.At)),
        WebTotpDisabled e => Update(state, e.Name, user => WithTotp(user, null, e.At)),
        WebTotpUsed e => Update(state, e.Name, user => user.Totp is { } totp ? user with { Totp = totp with { LastStep = e.Step } } : user),
        WebRecoveryCodeUsed e => Update(state, e.Name, user =>
            user.Totp is { } totp ? WithTotp(user, totp with { RecoveryHashes = totp.RecoveryHashes.Remove(e.Hash) }, user.Account.ChangedAt) : user),
        ApiTokenMade e => state with
        {
            Tokens = state.Tokens.SetItem(e.Id, new StoredToken(new ApiToken(e.Id, e.Owner, e.Name, e.Role, e.Agents, e.At, e.ExpiresAt, null), e.Hash)),
        },
        ApiTokenRevoked e => state with { Tokens = state.Tokens.Remove(e.Id) },
        ApiTokenUsed e when state.Tokens.TryGetValue(e.Id, out var stored) => state with
        {
            Tokens = state.Tokens.SetItem(e.Id, stored with { Token = stored.Token with { LastUsedAt = e.At } }),
        },
        _ => state,
    };

    /// <summary>What a command that is done is answered with.</summary>
    public static WebSaved Answer(WebUsersState state, IWebCommand command) =>
        new(state.Users.GetValueOrDefault(command.Subject)?.Account, state.Tokens.GetValueOrDefault(command.Subject)?.Token);

    /// <summary>The token of a text, when it may be used now.</summary>
    public static ApiToken? Find(WebUsersState state, string text, DateTimeOffset now) =>
        WebSecrets.IdOf(text) is { } id
        && state.Tokens.TryGetValue(id, out var stored)
        && WebSecrets.AreEqual(stored.Hash, WebSecrets.Hash(text))
        && !(stored.Token.ExpiresAt <= now)
        && state.Users.GetValueOrDefault(stored.Token.Owner) is { Account: { IsDisabled: false, MustChangePassword: false } }
            ? stored.Token
            : null;

    private static IEnumerable<IUserEvent> Add(AddWebUser add, PasswordHash password, DateTimeOffset now)
    {
        yield return new UserEvents.WebUserAdded(add.Name, add.Role, password, now);
        if (add.Agents.Count > 0)
        {
            yield return new WebUserChanged(add.Name, null, [.. add.Agents.Distinct(StringComparer.Ordinal)], null, now);
        }

        if (add.MustChangePassword)
        {
            yield return new WebPasswordSet(add.Name, password, true, now);
        }
    }

    private static UserDecision Change(WebAccount account, ChangeWebUser change, DateTimeOffset now)
    {
        var changed = new WebUserChanged(
            account.Name,
            change.Role == account.Role ? null : change.Role,
            change.Agents is null || change.Agents.SequenceEqual(account.Agents, StringComparer.Ordinal) ? null : [.. change.Agents.Distinct(StringComparer.Ordinal)],
            change.IsDisabled == account.IsDisabled ? null : change.IsDisabled,
            now);
        return changed is { Role: null, Agents: null, IsDisabled: null } ? UserDecision.Accept() : UserDecision.Accept(changed);
    }

    private static UserRejected? CheckChange(WebUsersState state, WebAccount account, ChangeWebUser change) =>
        Invalid(change.Role is null ? null : WebUserRules.CheckRole(change.Role))
        ?? Invalid(WebUserRules.CheckAgents(change.Agents))
        ?? Invalid(WebUserRules.CheckScope(change.Role ?? account.Role, change.Agents ?? account.Agents))
        ?? (change.IsDisabled == true ? LastAdmin(state, account.Name, "disabled") : null)
        ?? (change.Role is not null && change.Role != WebRole.Admin.Name() ? LastAdmin(state, account.Name, "given another role") : null);

    private static UserRejected? LastAdmin(WebUsersState state, string name, string what)
    {
        bool IsAdmin(WebUser user) => user.Account is { IsDisabled: false, Role: "admin" };
        return IsAdmin(state.Users[name]) && state.Users.Values.Count(IsAdmin) == 1
            ? new UserRejected(RejectionCause.Conflict, $"'{name}' is the last enabled admin and cannot be {what}: nobody could manage accounts any more; make another account admin first")
            : null;
    }

    private static UserRejected? CheckEnable(WebUser user, EnableTotp enable, DateTimeOffset now)
    {
        if (user.Totp is not null)
        {
            return new UserRejected(RejectionCause.Conflict, $"'{enable.Name}' has a second factor already; switch it off first");
        }

        if (Totp.FromBase32(enable.Secret) is not { Length: >= 16 })
        {
            return Invalid("secret is not 16 bytes or more in base32");
        }

        return Totp.Match(enable.Secret, enable.Code, now, 0) is null
            ? Invalid("code does not fit the secret: enter the 6 digits that the app shows now, and check that the clock of the device is right")
            : null;
    }

    private static UserRejected? CheckCode(WebUser user, UseCode use, DateTimeOffset now)
    {
        var isGood = user.Totp is { } totp
            && (Totp.Match(totp.Secret, use.Code, now, totp.LastStep) is not null || totp.RecoveryHashes.Contains(WebSecrets.HashOfCode(use.Code)));
        return isGood ? null : Invalid("code is wrong or was used already; wait for the next one");
    }

    private static UserRejected? CheckToken(WebUsersState state, WebAccount owner, MakeToken make, DateTimeOffset now)
    {
        var wrong = Invalid(WebUserRules.CheckTokenName(make.Name))
            ?? Invalid(WebUserRules.CheckRole(make.Role))
            ?? Invalid(WebUserRules.CheckAgents(make.Agents))
            ?? Invalid(WebUserRules.CheckScope(make.Role, make.Agents));
        if (wrong is not null)
        {
            return wrong;
        }

        if (WebRoles.Parse(make.Role) > WebRoles.Parse(owner.Role))
        {
            return Invalid($"role '{make.Role}' is more than that of '{owner.Name}', who is {owner.Role}; a token may do at most what its owner may");
        }

        if (owner.Agents.Count > 0 && make.Agents.FirstOrDefault(agent => !owner.Agents.Contains(agent)) is { } outside)
        {
            return Invalid($"agent '{outside}' is not among those of '{owner.Name}': {string.Join(", ", owner.Agents)}");
        }

        if (make.ExpiresAt <= now)
        {
            return Invalid($"expiry {make.ExpiresAt:O} has passed already");
        }

        return state.Tokens.Values.Count(stored => stored.Token.Owner == owner.Name) >= MostTokens
            ? new UserRejected(RejectionCause.Conflict, $"'{owner.Name}' has {MostTokens} tokens; revoke one that is not used any more")
            : null;
    }

    private static WebUser WithTotp(WebUser user, WebTotp? totp, DateTimeOffset at) => user with
    {
        Totp = totp,
        Account = user.Account with { HasTotp = totp is not null, RecoveryCodesLeft = totp?.RecoveryHashes.Length ?? 0, ChangedAt = at },
    };

    private static WebUsersState Update(WebUsersState state, string name, Func<WebUser, WebUser> change) =>
        state.Users.TryGetValue(name, out var user) ? state with { Users = state.Users.SetItem(name, change(user)) } : state;

    // What a cookie carries and is compared with: from the events alone, so that it is the same after a restart.
    private static string Stamp(DateTimeOffset at) => at.UtcTicks.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private static UserRejected? Invalid(string? reason) => reason is null ? null : new UserRejected(RejectionCause.Invalid, reason);

    private static UserRejected? Missing(WebUsersState state, string name) =>
        state.Users.ContainsKey(name) ? null : new UserRejected(RejectionCause.NotFound, $"there is no web account '{UserRules.Shorten(name)}'");
}
