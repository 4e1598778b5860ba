namespace ActorLogArchive.Actors.Users.Web;

/// <summary>
/// Commands and replies about web accounts, in the process only: <see cref="UserRegistryActor"/> takes them. Who may send which is decided
/// before, at the way in. A command is answered by <see cref="WebSaved"/> or <see cref="UsersProtocol.UserRejected"/>.
/// </summary>
public static class WebUsersProtocol
{
    /// <summary>A command.</summary>
    public interface IWebCommand
    {
        /// <summary>The account (or the token's id) it is about.</summary>
        string Subject { get; }

        /// <summary>A password to be hashed before the command is decided; null for none.</summary>
        string? NewPassword => null;
    }

    /// <summary>Adds an account. No <paramref name="Agents"/> means all.</summary>
    public sealed record AddWebUser(string Name, string Password, string Role, IReadOnlyList<string> Agents, bool MustChangePassword) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Name;

        /// <inheritdoc/>
        public string? NewPassword => Password;

        /// <summary>Text form without the password.</summary>
        public override string ToString() => $"AddWebUser {{ Name = {Name}, Role = {Role} }}";
    }

    /// <summary>Changes what is not null.</summary>
    public sealed record ChangeWebUser(string Name, string? Role, IReadOnlyList<string>? Agents, bool? IsDisabled) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Name;
    }

    /// <summary>Sets a password; whoever is signed in with the old one has to sign in again.</summary>
    public sealed record SetWebPassword(string Name, string Password, bool MustChange) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Name;

        /// <inheritdoc/>
        public string? NewPassword => Password;

        /// <summary>Text form without the password.</summary>
        public override string ToString() => $"SetWebPassword {{ Name = {Name}, MustChange = {MustChange} }}";
    }

    /// <summary>Removes an account with its tokens.</summary>
    public sealed record RemoveWebUser(string Name) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Name;
    }

    /// <summary>Switches the second factor on, confirmed by a code of the secret.</summary>
    public sealed record EnableTotp(string Name, string Secret, IReadOnlyList<string> RecoveryHashes, string Code) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Name;

        /// <summary>Text form without the secret.</summary>
        public override string ToString() => $"EnableTotp {{ Name = {Name} }}";
    }

    /// <summary>Switches the second factor off.</summary>
    public sealed record DisableTotp(string Name) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Name;
    }

    /// <summary>Uses a code of the authenticator app, or a recovery code, to sign in.</summary>
    public sealed record UseCode(string Name, string Code) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Name;

        /// <summary>Text form without the code.</summary>
        public override string ToString() => $"UseCode {{ Name = {Name} }}";
    }

    /// <summary>Keeps a token that was made, see <see cref="WebSecrets.NewToken"/>.</summary>
    public sealed record MakeToken(string Id, string Hash, string Owner, string Name, string Role, IReadOnlyList<string> Agents, DateTimeOffset? ExpiresAt) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Id;
    }

    /// <summary>Revokes a token.</summary>
    public sealed record RevokeToken(string Id) : IWebCommand
    {
        /// <inheritdoc/>
        public string Subject => Id;
    }

    /// <summary>It is done.</summary>
    /// <param name="Account">The account as it is now; null when it was removed, or the command was about a token.</param>
    /// <param name="Token">The token as it is now.</param>
    public sealed record WebSaved(UsersProtocol.WebAccount? Account, ApiToken? Token);

    /// <summary>Asks for <see cref="WebUserList"/>.</summary>
    public sealed record GetWebUsers
    {
        /// <summary>The only one.</summary>
        public static readonly GetWebUsers Instance = new();
    }

    /// <summary>All web accounts by name, and all tokens by time of making.</summary>
    public sealed record WebUserList(IReadOnlyList<UsersProtocol.WebAccount> Accounts, IReadOnlyList<ApiToken> Tokens);

    /// <summary>Checks the text of a token. Answered by <see cref="ApiTokenResult"/>.</summary>
    public sealed record CheckApiToken(string Text)
    {
        /// <summary>Text form without the token.</summary>
        public override string ToString() => nameof(CheckApiToken);
    }

    /// <summary>The token, or null when it is unknown, revoked or has expired, or its owner may not come in.</summary>
    public sealed record ApiTokenResult(ApiToken? Token);

    /// <summary>A token without its secret.</summary>
    /// <param name="Id">Names it.</param>
    /// <param name="Owner">The web account it acts for.</param>
    /// <param name="Name">What it is for.</param>
    /// <param name="Role">The most it may do; its owner's role is a limit besides.</param>
    /// <param name="Agents">Agents it is confined to; empty for those of its owner.</param>
    /// <param name="CreatedAt">When it was made.</param>
    /// <param name="ExpiresAt">From when on it is worthless; null for never.</param>
    /// <param name="LastUsedAt">When it was last used.</param>
    public sealed record ApiToken(
        string Id, string Owner, string Name, string Role, IReadOnlyList<string> Agents, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);
}
