using System.Text;
using System.Text.Json;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Tests.Fleet;

public sealed class FleetStateTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Since_and_reason_are_those_of_the_last_change()
    {
        var state = Fold(
            new FleetEvents.AgentFirstSeen("a", At),
            new FleetEvents.AgentHealthChanged("a", FleetProtocol.AgentHealth.Online, "here", At.AddMinutes(1)),
            new FleetEvents.AgentHealthChanged("a", FleetProtocol.AgentHealth.Silent, "quiet", At.AddMinutes(2)));

        var agent = state.Agents["a"];
        Assert.Equal((At, FleetProtocol.AgentHealth.Silent, "quiet", At.AddMinutes(2)), (agent.FirstSeenAt, agent.Health, agent.Reason, agent.Since));
        Assert.Equal(["here", "quiet"], agent.History.Select(change => change.Reason));
    }

    [Fact]
    public void History_is_bounded()
    {
        var changes = Enumerable.Range(0, 200).Select(IFleetEvent (number) => new FleetEvents.AgentHealthChanged("a", FleetProtocol.AgentHealth.Online, $"{number}", At));

        var history = Fold([new FleetEvents.AgentFirstSeen("a", At), .. changes]).Agents["a"].History;

        Assert.Equal(FleetState.HistoryLength, history.Count);
        Assert.Equal("199", history[^1].Reason);
    }

    [Fact]
    public void A_forgotten_agent_is_gone_and_events_about_unknown_ones_change_nothing()
    {
        var state = Fold(
            new FleetEvents.AgentFirstSeen("a", At),
            new FleetEvents.AgentForgotten("a", At),
            new FleetEvents.AgentHealthChanged("a", FleetProtocol.AgentHealth.Online, "x", At));

        Assert.Empty(state.Agents);
    }

    [Fact]
    public void A_snapshot_holds_all_there_is()
    {
        var state = Fold(new FleetEvents.AgentFirstSeen("a", At), new FleetEvents.AgentFirstSeen("b", At), new FleetEvents.AgentHealthChanged("b", FleetProtocol.AgentHealth.Left, "bye", At));
        var type = WireTypes.All.Single(type => type.Manifest == "fleet.snapshot.v1");

        var read = (FleetEvents.FleetSnapshot)JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(state.ToSnapshot(), type.Json), type.Json)!;

        Assert.Equal(["a Unknown", "b Left"], FleetState.From(read).Agents.Values.Select(agent => $"{agent.AgentId} {agent.Health}"));
        Assert.Equal("bye", Assert.Single(FleetState.From(read).Agents["b"].History).Reason);
    }

    public static TheoryData<string, string, object> Golden => new()
    {
        { "fleet.agent-first-seen.v1", """{"AgentId":"a","At":"2026-03-01T12:00:00+00:00"}""", new FleetEvents.AgentFirstSeen("a", At) },
        {
            "fleet.agent-health-changed.v1",
            """{"AgentId":"a","Health":"Unreachable","Reason":"gone","At":"2026-03-01T12:00:00+00:00"}""",
            new FleetEvents.AgentHealthChanged("a", FleetProtocol.AgentHealth.Unreachable, "gone", At)
        },
        {
            "fleet.agent-figures-kept.v1",
            """{"AgentId":"a","LastReport":null,"LastReportAt":null,"LastStoredAt":"2026-03-01T12:00:00+00:00"}""",
            new FleetEvents.AgentFiguresKept("a", null, null, At)
        },
        { "fleet.agent-forgotten.v1", """{"AgentId":"a","At":"2026-03-01T12:00:00+00:00"}""", new FleetEvents.AgentForgotten("a", At) },
    };

    [Fact]
    public void Figures_that_an_earlier_version_kept_are_read()
    {
        const string Stored = """
            {"AgentId":"a","LastReport":{"AgentId":"a","Address":"n:1","Version":"0.1.0","StartedAt":"2026-03-01T12:00:00+00:00","At":"2026-03-01T12:00:00+00:00",
            "BacklogFiles":1,"BacklogBytes":2,"ArchivedFiles":3,"ArchivedBytes":4,"BytesPerSecond":5,"LastUploadAt":null,"LastError":null,"LastErrorAt":null,"Roots":["/var/log: **/*"],
            "IsPaused":true,"BandwidthLimit":1000},"LastReportAt":"2026-03-01T12:00:00+00:00","LastStoredAt":null}
            """;
        var type = WireTypes.All.Single(type => type.Manifest == "fleet.agent-figures-kept.v1");

        var report = ((FleetEvents.AgentFiguresKept)JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(Stored), type.Json)!).LastReport!;

        Assert.Equal((2, true, 1000, null, null), (report.BacklogBytes, report.IsPaused, report.BandwidthLimit, report.OldestPendingAge, report.Details));
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Stored_events_are_read_as_ever(string manifest, string json, object expected)
    {
        var type = WireTypes.All.Single(type => type.Manifest == manifest);

        Assert.Equal(expected, JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), type.Json));
        using var written = JsonSerializer.SerializeToDocument(expected, type.Json);
        using var golden = JsonDocument.Parse(json);
        Assert.True(JsonElement.DeepEquals(golden.RootElement, written.RootElement), written.RootElement.GetRawText());
    }

    private static FleetState Fold(params IReadOnlyList<IFleetEvent> events) => events.Aggregate(FleetState.Empty, FleetState.Apply);
}
