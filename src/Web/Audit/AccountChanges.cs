using System.Globalization;
using ActorLogArchive.Actors.Users;

namespace ActorLogArchive.Web.Audit;

/// <summary>What a command changes of an account, in words. That a password was set is told, never which.</summary>
internal static class AccountChanges
{
    public static string Describe(UsersProtocol.AddUser add) => Join(
        ("home", add.Home ?? "/" + add.Name),
        ("permissions", add.Permissions),
        ("upload limit", Number(Given(add.UploadLimit))),
        ("download limit", Number(Given(add.DownloadLimit))),
        ("quota bytes", Number(Given(add.QuotaBytes))),
        ("quota files", Number(Given(add.QuotaFiles))),
        ("disabled", add.IsDisabled ? "yes" : null),
        ("expires", Time(add.ExpiresAt)),
        ("addresses", add.AllowedAddresses.Count == 0 ? null : string.Join(' ', add.AllowedAddresses)));

    public static string Describe(UsersProtocol.ChangeUser change) => Join(
        ("password", change.Password is null ? null : "set"),
        ("home", change.Home),
        ("permissions", change.Permissions),
        ("upload limit", Number(change.UploadLimit)),
        ("download limit", Number(change.DownloadLimit)),
        ("quota bytes", Number(change.QuotaBytes)),
        ("quota files", Number(change.QuotaFiles)),
        ("disabled", change.IsDisabled is { } disabled ? (disabled ? "yes" : "no") : null),
        ("expires", Time(change.ExpiresAt)),
        ("addresses", change.AllowedAddresses is { } addresses ? (addresses.Count == 0 ? "all" : string.Join(' ', addresses)) : null));

    private static string Join(params IEnumerable<(string Name, string? Value)> changes) =>
        string.Join(", ", changes.Where(change => change.Value is not null).Select(change => $"{change.Name} {change.Value}"));

    private static long? Given(long value) => value == 0 ? null : value;

    private static string? Number(long? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Time(DateTimeOffset? at) =>
        at is not { } moment ? null : moment == DateTimeOffset.MaxValue ? "never" : moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
