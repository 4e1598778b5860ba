using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;

namespace ActorLogArchive.Actors.Serialization;

/// <summary>UTF-8 JSON under a versioned manifest, by source-generated contracts: no type names on the wire.</summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <inheritdoc/>
    public override int Identifier => 7301;

    /// <inheritdoc/>
    public override string Manifest(object o) => Find(o).Manifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, Find(obj).Json);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) =>
        WireTypes.ByManifest.TryGetValue(manifest, out var type)
            ? JsonSerializer.Deserialize(bytes, type.Json) ?? throw new SerializationException($"'{manifest}' holds no value")
            : throw new SerializationException($"unknown manifest '{manifest}': written by a newer version?");

    private static WireType Find(object message) =>
        WireTypes.ByType.TryGetValue(message.GetType(), out var type)
            ? type
            : throw new SerializationException($"{message.GetType()} has no manifest: add it to its feature's XxxWire.Types");
}
