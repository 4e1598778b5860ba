using System.Text.Json.Serialization;

namespace ActorLogArchive.Actors.Collection.Ledger;

[JsonSerializable(typeof(RareFields))]
[JsonSerializable(typeof(List<StoryItem>))]
internal sealed partial class LedgerStoreJson : JsonSerializerContext;
