using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Serialization;

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
    ];
}

[JsonSerializable(typeof(UserEvents.FtpUserAdded))]
[JsonSerializable(typeof(UserEvents.FtpUserChanged))]
[JsonSerializable(typeof(UserEvents.FtpUserBounded))]
[JsonSerializable(typeof(UserEvents.FtpUserRemoved))]
[JsonSerializable(typeof(UserEvents.WebUserAdded))]
internal sealed partial class UsersJson : JsonSerializerContext;
