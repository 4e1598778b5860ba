using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Journal;

/// <summary>Messages of <see cref="JournalProbeActor"/>.</summary>
public static class JournalProbeProtocol
{
    /// <summary>Asks for <see cref="JournalStatus"/>.</summary>
    public sealed record GetStatus
    {
        /// <summary>The only one.</summary>
        public static readonly GetStatus Instance = new();
    }

    /// <summary>How the journal is.</summary>
    /// <param name="Writes">Whether the latest write went through, or the one under way is not late.</param>
    /// <param name="LastWriteAt">When one last went through; null when none has.</param>
    /// <param name="LastWriteTook">How long that took.</param>
    public sealed record JournalStatus(bool Writes, DateTimeOffset? LastWriteAt, TimeSpan? LastWriteTook);

    /// <summary>Journal event: something small was written.</summary>
    public sealed record ProbeWritten(DateTimeOffset At) : IWireMessage;
}

/// <summary>Manifest of the probe's event.</summary>
public static class JournalProbeWire
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WireType> Types { get; } = [new("journal.probe-written.v1", JournalProbeJson.Default.ProbeWritten)];
}

[JsonSerializable(typeof(JournalProbeProtocol.ProbeWritten))]
internal sealed partial class JournalProbeJson : JsonSerializerContext;
