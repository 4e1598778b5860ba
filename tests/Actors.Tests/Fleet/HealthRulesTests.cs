using ActorLogArchive.Actors.Fleet;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet;

public sealed class HealthRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly AgentEvidence Member = new(
        AgentMembership.Reachable, Now.AddHours(-1), Now.AddSeconds(-1), StandingError: null, LastStoredAt: null, EverReported: true, AgentHealth.Unknown);

    private static readonly QuietFile[] Silent = [new("app/b.log", Now.AddMinutes(-10), TimeSpan.FromMinutes(1))];

    private static readonly AgentEvidence Remembered = new(AgentMembership.None, null, null, null, null, EverReported: true, AgentHealth.Online);

    public static TheoryData<AgentHealth, string, AgentEvidence> Cases => new()
    {
        { AgentHealth.Online, "in the cluster and reporting", Member },
        { AgentHealth.Online, "in the cluster and reporting", Member with { LastReportAt = Now.AddSeconds(-6) } },
        { AgentHealth.Silent, "has not reported since 2026-03-01 11:59:53 UTC", Member with { LastReportAt = Now.AddSeconds(-7) } },
        { AgentHealth.Failing, "reports an error: 530", Member with { StandingError = "530" } },
        { AgentHealth.Online, "its first report is awaited", Member with { LastReportAt = null, MembershipSince = Now.AddSeconds(-1) } },
        { AgentHealth.Silent, "has never reported", Member with { LastReportAt = null } },
        { AgentHealth.Unreachable, "the cluster has not reached it", Member with { Membership = AgentMembership.Unreachable, MembershipSince = Now } },
        { AgentHealth.Unreachable, "taken out of the cluster", Member with { Membership = AgentMembership.Removed, MembershipSince = Now } },
        { AgentHealth.Online, "not in the cluster yet", Member with { Membership = AgentMembership.Removed, MembershipSince = Now.AddSeconds(-2) } },
        { AgentHealth.UploadsOnly, "still stores files", Member with { Membership = AgentMembership.Removed, MembershipSince = Now.AddSeconds(-30), LastReportAt = Now.AddSeconds(-31), LastStoredAt = Now } },
        { AgentHealth.Left, "in good order", Member with { Membership = AgentMembership.Left, MembershipSince = Now.AddSeconds(-2) } },
        { AgentHealth.Unknown, "not heard of since the archive was restarted", Remembered },
        { AgentHealth.Left, "before the archive was restarted", Remembered with { Before = AgentHealth.Left } },
        { AgentHealth.Online, "not in the cluster yet", Remembered with { LastReportAt = Now } },
        { AgentHealth.Unreachable, "is not in the cluster and has not reported", Remembered with { LastReportAt = Now.AddSeconds(-60) } },
        { AgentHealth.UploadsOnly, "but is not in the cluster", Remembered with { LastStoredAt = Now.AddSeconds(-5) } },
        { AgentHealth.Lagging, "bytes of app/a.log have waited to be archived since 2026-03-01 11:53 UTC", Member with { OldestPendingAge = TimeSpan.FromMinutes(6), OldestPendingPath = "app/a.log" } },
        { AgentHealth.Lagging, "uploads are paused", Member with { OldestPendingAge = TimeSpan.FromMinutes(6), IsPaused = true } },
        { AgentHealth.Online, "in the cluster and reporting", Member with { OldestPendingAge = TimeSpan.FromMinutes(5) } },
        { AgentHealth.Failing, "reports an error: full", Member with { StandingError = "full", OldestPendingAge = TimeSpan.FromHours(1), QuietCount = 1, Quiet = Silent } },
        { AgentHealth.SilentFile, "app/b.log (and 2 more) used to grow at least every 60 s and has not since 2026-03-01 11:50:00 UTC", Member with { QuietCount = 3, Quiet = Silent } },
        { AgentHealth.Lagging, "have waited", Member with { OldestPendingAge = TimeSpan.FromHours(1), QuietCount = 1, Quiet = Silent } },
        { AgentHealth.Silent, "it still stores files over FTP", Member with { LastReportAt = Now.AddSeconds(-60), LastStoredAt = Now.AddSeconds(-1) } },
        { AgentHealth.UploadsOnly, "has never joined", Remembered with { EverReported = false, LastStoredAt = Now.AddDays(-5) } },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Health_follows_from_the_evidence(AgentHealth health, string reason, AgentEvidence evidence)
    {
        var judged = HealthRules.Evaluate(evidence, Interval, Now);

        Assert.Equal(health, judged.Health);
        Assert.Contains(reason, judged.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unreachable", "firewall")]
    [InlineData("OverQuota", "Raise the quota")]
    [InlineData("NoSpace", "Make room on the archive's disk")]
    [InlineData("NoAccount", "accounts page")]
    [InlineData("Unreadable", "let the agent's account")]
    [InlineData("Ledger", "data-dir")]
    [InlineData(null, "agent's log")]
    public void What_fails_is_told_with_its_cause_and_what_to_do(string? cause, string toDo)
    {
        var judged = HealthRules.Evaluate(Member with { AgentId = "web1", StandingError = "x", Cause = cause }, Interval, Now);

        Assert.Equal((AgentHealth.Failing, cause), (judged.Health, judged.Cause));
        Assert.Contains(toDo, judged.ToDo, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Each_health_but_online_says_what_to_do()
    {
        var silent = HealthAdvice.For(AgentHealth.Silent, "web1");

        Assert.Null(HealthAdvice.For(AgentHealth.Online, "web1"));
        Assert.Contains("node web1", silent, StringComparison.Ordinal);
        foreach (var health in Enum.GetValues<AgentHealth>().Except([AgentHealth.Online, AgentHealth.Failing, AgentHealth.Lagging, AgentHealth.SilentFile]))
        {
            Assert.NotNull(HealthAdvice.For(health, "web1"));
        }
    }

    [Fact]
    public void How_long_a_byte_may_wait_is_a_setting()
    {
        var waiting = Member with { OldestPendingAge = TimeSpan.FromSeconds(30) };

        Assert.Equal(AgentHealth.Online, HealthRules.Evaluate(waiting, Interval, Now).Health);
        Assert.Equal(AgentHealth.Lagging, HealthRules.Evaluate(waiting, new HealthLimits(Interval, TimeSpan.FromSeconds(20)), Now).Health);
    }

    [Fact]
    public void A_reason_does_not_change_with_the_clock_alone()
    {
        var silent = Member with { LastReportAt = Now.AddSeconds(-10) };

        Assert.Equal(HealthRules.Evaluate(silent, Interval, Now), HealthRules.Evaluate(silent, Interval, Now.AddHours(3)));
    }
}
