using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;

namespace ActorLogArchive.Web.Tests.Fakes;

/// <summary>A fleet as it looks on a working day: for pictures.</summary>
internal static class SampleFleet
{
    private const long Mega = 1_000_000;

    private static readonly (string Id, string Address, FleetProtocol.AgentHealth Health, string Reason, double Since, long Files, long Backlog, double Rate, double Phase)[] Agents =
    [
        ("db-primary", "10.20.4.11:41233", FleetProtocol.AgentHealth.Failing, "reports an error: postgresql/postgresql-2026-11-27.log: 552 the quota of db-primary is used up", 4, 3, 41 * Mega, 0, 0),
        ("plc-gateway-3", "10.20.7.33:41233", FleetProtocol.AgentHealth.Unreachable, "the cluster has not reached it since 09:12:40", 11, 2, 1_240_000, 0, 0),
        ("db-replica", "10.20.4.12:41233", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", 8_640, 0, 0, 212_000, 2.1),
        ("sim-node-1", "10.20.6.21:41233", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", 17_280, 4, 3_100_000, 1_420_000, 0.4),
        ("sim-node-2", "10.20.6.22:41233", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", 17_275, 0, 0, 1_180_000, 1.3),
        ("web-frontend-1", "10.20.5.10:41233", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", 30_240, 1, 188_000, 486_000, 3.0),
        ("web-frontend-2", "10.20.5.11:41233", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", 30_239, 0, 0, 441_000, 4.2),
    ];

    /// <summary>An FTP account that no agent is known of.</summary>
    public static FleetProtocol.AgentView AccountOnly(string name, DateTimeOffset now)
    {
        var verdict = HealthRules.NeverSeen(name, isDisabled: false);
        return new(name, verdict.Health, verdict.Reason, now.AddDays(-40), now.AddDays(-40), null, null, null) { ToDo = verdict.ToDo };
    }

    public static void Fill(FakeArchiveGateway gateway, DateTimeOffset now)
    {
        foreach (var (id, address, health, reason, since, files, backlog, rate, _) in Agents)
        {
            var isAway = health == FleetProtocol.AgentHealth.Unreachable;
            var reported = isAway ? now.AddMinutes(-11) : now.AddSeconds(-1);
            gateway.Set(new FleetProtocol.AgentView(
                id, health, reason, now.AddMinutes(-since), now.AddDays(-90), reported, reported.AddSeconds(-2),
                new FleetProtocol.AgentReport(
                    id, address, "1.0.0", now.AddMinutes(-since), reported, files, backlog, 48_200, 91_000 * Mega, rate, reported.AddSeconds(rate > 0 ? -1 : -240), null, null, ["/var/log  include **/*.log"])));
        }

        gateway.Activity = Activity(now);
    }

    public static CatalogTotals Totals(DateTimeOffset now) => new(Agents.Length, 318_402, 642_000 * Mega, now.AddSeconds(-1), false);

    private static FleetHistoryProtocol.Activity Activity(DateTimeOffset now)
    {
        var noise = new Random(20261127);
        var waiting = 0L;
        var drift = 0.0;
        var minutes = new List<FleetHistoryProtocol.MinutePoint>();
        for (var i = 0; i < 1440; i++)
        {
            // A day has a night; a link that stood still for half an hour leaves a hill of what waits.
            var isStanding = i is > 905 and < 936;
            drift = (0.98 * drift) + (noise.NextDouble() - 0.5);
            var made = (long)(Mega * (110 + (80 * Math.Sin((i - 420) / 1440.0 * Math.Tau)) + (10 * drift) + (12 * noise.NextDouble())));
            var sent = isStanding ? noise.NextInt64(9 * Mega) : Math.Min(made + waiting, 230 * Mega);
            waiting += made - sent;
            minutes.Add(new FleetHistoryProtocol.MinutePoint(now.AddMinutes(i - 1440), sent, 40, waiting + noise.NextInt64(4 * Mega) + (i > 1430 ? 40 * Mega : 0), 9));
        }

        return new FleetHistoryProtocol.Activity(
            now, 51_604, 168_000 * Mega, 3_740_000, minutes,
            Agents.ToDictionary(agent => agent.Id, agent => (IReadOnlyList<float>)[.. Enumerable.Range(0, 60).Select(i => agent.Rate > 0
                ? (float)(agent.Rate * (0.8 + (0.25 * Math.Sin((i / 7.0) + agent.Phase)) + (0.3 * noise.NextDouble())))
                : agent.Health == FleetProtocol.AgentHealth.Failing && i < 36 ? 300_000f + (40_000 * noise.NextSingle()) : 0f)]),
            [
                new(now.AddMinutes(-4), "db-primary", "health", "reports an error: 552 the quota of db-primary is used up", FleetProtocol.AgentHealth.Failing),
                new(now.AddMinutes(-11), "plc-gateway-3", "health", "the cluster has not reached it since 09:12:40", FleetProtocol.AgentHealth.Unreachable),
                new(now.AddHours(-8), "sim-node-1", "health", "has caught up", FleetProtocol.AgentHealth.Online),
                new(now.AddHours(-21), "web-frontend-2", "appeared", "was heard of for the first time", null),
            ],
            1_180_000 * Mega, 2_000_000 * Mega);
    }
}
