using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>Manifests of the fleet's messages, events and snapshots.</summary>
public static class FleetWire
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WireType> Types { get; } =
    [
        new("fleet.report.v1", FleetJson.Default.AgentReport),
        new("fleet.report-answer.v1", FleetJson.Default.ReportAnswer),
    ];
}

[JsonSerializable(typeof(FleetProtocol.AgentReport))]
[JsonSerializable(typeof(FleetProtocol.ReportAnswer))]
internal sealed partial class FleetJson : JsonSerializerContext;
