using System.Globalization;
using System.Net;
using System.Text;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Web.Tests.Fakes;

/// <summary>Agents, accounts, sessions and logs that look like those of a real site.</summary>
internal static class Samples
{
    public const string HostileName = "we #1 100%41 \"<b>x&amp;\" 'é\n'.log";

    private static readonly DateTimeOffset Day = new(2026, 11, 23, 6, 0, 0, TimeSpan.Zero);

    public static FleetProtocol.AgentView Agent(
        string id, FleetProtocol.AgentHealth health, string reason, DateTimeOffset now, long backlog = 0, double rate = 0, string? error = null, double reportAge = 2) => new(
        id, health, reason, now - TimeSpan.FromMinutes(37), now - TimeSpan.FromDays(12), now - TimeSpan.FromSeconds(reportAge), now - TimeSpan.FromSeconds(reportAge + 3),
        new FleetProtocol.AgentReport(
            id, "10.20.0." + (10 + (id.Length % 30)).ToString(CultureInfo.InvariantCulture) + ":41233", "0.1.0", now - TimeSpan.FromHours(30), now, backlog / 180_000, backlog, 18_230 + id.Length, 3_400_000_000 + (id.Length * 1_000_000),
            rate, now - TimeSpan.FromSeconds(reportAge + 1), error, error is null ? null : now - TimeSpan.FromMinutes(4),
            ["/var/log/app  include **/*.log, **/*.txt", "/srv/sim/Logs  include **/*.txt  exclude **/tmp/**"]));

    /// <summary>An agent that has told all there is to tell.</summary>
    public static FleetProtocol.AgentView Told(DateTimeOffset now)
    {
        const string Error = "postgresql/postgresql.log: 552 the quota of db-primary is used up";
        var agent = Agent("db-primary", FleetProtocol.AgentHealth.Failing, $"reports an error: {Error}", now, backlog: 41_000_000, rate: 220_000, error: Error);
        return agent with
        {
            ToDo = HealthAdvice.ForCause("OverQuota", "db-primary"),
            Cause = "OverQuota",
            LastReport = agent.LastReport! with
            {
                ErrorCause = "OverQuota",
                OldestPendingAge = TimeSpan.FromMinutes(4),
                Details = new AgentDetails
                {
                    Failures = [new FailureFigures("OverQuota", 2, "postgresql/postgresql.log", Error), new FailureFigures("Unreadable", 1, "audit/secret.log", "permission denied")],
                    Failed =
                    [
                        new FailedUpload("postgresql/postgresql.log", "OverQuota", "552 the quota of db-primary is used up", 3, now, now.AddSeconds(40)),
                        new FailedUpload("audit/secret.log", "Unreadable", "permission denied", 9, now, now.AddMinutes(5)),
                    ],
                    Connections = [new ConnectionFigures(1, "Uploading", now.AddSeconds(-12), 0, null, null, null), new ConnectionFigures(2, "BackingOff", now.AddSeconds(-5), 2, "552 the quota is used up", "OverQuota", now.AddSeconds(8))],
                    Roots = [new RootFigures("/var/log/postgresql", null, ["**/*.log"], ["**/*.tmp"], ["sent when quiet for 0:05:00"], 812, 3, 41_000_000), new RootFigures("/srv/audit", "audit", ["**/*"], [], [], 77, 0, 0)],
                    Progress = new BacklogProgress(now.AddMinutes(-4), 30, 12, 90_000_000, 41_000_000, TimeSpan.FromSeconds(186)),
                    InTransfer = [new TransferFigures("postgresql/postgresql-2026-11-23.log", 8_000_000, 14_000_000, now.AddSeconds(-12))],
                    Recent = [new RecentUpload("postgresql/postgresql-2026-11-22.log", 2_000_000, now.AddSeconds(-20))],
                    Quiet = [new QuietFile("cron/heartbeat.log", now.AddMinutes(-17), TimeSpan.FromSeconds(60))],
                    QuietCount = 1,
                    Verification = new VerificationFigures(now.AddMinutes(-9), now.AddMinutes(-8), true, 889, 3_400_000_000, 12, 0, [], null),
                },
            },
        };
    }

