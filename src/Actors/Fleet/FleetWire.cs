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
        new("fleet.agent-command.v1", FleetJson.Default.AgentCommand),
        new("fleet.agent-command-done.v1", FleetJson.Default.AgentCommandDone),
        new("fleet.agent-command-refused.v1", FleetJson.Default.AgentCommandRefused),
        new("fleet.agent-explain.v1", FleetJson.Default.AgentExplain),
        new("fleet.path-explained.v1", FleetJson.Default.PathExplained),
        new("fleet.agent-verify.v1", FleetJson.Default.AgentVerify),
        new("fleet.verification-started.v1", FleetJson.Default.VerificationStarted),
        new("fleet.agent-first-seen.v1", FleetJson.Default.AgentFirstSeen),
        new("fleet.agent-health-changed.v1", FleetJson.Default.AgentHealthChanged),
        new("fleet.agent-figures-kept.v1", FleetJson.Default.AgentFiguresKept),
        new("fleet.agent-forgotten.v1", FleetJson.Default.AgentForgotten),
        new("fleet.snapshot.v1", FleetJson.Default.FleetSnapshot),
    ];
}

[JsonSerializable(typeof(FleetProtocol.AgentReport))]
[JsonSerializable(typeof(FleetProtocol.ReportAnswer))]
[JsonSerializable(typeof(FleetProtocol.AgentCommand))]
[JsonSerializable(typeof(FleetProtocol.AgentCommandDone))]
[JsonSerializable(typeof(FleetProtocol.AgentCommandRefused))]
[JsonSerializable(typeof(FleetProtocol.AgentExplain))]
[JsonSerializable(typeof(FleetProtocol.PathExplained))]
[JsonSerializable(typeof(FleetProtocol.AgentVerify))]
[JsonSerializable(typeof(FleetProtocol.VerificationStarted))]
[JsonSerializable(typeof(FleetEvents.AgentFirstSeen))]
[JsonSerializable(typeof(FleetEvents.AgentHealthChanged))]
[JsonSerializable(typeof(FleetEvents.AgentFiguresKept))]
[JsonSerializable(typeof(FleetEvents.AgentForgotten))]
[JsonSerializable(typeof(FleetEvents.FleetSnapshot))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class FleetJson : JsonSerializerContext;
