using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Collection;

/// <summary>Manifests of the ledger's events and snapshots.</summary>
public static class LedgerWire
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WireType> Types { get; } =
    [
        new("ledger.files-seen.v1", LedgerJson.Default.FilesSeen),
        new("ledger.files-vanished.v1", LedgerJson.Default.FilesVanished),
        new("ledger.files-archived.v1", LedgerJson.Default.FilesArchived),
        new("ledger.uploads-failed.v1", LedgerJson.Default.UploadsFailed),
        new("ledger.files-forgotten.v1", LedgerJson.Default.FilesForgotten),
        new("ledger.snapshot.v1", LedgerJson.Default.LedgerSnapshot),
    ];
}

[JsonSerializable(typeof(FilesSeen))]
[JsonSerializable(typeof(FilesVanished))]
[JsonSerializable(typeof(FilesArchived))]
[JsonSerializable(typeof(UploadsFailed))]
[JsonSerializable(typeof(FilesForgotten))]
[JsonSerializable(typeof(LedgerSnapshot))]
internal sealed partial class LedgerJson : JsonSerializerContext;
