using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Serialization;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Actors.Users;

/// <summary>Manifests of the accounts' events.</summary>
public static class UsersWire
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WireType> Types { get; } =
    [
        new("users.ftp-user-added.v1", UsersJson.Default.FtpUserAdded),
        new("users.ftp-user-changed.v1", UsersJson.Default.FtpUserChanged),
        new("users.ftp-user-bounded.v1", UsersJson.Default.FtpUserBounded),
        new("users.ftp-user-removed.v1", UsersJson.Default.FtpUserRemoved),
        new("users.web-user-added.v1", UsersJson.Default.WebUserAdded),
        new("users.web-user-changed.v1", UsersJson.Default.WebUserChanged),
        new("users.web-password-set.v1", UsersJson.Default.WebPasswordSet),
        new("users.web-user-removed.v1", UsersJson.Default.WebUserRemoved),
        new("users.web-totp-enabled.v1", UsersJson.Default.WebTotpEnabled),
        new("users.web-totp-disabled.v1", UsersJson.Default.WebTotpDisabled),
        new("users.web-totp-used.v1", UsersJson.Default.WebTotpUsed),
        new("users.web-recovery-code-used.v1", UsersJson.Default.WebRecoveryCodeUsed),
        new("users.api-token-made.v1", UsersJson.Default.ApiTokenMade),
        new("users.api-token-revoked.v1", UsersJson.Default.ApiTokenRevoked),
        new("users.api-token-used.v1", UsersJson.Default.ApiTokenUsed),
    ];
}

[JsonSerializable(typeof(UserEvents.FtpUserAdded))]
[JsonSerializable(typeof(UserEvents.FtpUserChanged))]
[JsonSerializable(typeof(UserEvents.FtpUserBounded))]
[JsonSerializable(typeof(UserEvents.FtpUserRemoved))]
[JsonSerializable(typeof(UserEvents.WebUserAdded))]
[JsonSerializable(typeof(WebUserEvents.WebUserChanged))]
[JsonSerializable(typeof(WebUserEvents.WebPasswordSet))]
[JsonSerializable(typeof(WebUserEvents.WebUserRemoved))]
[JsonSerializable(typeof(WebUserEvents.WebTotpEnabled))]
[JsonSerializable(typeof(WebUserEvents.WebTotpDisabled))]
[JsonSerializable(typeof(WebUserEvents.WebTotpUsed))]
[JsonSerializable(typeof(WebUserEvents.WebRecoveryCodeUsed))]
[JsonSerializable(typeof(WebUserEvents.ApiTokenMade))]
[JsonSerializable(typeof(WebUserEvents.ApiTokenRevoked))]
[JsonSerializable(typeof(WebUserEvents.ApiTokenUsed))]
internal sealed partial class UsersJson : JsonSerializerContext;
