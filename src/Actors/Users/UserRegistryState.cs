using System.Collections.Immutable;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Users;

/// <summary>An FTP account with its secret.</summary>
public sealed record FtpUser(UsersProtocol.UserAccount Account, PasswordHash Password)
{
    // What cannot be read lets nobody in: were it left out, an account of this one network could come from everywhere.
    private static readonly System.Net.IPNetwork Nowhere = new(System.Net.IPAddress.None, 32);

    /// <summary>The account as the FTP server enforces it.</summary>
    public FtpAccount ToFtpAccount() => new(
        Account.Name,
        FtpPath.Parse(Account.Home),
        FtpPermissionLetters.TryParse(Account.Permissions, out var permissions, out _) ? permissions : FtpPermissions.None,
        Account.UploadLimit,
        Account.DownloadLimit)
    {
        QuotaBytes = Account.QuotaBytes,
        QuotaFiles = Account.QuotaFiles,
        IsEnabled = !Account.IsDisabled,
        ExpiresAt = Account.ExpiresAt,
        AllowedAddresses = [.. Account.AllowedAddresses.Select(network => AddressRanges.TryParse(network, out var range) ? range : Nowhere)],
    };
}

/// <summary>What a command leads to: events to persist, or a refusal.</summary>
public sealed record UserDecision(IReadOnlyList<IUserEvent> Events, UsersProtocol.UserRejected? Rejection)
{
    /// <summary>Accepted.</summary>
    public static UserDecision Accept(params IReadOnlyList<IUserEvent> events) => new(events, null);

    /// <summary>Refused.</summary>
    public static UserDecision Refuse(UsersProtocol.UserRejected rejection) => new([], rejection);
}

