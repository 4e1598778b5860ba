using ActorLogArchive.Actors.Fleet.History;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet.History;

public sealed class TimelineRulesTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Changes_become_spans_without_gaps_and_the_last_change_before_tells_how_it_began()
    {
        Assert.Equal(
            "0-5 Online, 5-8 Failing, 8-24 Online",
            Text([Change(-10, AgentHealth.Online), Change(5, AgentHealth.Failing), Change(8, AgentHealth.Online)], [(-100, 24)]));
    }

    [Fact]
    public void Before_an_agent_was_seen_and_while_nobody_looked_nothing_is_claimed()
    {
        Assert.Equal(
            "0-2 ?, 2-6 Online, 6-9 ?, 9-12 Online, 12-24 Unreachable",
            Text([Change(2, AgentHealth.Online), Change(12, AgentHealth.Unreachable)], [(1, 6), (9, 24)]));
    }

    [Fact]
    public void The_same_health_again_is_one_span()
    {
        Assert.Equal("0-24 Online", Text([Change(0, AgentHealth.Online), Change(3, AgentHealth.Online)], [(0, 24)]));
    }

    [Fact]
    public void Of_an_agent_without_changes_there_is_nothing()
    {
        Assert.Equal("", Text([], [(0, 24)]));
    }

    private static HealthChange Change(int hour, AgentHealth health) => new(health, "r", Begin.AddHours(hour));

    private static string Text(HealthChange[] changes, (int Start, int End)[] runs) => string.Join(
        ", ",
        TimelineRules.Build(changes, [.. runs.Select(run => (Begin.AddHours(run.Start), Begin.AddHours(run.End)))], Begin, Begin.AddHours(24))
            .Select(span => $"{(span.From - Begin).TotalHours}-{(span.To - Begin).TotalHours} {span.Health?.ToString() ?? "?"}"));
}