    /// <summary>A day of traffic.</summary>
    public static FleetHistoryProtocol.Activity Activity(DateTimeOffset now) => new(
        now, 4218, 1_730_000_000, 2_100_000,
        [.. Enumerable.Range(0, 1440).Select(i => new FleetHistoryProtocol.MinutePoint(
            now.AddMinutes(i - 1440), (long)(9e7 + (6e7 * Math.Sin(i / 140.0)) + (i * 7919 % 3e7)), 40, Math.Max(0, (long)(4e7 * Math.Sin((i - 900) / 90.0))), 9))],
        new Dictionary<string, IReadOnlyList<float>>
        {
            ["agent01"] = [.. Enumerable.Range(0, 60).Select(i => (float)(40_000 + (i * 7919 % 20_000)))],
            ["web-frontend-02"] = [.. Enumerable.Range(0, 60).Select(i => (float)(1_400_000 + (900_000 * Math.Sin(i / 6.0))))],
            ["db-primary"] = [.. Enumerable.Range(0, 60).Select(i => i < 40 ? 300_000f : 0f)],
        },
        [
            new FleetHistoryProtocol.FleetHappening(now.AddSeconds(-41), "db-primary", "health", "reports an error: postgresql/postgresql.log: 552 the quota of db-primary is used up", FleetProtocol.AgentHealth.Failing),
            new FleetHistoryProtocol.FleetHappening(now.AddMinutes(-37), "sim-node-7", "health", "could not be reached and was taken out of the cluster", FleetProtocol.AgentHealth.Unreachable),
            new FleetHistoryProtocol.FleetHappening(now.AddHours(-2), "web-frontend-02", "appeared", "was heard of for the first time", null),
        ],
        412_000_000_000, 1_000_000_000_000);

    /// <summary>A month of ups and downs.</summary>
    public static IReadOnlyList<FleetHistoryProtocol.TimelineSpan> Month(DateTimeOffset now) =>
    [
        new(now.AddDays(-30), now.AddDays(-21), null, "not seen yet"),
        new(now.AddDays(-21), now.AddDays(-9), FleetProtocol.AgentHealth.Online, "in the cluster and reporting"),
        new(now.AddDays(-9), now.AddDays(-8.2), FleetProtocol.AgentHealth.Unreachable, "could not be reached and was taken out of the cluster"),
        new(now.AddDays(-8.2), now.AddDays(-3), FleetProtocol.AgentHealth.Online, "in the cluster and reporting"),
        new(now.AddDays(-3), now.AddDays(-2.7), null, "the archive was not running"),
        new(now.AddDays(-2.7), now.AddMinutes(-37), FleetProtocol.AgentHealth.Online, "in the cluster and reporting"),
        new(now.AddMinutes(-37), now, FleetProtocol.AgentHealth.Failing, "reports an error: 552 the quota is used up"),
    ];

