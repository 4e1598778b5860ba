using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Users;

/// <summary>Manifests of the accounts' events and snapshots.</summary>
public static class UsersWire
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WireType> Types { get; } = [];
}
