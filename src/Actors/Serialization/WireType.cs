using System.Text.Json.Serialization.Metadata;

namespace ActorLogArchive.Actors.Serialization;

/// <summary>
/// One serialized type under its manifest: a stable name with a version, such as <c>ledger.files-seen.v1</c>. A manifest
/// is for ever: a changed shape gets a new version beside the old one, and old journals stay readable.
/// </summary>
public sealed record WireType(string Manifest, JsonTypeInfo Json)
{
    /// <summary>The CLR type.</summary>
    public Type Type => Json.Type;
}
