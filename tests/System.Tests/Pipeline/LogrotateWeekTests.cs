using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>
/// Programs that write while the real logrotate rotates their logs, with agent, archive and connection killed at random meanwhile.
/// Half a minute in the suite; <c>ALA_SOAK_MINUTES=60</c> makes it a week of hourly rotations, <c>ALA_SOAK_SEED</c> repeats a run.
/// With an odd seed it goes over TLS, where files share a data connection; what is broken then is the control connection.
/// </summary>
public sealed class LogrotateWeekTests
{
    private const string ShortChain = "short-chain";
    private const int Week = 7 * 24;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly (string Name, string Config)[] Kinds =
    [
        ("create", "create\nrotate 400"),
        (ShortChain, "create\nrotate 8"),
        ("compress", "create\nrotate 400\ncompress"),
        ("delaycompress", "create\nrotate 400\ncompress\ndelaycompress"),
        ("dateext", "create\nrotate 400\ndateext\ndateformat -%Y%m%d-%s"),
        ("olddir", "create\nrotate 400\nolddir old"),
        ("nocreate", "nocreate\nrotate 400\nmissingok"),
        ("copytruncate", "copytruncate\nrotate 400"),
    ];

    [Fact]
    public async Task A_week_of_rotations_with_kills_loses_no_line_and_archives_none_twice()
    {
        if (!File.Exists("/usr/sbin/logrotate"))
            Assert.Skip("logrotate is not installed");
        var minutes = double.Parse(Environment.GetEnvironmentVariable("ALA_SOAK_MINUTES") ?? "0.5", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("ALA_SOAK_SEED") ?? $"{Random.Shared.Next(1_000_000)}", CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"ALA_SOAK_SEED={seed}");

        await using var archive = await TestArchive.CreateAsync("agent01");

        // Below those that the system gives to programs: to a killed agent's port the cluster connects for a while, and would be taken for its data.
        archive.PassivePorts = "20000-29999";
        await archive.StartArchiveAsync();
        await using var link = new FtpLink(archive.FtpPort);
        string[] over = ["--set", $"log-archive.agent.ftp.port={link.Port}", "--set", $"log-archive.agent.ftp.tls={(seed % 2 == 0 ? "off" : "require")}"];
        var folder = archive.LogFolder("agent01");
        var beside = Directory.CreateDirectory(Path.Combine(archive.Folder, "logrotate")).FullName;
        var logs = Kinds.Select((kind, i) => new RotatedLog(Path.Combine(folder, kind.Name), beside, kind.Config, TimeSpan.FromMilliseconds(5 + (7 * i)))).ToList();
        var lasting = TimeSpan.FromMinutes(minutes);
        var kills = await LiveAsync(archive, link, over, logs, new Random(seed), lasting);
        foreach (var log in logs)
            await log.DisposeAsync();

        var (exitCode, output) = await archive.RunAgentAsync("agent01", [.. over, "--once"]);

        TestContext.Current.TestOutputHelper?.WriteLine($"{logs.Sum(log => log.Lines)} lines; kills: {kills}");
        Assert.True(exitCode == 0, output);
        var problems = logs.SelectMany((log, i) => log.Problems(Path.Combine(archive.TreeOf("agent01"), Kinds[i].Name))).ToList();
        problems.AddRange(Trees.Differences(folder, archive.TreeOf("agent01")).Where(difference => !difference.StartsWith("unknown", StringComparison.Ordinal)));

        // All that happened to these files, kills of the archive among it, is in its catalog; and what the catalog knows of their content is true.
        var check = await archive.CheckAsync("--full");
        TestContext.Current.TestOutputHelper?.WriteLine(check.Output);
        if (check.ExitCode != 0)
            problems.Add(check.Output);
        if (problems.Count > 0 && Environment.GetEnvironmentVariable("ALA_SOAK_KEEP") is { } keep)
            Process.Start("cp", ["-a", archive.Folder, keep]).WaitForExit();
        Assert.True(problems.Count == 0, $"ALA_SOAK_SEED={seed}; kills: {kills}:\n{string.Join('\n', problems.Take(20))}");
    }

    private static async Task<string> LiveAsync(TestArchive archive, FtpLink link, string[] over, List<RotatedLog> logs, Random random, TimeSpan lasting)
    {
        var (agents, archives, breaks) = (0, 0, 0);
        var agent = archive.StartAgent("agent01", over);
        await TestArchive.UntilAsync(async () => await archive.HealthOfAsync("agent01") == "online", Patience, () => agent.Output);

        // Rotations stay apart: what was on the node for less than a walk and an upload nobody promises.
        var interval = lasting / Week < TimeSpan.FromSeconds(3) ? TimeSpan.FromSeconds(3) : lasting / Week;
        var isShort = interval < TimeSpan.FromSeconds(10);
        using var timer = new PeriodicTimer(interval / 2);
        var since = Stopwatch.StartNew();
        var hasCaughtUp = false;
        for (var half = 0; since.Elapsed < lasting; half++)
        {
            await timer.WaitForNextTickAsync();
            hasCaughtUp |= HasCaughtUp(Path.Combine(archive.LogFolder("agent01"), ShortChain), Path.Combine(archive.TreeOf("agent01"), ShortChain));
            if (half % 2 == 1)
                await Task.WhenAll(logs.Select(log => log.RotateAsync()));

            // At any time of a rotation's life. But in a short week a start takes as long as several rotations: who never gets to its work until the chain is
            // over proves nothing.
            if (isShort && (half % 3 != 0 || !hasCaughtUp))
                continue;
            switch (random.Next(6))
            {
                case 0 or 1:
                    hasCaughtUp = false;
                    await agent.KillAsync();
                    agent = archive.StartAgent("agent01", over);
                    agents++;
                    break;
                case 2:
                    hasCaughtUp = false;
                    await archive.KillArchiveAsync();
                    await archive.StartArchiveAsync();
                    archives++;
                    break;
                case 3:
                    link.BreakAfter(random.Next(1, 20_000));
                    breaks++;
                    break;
                default:
                    break;
            }
        }

        await agent.KillAsync();
        return $"{agents + 1} of the agent, {archives} of the archive, {breaks} of connections, in {since.Elapsed.TotalMinutes:0.0} minutes";
    }

    private static bool HasCaughtUp(string chain, string archived) => Directory.EnumerateFiles(chain).Where(file => Path.GetFileName(file) != "app.log")
        .All(file => new FileInfo(Path.Combine(archived, Path.GetFileName(file))) is { Exists: true } copy && copy.Length == new FileInfo(file).Length);
}
