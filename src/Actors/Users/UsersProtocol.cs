using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Users;

/// <summary>Commands, queries and replies of <see cref="UserRegistryActor"/>. Passwords travel inside the process only.</summary>
public static class UsersProtocol
{
    /// <summary>An FTP account without its secret.</summary>
    /// <param name="Name">1 to 64 of <c>[A-Za-z0-9._-]</c>.</param>
    /// <param name="Home">Folder of the archive it is confined to.</param>
    /// <param name="Permissions">Letters, see <see cref="ActorLogArchive.Ftp.Protocol.FtpPermissionLetters"/>.</param>
    /// <param name="UploadLimit">Bytes per second, 0 for unlimited.</param>
    /// <param name="DownloadLimit">Bytes per second, 0 for unlimited.</param>
    /// <param name="CreatedAt">When it was added.</param>
    /// <param name="ChangedAt">When it was last changed.</param>
    public sealed record UserAccount(
        string Name, string Home, string Permissions, long UploadLimit, long DownloadLimit, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt)
    {
        /// <summary>Bytes its home may hold, 0 for unlimited.</summary>
        public long QuotaBytes { get; init; }

        /// <summary>Files its home may hold, 0 for unlimited.</summary>
        public long QuotaFiles { get; init; }

        /// <summary>Whether it may not come in.</summary>
        public bool IsDisabled { get; init; }

        /// <summary>From when on it may no longer come in; null for never.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }

        /// <summary>Networks it may come from, see <see cref="AddressRanges"/>; none for all.</summary>
        public IReadOnlyList<string> AllowedAddresses { get; init; } = [];
    }

    /// <summary>Adds an account. Home null means <c>/&lt;name&gt;</c>. Answered by <see cref="UserSaved"/> or <see cref="UserRejected"/>.</summary>
    public sealed record AddUser(string Name, string Password, string? Home, string Permissions, long UploadLimit, long DownloadLimit)
    {
        /// <summary>See <see cref="UserAccount.QuotaBytes"/>.</summary>
        public long QuotaBytes { get; init; }

        /// <summary>See <see cref="UserAccount.QuotaFiles"/>.</summary>
        public long QuotaFiles { get; init; }

        /// <summary>See <see cref="UserAccount.IsDisabled"/>.</summary>
        public bool IsDisabled { get; init; }

        /// <summary>See <see cref="UserAccount.ExpiresAt"/>.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }

        /// <summary>See <see cref="UserAccount.AllowedAddresses"/>.</summary>
        public IReadOnlyList<string> AllowedAddresses { get; init; } = [];

        /// <summary>The hash, where the password is known as one only; <see cref="Password"/> is its text then.</summary>
        public PasswordHash? KnownHash { get; init; }

        /// <summary>Text form without the password.</summary>
        public override string ToString() => $"AddUser {{ Name = {Name} }}";
    }

    /// <summary>Changes what is not null. Answered by <see cref="UserSaved"/> or <see cref="UserRejected"/>.</summary>
    public sealed record ChangeUser(string Name, string? Password, string? Home, string? Permissions, long? UploadLimit, long? DownloadLimit)
    {
        /// <summary>See <see cref="UserAccount.QuotaBytes"/>.</summary>
        public long? QuotaBytes { get; init; }

        /// <summary>See <see cref="UserAccount.QuotaFiles"/>.</summary>
        public long? QuotaFiles { get; init; }

        /// <summary>See <see cref="UserAccount.IsDisabled"/>. A disabled account's sessions end.</summary>
        public bool? IsDisabled { get; init; }

        /// <summary>See <see cref="UserAccount.ExpiresAt"/>; <see cref="DateTimeOffset.MaxValue"/> for never.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }

        /// <summary>See <see cref="UserAccount.AllowedAddresses"/>.</summary>
        public IReadOnlyList<string>? AllowedAddresses { get; init; }

        /// <summary>Text form without the password.</summary>
        public override string ToString() => $"ChangeUser {{ Name = {Name} }}";
    }