    public static void Fill(FakeArchiveGateway gateway, DateTimeOffset now)
    {
        gateway.Set(Agent("agent01", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", now, backlog: 0, rate: 48_000));
        gateway.Set(Agent("web-frontend-02", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", now, backlog: 2_345_000, rate: 1_860_000));
        gateway.Set(Told(now));
        gateway.Activity = Activity(now);
        gateway.Timeline = Month(now);
        gateway.Set(Agent("sim-node-7", FleetProtocol.AgentHealth.Unreachable, "not reachable since its last heartbeat at 09:12:40", now, backlog: 8_800_000, reportAge: 2300));
        gateway.Set(Agent("batch-3", FleetProtocol.AgentHealth.Left, "left the cluster in good order", now, reportAge: 90_000));
        foreach (var (name, letters, up) in new[] { ("agent01", "elrafmwMT", 0L), ("web-frontend-02", "elrafmwMT", 2 * 1024 * 1024L), ("auditor", "elr", 0L), ("db-primary", "elrafmwMT", 512 * 1024L) })
            gateway.Set(new UsersProtocol.UserAccount(name, name == "auditor" ? "/" : "/" + name, letters, up, 0, now.AddDays(-12), now.AddDays(-2)));
        gateway.Set(new FtpSessionInfo(17, new IPEndPoint(IPAddress.Parse("10.20.0.17"), 50122), "agent01", now.AddMinutes(-12), null, null, 48_234_123, 12_400));
        gateway.Set(new FtpSessionInfo(18, new IPEndPoint(IPAddress.Parse("10.20.0.25"), 50130), "web-frontend-02", now.AddMinutes(-3), "STOR", FtpPath.Parse("/web-frontend-02/nginx/access.log"), 3_234_123, 400));
    }

    public static void WriteLogs(string root)
    {
        Write(root, "agent01/app/service.log", Application(4000));
        Write(root, "agent01/app/service.log.1", Application(300));
        Write(root, "agent01/app/service.~20261101T060000Z~.log", Application(40));
        Write(root, "agent01/app/empty.log", "");
        Write(root, "agent01/app/" + HostileName, "a line with <script>alert(1)</script>\nsecond line\n");
        Write(root, "agent01/Logs/PhysicalWorldSimulator/20240723/PWS_UI_20240723_111325_1.txt", Application(500));
        Write(root, "agent01/Logs/PhysicalWorldSimulator/20240724/PWS_UI_20240724_080000_1.txt", Application(200));
        Write(root, "web-frontend-02/nginx/access.log", Access(3000));
        Write(root, "web-frontend-02/metrics/metrics.csv", Metrics(800));
        Write(root, "db-primary/postgresql/postgresql.log", Application(900));
        File.WriteAllBytes(Path.Combine(root, "agent01/app/dump.bin"), [0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1, 2, 3]);
        for (var i = 0; i < 240; i++)
            Write(root, $"web-frontend-02/jobs/job-{i:000}.log", $"job {i} finished in {i * 7 % 91} ms\n");
    }

    private static void Write(string root, string path, string text)
    {
        var file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        var minutes = path.Aggregate(17, (sum, c) => ((sum * 31) + c) % 9973);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-minutes));
    }

    private static string Application(int lines)
    {
        var text = new StringBuilder();
        for (var i = 0; i < lines; i++)
        {
            var at = Day.AddSeconds(i * 3.7).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{at} ");
            _ = (i % 97, i % 41, i % 11) switch
            {
                (13, _, _) => text.Append(CultureInfo.InvariantCulture, $"ERROR [worker-{i % 8}] Upload of batch {i} failed: connection refused by 10.20.0.3:5432\nSystem.Net.Sockets.SocketException (111): Connection refused\n   at Simulator.Store.Flush(Batch batch) in Store.cs:line 118\n"),
                (_, 7, _) => text.Append(CultureInfo.InvariantCulture, $"WARN  [worker-{i % 8}] Queue is {70 + (i % 30)}% full, slowing down\n"),
                (_, _, 3) => text.Append(CultureInfo.InvariantCulture, $"DEBUG [worker-{i % 8}] Tick took {i % 19}.{i % 7} ms\n"),
                _ => text.Append(CultureInfo.InvariantCulture, $"INFO  [worker-{i % 8}] Step {i} of simulation done, {i * 13 % 1000} entities, session {i * 7919 % 65536:x4}\n"),
            };
        }

        return text.ToString();
    }

    private static string Access(int lines)
    {
        var text = new StringBuilder();
        for (var i = 0; i < lines; i++)
        {
            var at = Day.AddSeconds(i).ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture);
            var status = i % 53 == 0 ? 502 : i % 17 == 0 ? 404 : 200;
            text.Append(CultureInfo.InvariantCulture, $"10.1.{i % 7}.{i % 250} - - [{at}] \"GET /api/v2/items/{i * 31 % 977} HTTP/1.1\" {status} {i * 131 % 9000} \"-\" \"Mozilla/5.0\"\n");
        }

        return text.ToString();
    }

    private static string Metrics(int lines)
    {
        var text = new StringBuilder("time,cpu,memory,requests\n");
        for (var i = 0; i < lines; i++)
            text.Append(CultureInfo.InvariantCulture, $"{Day.AddSeconds(10 * i):O},{i * 17 % 100},{i * 29 % 100},{i * 131 % 5000}\n");
        return text.ToString();
    }
}