/// <summary>All accounts.</summary>
public sealed record UserRegistryState(ImmutableSortedDictionary<string, FtpUser> FtpUsers, WebUsersState Web)
{
    /// <summary>No accounts.</summary>
    public static UserRegistryState Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, FtpUser>(StringComparer.Ordinal), WebUsersState.Empty);

    /// <summary>Why <paramref name="command"/> would be refused now; null when it would not.</summary>
    public static UsersProtocol.UserRejected? Check(UserRegistryState state, object command) => command switch
    {
        UsersProtocol.AddUser add =>
            Invalid(UserRules.CheckName(add.Name))
            ?? Invalid(UserRules.CheckPassword(add.Password))
            ?? Invalid(add.Home is null ? null : UserRules.CheckHome(add.Home))
            ?? Invalid(UserRules.CheckPermissions(add.Permissions))
            ?? Invalid(UserRules.CheckLimit("upload limit", add.UploadLimit))
            ?? Invalid(UserRules.CheckLimit("download limit", add.DownloadLimit))
            ?? Invalid(UserRules.CheckQuota("quota of bytes", add.QuotaBytes))
            ?? Invalid(UserRules.CheckQuota("quota of files", add.QuotaFiles))
            ?? Invalid(UserRules.CheckAddresses(add.AllowedAddresses))
            ?? (state.FtpUsers.ContainsKey(add.Name)
                ? new UsersProtocol.UserRejected(UsersProtocol.RejectionCause.Exists, $"there is an account '{add.Name}' already; choose another name, or change that one")
                : null),
        UsersProtocol.ChangeUser change =>
            Missing(state, change.Name)
            ?? Invalid(change.Password is null ? null : UserRules.CheckPassword(change.Password))
            ?? Invalid(change.Home is null ? null : UserRules.CheckHome(change.Home))
            ?? Invalid(change.Permissions is null ? null : UserRules.CheckPermissions(change.Permissions))
            ?? Invalid(UserRules.CheckLimit("upload limit", change.UploadLimit ?? 0))
            ?? Invalid(UserRules.CheckLimit("download limit", change.DownloadLimit ?? 0))
            ?? Invalid(UserRules.CheckQuota("quota of bytes", change.QuotaBytes ?? 0))
            ?? Invalid(UserRules.CheckQuota("quota of files", change.QuotaFiles ?? 0))
            ?? Invalid(UserRules.CheckAddresses(change.AllowedAddresses)),
        UsersProtocol.RemoveUser remove => Missing(state, remove.Name),
        _ => throw new ArgumentException($"{command.GetType()} is not a command on accounts", nameof(command)),
    };

    /// <summary>Decides a command.</summary>
    /// <param name="state">The accounts.</param>
    /// <param name="command">AddUser, ChangeUser or RemoveUser.</param>
    /// <param name="password">Hash of the command's password, where it has one.</param>
    /// <param name="now">The time.</param>
    public static UserDecision Decide(UserRegistryState state, object command, PasswordHash? password, DateTimeOffset now)
    {
        if (Check(state, command) is { } rejection)
        {
            return UserDecision.Refuse(rejection);
        }

        return command switch
        {
            UsersProtocol.AddUser add => UserDecision.Accept([.. Add(add, new UserEvents.FtpUserAdded(
                add.Name,
                password ?? throw new ArgumentNullException(nameof(password)),
                FtpPath.Parse(add.Home ?? DefaultHome(add.Name)).Value,
                Letters(add.Permissions),
                add.UploadLimit,
                add.DownloadLimit,
                now))]),
            UsersProtocol.ChangeUser change => Change(state.FtpUsers[change.Name], change, password, now),
            _ => UserDecision.Accept(new UserEvents.FtpUserRemoved(((UsersProtocol.RemoveUser)command).Name, now)),
        };
    }

    /// <summary>The accounts after an event.</summary>
    public static UserRegistryState Apply(UserRegistryState state, IUserEvent userEvent) => userEvent switch
    {
        UserEvents.FtpUserAdded e => state with
        {
            FtpUsers = state.FtpUsers.SetItem(
                e.Name, new FtpUser(new UsersProtocol.UserAccount(e.Name, e.Home, e.Permissions, e.UploadLimit, e.DownloadLimit, e.At, e.At), e.Password)),
        },
        UserEvents.FtpUserChanged e when state.FtpUsers.TryGetValue(e.Name, out var user) => state with { FtpUsers = state.FtpUsers.SetItem(e.Name, Changed(user, e)) },
        UserEvents.FtpUserBounded e when state.FtpUsers.TryGetValue(e.Name, out var user) => state with { FtpUsers = state.FtpUsers.SetItem(e.Name, Bounded(user, e)) },
        UserEvents.FtpUserRemoved e => state with { FtpUsers = state.FtpUsers.Remove(e.Name) },
        _ => state with { Web = WebUsersState.Apply(state.Web, userEvent) },
    };

    /// <summary>An account's home when none is given: its own folder.</summary>
    public static string DefaultHome(string name) => "/" + name;

    private static UserDecision Change(FtpUser user, UsersProtocol.ChangeUser change, PasswordHash? password, DateTimeOffset now)
    {
        var account = user.Account;
        var changed = new UserEvents.FtpUserChanged(
            account.Name,
            password,
            Unless(account.Home, change.Home is null ? null : FtpPath.Parse(change.Home).Value),
            Unless(account.Permissions, change.Permissions is null ? null : Letters(change.Permissions)),
            change.UploadLimit == account.UploadLimit ? null : change.UploadLimit,
            change.DownloadLimit == account.DownloadLimit ? null : change.DownloadLimit,
            now);
        var bounded = Bounds(account) with
        {
            QuotaBytes = change.QuotaBytes ?? account.QuotaBytes,
            QuotaFiles = change.QuotaFiles ?? account.QuotaFiles,
            IsDisabled = change.IsDisabled ?? account.IsDisabled,
            ExpiresAt = change.ExpiresAt == DateTimeOffset.MaxValue ? null : change.ExpiresAt ?? account.ExpiresAt,
            AllowedAddresses = change.AllowedAddresses ?? account.AllowedAddresses,
            At = now,
        };
        var isChanged = changed is not { Password: null, Home: null, Permissions: null, UploadLimit: null, DownloadLimit: null };
        var isBounded = bounded != Bounds(account) with { At = now };
        return UserDecision.Accept([.. isChanged ? [changed] : Array.Empty<IUserEvent>(), .. isBounded ? [bounded] : Array.Empty<IUserEvent>()]);
    }

    private static IEnumerable<IUserEvent> Add(UsersProtocol.AddUser add, UserEvents.FtpUserAdded added)
    {
        yield return added;
        if (add.QuotaBytes > 0 || add.QuotaFiles > 0 || add.IsDisabled || add.ExpiresAt is not null || add.AllowedAddresses.Count > 0)
        {
            yield return new UserEvents.FtpUserBounded(add.Name, add.QuotaBytes, add.QuotaFiles, add.IsDisabled, add.ExpiresAt, add.AllowedAddresses, added.At);
        }
    }

    private static UserEvents.FtpUserBounded Bounds(UsersProtocol.UserAccount account) =>
        new(account.Name, account.QuotaBytes, account.QuotaFiles, account.IsDisabled, account.ExpiresAt, account.AllowedAddresses, account.ChangedAt);

    private static FtpUser Bounded(FtpUser user, UserEvents.FtpUserBounded e) => user with
    {
        Account = user.Account with
        {
            QuotaBytes = e.QuotaBytes,
            QuotaFiles = e.QuotaFiles,
            IsDisabled = e.IsDisabled,
            ExpiresAt = e.ExpiresAt,
            AllowedAddresses = e.AllowedAddresses,
            ChangedAt = e.At,
        },
    };

    private static FtpUser Changed(FtpUser user, UserEvents.FtpUserChanged e) => new(
        user.Account with
        {
            Home = e.Home ?? user.Account.Home,
            Permissions = e.Permissions ?? user.Account.Permissions,
            UploadLimit = e.UploadLimit ?? user.Account.UploadLimit,
            DownloadLimit = e.DownloadLimit ?? user.Account.DownloadLimit,
            ChangedAt = e.At,
        },
        e.Password ?? user.Password);

    private static string? Unless(string current, string? value) => value == current ? null : value;

    private static string Letters(string letters) =>
        FtpPermissionLetters.TryParse(letters, out var permissions, out var error) ? permissions.ToLetters() : throw new ArgumentException(error, nameof(letters));

    private static UsersProtocol.UserRejected? Invalid(string? reason) =>
        reason is null ? null : new UsersProtocol.UserRejected(UsersProtocol.RejectionCause.Invalid, reason);

    private static UsersProtocol.UserRejected? Missing(UserRegistryState state, string name) =>
        state.FtpUsers.ContainsKey(name)
            ? null
            : new UsersProtocol.UserRejected(UsersProtocol.RejectionCause.NotFound, $"there is no account '{UserRules.Shorten(name)}'");
}
