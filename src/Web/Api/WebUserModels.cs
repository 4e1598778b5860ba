using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Web.Api;

/// <summary>A web account without its secrets. Roles are viewer, operator and admin; no <paramref name="Agents"/> means all.</summary>
public sealed record WebUserModel(
    string Name, string Role, IReadOnlyList<string> Agents, bool Disabled, bool MustChangePassword, bool Totp, int RecoveryCodesLeft, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt)
{
    internal static WebUserModel From(UsersProtocol.WebAccount account) =>
        new(account.Name, account.Role, account.Agents, account.IsDisabled, account.MustChangePassword, account.HasTotp, account.RecoveryCodesLeft, account.CreatedAt, account.ChangedAt);
}

/// <summary>All web accounts.</summary>
public sealed record WebUserListModel(IReadOnlyList<WebUserModel> WebUsers);

/// <summary>A web account to add. Its password has to be changed at the first sign-in unless <paramref name="MustChangePassword"/> is false.</summary>
public sealed record NewWebUserModel(string? Name, string? Password, string? Role, IReadOnlyList<string>? Agents = null, bool MustChangePassword = true)
{
    /// <summary>Text form without the password.</summary>
    public override string ToString() => $"NewWebUserModel {{ Name = {Name} }}";
}

/// <summary>What to change of a web account: only what is given.</summary>
public sealed record WebUserChangeModel(string? Role, IReadOnlyList<string>? Agents, bool? Disabled);

/// <summary>A one-time password to set; left out, one is made up and returned.</summary>
public sealed record PasswordResetModel(string? Password)
{
    /// <summary>Text form without the password.</summary>
    public override string ToString() => nameof(PasswordResetModel);
}

/// <summary>The one-time password that is set now; it has to be changed at the next sign-in.</summary>
public sealed record OneTimePasswordModel(string Name, string Password)
{
    /// <summary>Text form without the password.</summary>
    public override string ToString() => nameof(OneTimePasswordModel);
}

/// <summary>A token without its secret. <paramref name="Role"/> and <paramref name="Agents"/> are limits beside those of its owner.</summary>
public sealed record TokenModel(
    string Id, string Owner, string Name, string Role, IReadOnlyList<string> Agents, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt)
{
    internal static TokenModel From(WebUsersProtocol.ApiToken token) =>
        new(token.Id, token.Owner, token.Name, token.Role, token.Agents, token.CreatedAt, token.ExpiresAt, token.LastUsedAt);
}

/// <summary>Tokens.</summary>
public sealed record TokenListModel(IReadOnlyList<TokenModel> Tokens);

/// <summary>A token to make. <paramref name="ExpiresAt"/> left out means never; <paramref name="Agents"/> left out, those of the account.</summary>
public sealed record NewTokenModel(string? Name, string? Role, IReadOnlyList<string>? Agents = null, DateTimeOffset? ExpiresAt = null);

/// <summary>A token that was made. <paramref name="Token"/> is shown now and never again.</summary>
public sealed record MadeTokenModel(TokenModel Description, string Token)
{
    /// <summary>Text form without the token.</summary>
    public override string ToString() => nameof(MadeTokenModel);
}

/// <summary>A change of one's own password.</summary>
public sealed record OwnPasswordModel(string? Current, string? New)
{
    /// <summary>Text form without the passwords.</summary>
    public override string ToString() => nameof(OwnPasswordModel);
}

/// <summary>A secret for an authenticator app, and the address its QR code holds.</summary>
public sealed record TotpSecretModel(string Secret, string Uri)
{
    /// <summary>Text form without the secret.</summary>
    public override string ToString() => nameof(TotpSecretModel);
}

/// <summary>Switches the second factor on (<paramref name="Secret"/> and a code of it) or off (a code).</summary>
public sealed record TotpCodeModel(string? Secret, string? Code)
{
    /// <summary>Text form without secret and code.</summary>
    public override string ToString() => nameof(TotpCodeModel);
}

/// <summary>Codes that each sign in once in place of the app's; shown now and never again.</summary>
public sealed record RecoveryCodesModel(IReadOnlyList<string> RecoveryCodes)
{
    /// <summary>Text form without the codes.</summary>
    public override string ToString() => nameof(RecoveryCodesModel);
}