    /// <summary>Removes an account and ends its sessions. Answered by <see cref="UserRemoved"/> or <see cref="UserRejected"/>.</summary>
    public sealed record RemoveUser(string Name);

    /// <summary>The account as it is now.</summary>
    public sealed record UserSaved(UserAccount User);

    /// <summary>The account is gone.</summary>
    public sealed record UserRemoved(string Name);

    /// <summary>Refused; nothing changed.</summary>
    /// <param name="Cause">What kind of refusal.</param>
    /// <param name="Reason">What is wrong, with which value, and what is allowed.</param>
    public sealed record UserRejected(RejectionCause Cause, string Reason);

    /// <summary>Why a command on an account was refused.</summary>
    public enum RejectionCause
    {
        /// <summary>A value is not acceptable.</summary>
        Invalid,

        /// <summary>The name is taken.</summary>
        Exists,

        /// <summary>There is no such account.</summary>
        NotFound,

        /// <summary>Too many passwords are being hashed at this moment: try again.</summary>
        Busy,

        /// <summary>It would leave something in a state nobody can want, such as an archive without an admin.</summary>
        Conflict,
    }

    /// <summary>Asks for <see cref="UserList"/>.</summary>
    public sealed record GetUsers
    {
        /// <summary>The only one.</summary>
        public static readonly GetUsers Instance = new();
    }

    /// <summary>All FTP accounts, by name.</summary>
    public sealed record UserList(IReadOnlyList<UserAccount> Users);

    /// <summary>
    /// Checks an FTP sign-in. Answered by <see cref="FtpSignInResult"/>, or failed with <see cref="SignInBusyException"/>.
    /// </summary>
    public sealed record CheckFtpSignIn(FtpSignIn Attempt);

    /// <summary>
    /// Checks a web sign-in. Answered by <see cref="WebSignInResult"/>, or failed with <see cref="SignInBusyException"/>.
    /// </summary>
    public sealed record CheckWebSignIn(string Name, string Password)
    {
        /// <summary>Text form without the password.</summary>
        public override string ToString() => $"CheckWebSignIn {{ Name = {Name} }}";
    }

    /// <summary>A web account without its secrets. Roles: <c>viewer</c>, <c>operator</c>, <c>admin</c>, see <see cref="Web.WebRole"/>.</summary>
    public sealed record WebAccount(string Name, string Role)
    {
        /// <summary>Agents it is confined to; empty for all.</summary>
        public IReadOnlyList<string> Agents { get; init; } = [];

        /// <summary>Whether it may not come in.</summary>
        public bool IsDisabled { get; init; }

        /// <summary>Whether its password is good for choosing another one only.</summary>
        public bool MustChangePassword { get; init; }

        /// <summary>Whether it signs in with a second factor.</summary>
        public bool HasTotp { get; init; }

        /// <summary>Recovery codes that are not used up.</summary>
        public int RecoveryCodesLeft { get; init; }

        /// <summary>When it was added.</summary>
        public DateTimeOffset CreatedAt { get; init; }

        /// <summary>When it was last changed.</summary>
        public DateTimeOffset ChangedAt { get; init; }

        /// <summary>Changes with password and state: a sign-in under another stamp is over.</summary>
        public string Stamp { get; init; } = "";
    }

    /// <summary>The web account, or null when refused.</summary>
    public sealed record WebSignInResult(WebAccount? Account);

    /// <summary>Too many passwords wait to be checked; nothing is said about this one. An ask throws it.</summary>
    public sealed class SignInBusyException() : Exception("too many sign-ins are being checked at this moment; try again");

    /// <summary>Published on the event stream: an FTP account was added or changed.</summary>
    public sealed record FtpAccountChanged(FtpAccount Account, UserAccount User);

    /// <summary>Published on the event stream: an FTP account was removed.</summary>
    public sealed record FtpAccountRemoved(string Name);
}
