using System.Globalization;
using System.Net;
using System.Text;
using ActorLogArchive.Actors.Fleet;
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

    public static void Fill(FakeArchiveGateway gateway, DateTimeOffset now)
    {
        gateway.Set(Agent("agent01", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", now, backlog: 0, rate: 48_000));
        gateway.Set(Agent("web-frontend-02", FleetProtocol.AgentHealth.Online, "reports arrive, reachable member", now, backlog: 2_345_000, rate: 1_860_000));
        gateway.Set(Agent("db-primary", FleetProtocol.AgentHealth.Failing, "the agent reports an error that stands", now, backlog: 41_000_000, error: "/var/log/postgresql/postgresql.log: Permission denied"));
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
