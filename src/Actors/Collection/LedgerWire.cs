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
        new("ledger.uploads-began.v1", LedgerJson.Default.UploadsBegan),
        new("ledger.files-deleted.v1", LedgerJson.Default.FilesDeleted),
        new("ledger.contents-lost.v1", LedgerJson.Default.ContentsLost),
        new("ledger.started-over.v1", LedgerJson.Default.LedgerStartedOver),
        new("ledger.snapshot.v1", LedgerJson.Default.LedgerSnapshot),
    ];
}

[JsonSerializable(typeof(FilesSeen))]
[JsonSerializable(typeof(FilesVanished))]
[JsonSerializable(typeof(FilesArchived))]
[JsonSerializable(typeof(UploadsFailed))]
[JsonSerializable(typeof(FilesForgotten))]
[JsonSerializable(typeof(UploadsBegan))]
[JsonSerializable(typeof(FilesDeleted))]
[JsonSerializable(typeof(ContentsLost))]
[JsonSerializable(typeof(LedgerStartedOver))]
[JsonSerializable(typeof(LedgerSnapshot))]
internal sealed partial class LedgerJson : JsonSerializerContext;
