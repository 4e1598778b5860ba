using System.Collections.Frozen;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Journal;
using ActorLogArchive.Actors.Users;

namespace ActorLogArchive.Actors.Serialization;

/// <summary>All wire types of the product, collected from the features.</summary>
public static class WireTypes
{
    /// <summary>Every feature's list; a feature adds its own here.</summary>
    public static IReadOnlyList<WireType> All { get; } = [.. LedgerWire.Types, .. FleetWire.Types, .. UsersWire.Types, .. JournalProbeWire.Types];

    internal static FrozenDictionary<string, WireType> ByManifest { get; } = All.ToFrozenDictionary(type => type.Manifest);

    internal static FrozenDictionary<Type, WireType> ByType { get; } = All.ToFrozenDictionary(type => type.Type);
}
