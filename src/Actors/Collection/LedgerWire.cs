using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Collection;

/// <summary>Manifests of the ledger's events and snapshots.</summary>
public static class LedgerWire
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WireType> Types { get; } = [];
}
