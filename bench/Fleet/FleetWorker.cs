using System.Globalization;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Ftp.Client;
using Akka.Actor;

namespace ActorLogArchive.Bench.Fleet;

/// <summary>
/// A process of simulated agents: some cluster nodes that are members as any agent's, the reports of all agents over them by the link that
/// agents use, and uploads of each agent over an FTP session of its own.
/// </summary>
public static class FleetWorker
{
    /// <summary>Time between two turns of the agent that fails and recovers.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(6);

    /// <summary>Begins the line that tells of an agent's first upload.</summary>
    public const string FirstUpload = "UPLOADED";

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(2);

    /// <summary>Runs until the standard input ends.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments)
    {
        var (first, count, nodes) = (arguments.Number("--first", 0), arguments.Number("--count", 1), arguments.Number("--nodes", 1));
        var (ftp, cluster) = (arguments.Number("--ftp", 0), arguments.Number("--cluster", 0));
        var (every, bytes) = (TimeSpan.FromSeconds(arguments.Number("--upload-every", 10)), arguments.Number("--upload-bytes", 20_000));

        // Each sign-in costs a password hash: all at once they would keep the archive from anything else.
        var ramp = TimeSpan.FromSeconds(arguments.Number("--ramp", 60));
        using var stop = new CancellationTokenSource();
        var systems = Enumerable.Range(0, nodes).Select(_ => Join(cluster)).ToList();
        var agents = Enumerable.Range(first, count).Select(i => new SimulatedAgent(NameOf(i), i == 0)).ToList();
        for (var i = 0; i < agents.Count; i++)
        {
            var agent = agents[i];
            var options = new ArchiveLinkOptions([ClusterConfiguration.SeedAddress($"127.0.0.1:{cluster}")], ReportInterval, TimeSpan.FromHours(1));
            Func<Address, Task<FleetProtocol.AgentReport>> figures = self => Task.FromResult(agent.Report(self));
            Func<FleetProtocol.AgentCommand, Task<FleetProtocol.AgentCommandDone>> obey = _ => Task.FromResult(new FleetProtocol.AgentCommandDone(false, null));
            Action<string> rejoin = reason =>
            {
                if (!stop.IsCancellationRequested)
                {
                    Console.Error.WriteLine($"{agent.Id} would join anew: {reason}");
                }
            };
            systems[i % nodes].ActorOf(Props.Create(() => new ArchiveLinkActor(options, figures, obey, rejoin, TimeProvider.System)), i < nodes ? FleetProtocol.LinkName : $"link-{i}");
        }

        var uploads = agents.Select((agent, i) => Task.Run(() => UploadAsync(agent, ftp, ramp * ((double)i / count), every, bytes, stop.Token)));
        var work = Task.WhenAll(uploads.Append(Task.Run(() => TurnAsync(agents[0], first == 0, stop.Token))).ToList());
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await work;
        foreach (var system in systems)
        {
            await system.Terminate();
        }

        return 0;
    }

    /// <summary>Id and account of an agent.</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"sim{number:0000}");

    private static ActorSystem Join(int cluster)
    {
        var settings = new AgentClusterSettings([$"127.0.0.1:{cluster}"], "127.0.0.1", 0, ReportInterval, TimeSpan.FromHours(1));
        return ActorSystem.Create(ClusterConfiguration.SystemName, ClusterConfiguration.ForAgent(settings).WithFallback(NodeConfiguration.BuiltIn("agent")));
    }

    // The fact whose way to the page is measured.
    private static async Task TurnAsync(SimulatedAgent agent, bool isMine, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Turn);
        try
        {
            while (isMine && await timer.WaitForNextTickAsync(stop))
            {
                agent.IsFailing = !agent.IsFailing;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FACT {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()} {(agent.IsFailing ? "Failing" : "Online")}"));
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
    }

    private static async Task UploadAsync(SimulatedAgent agent, int ftp, TimeSpan after, TimeSpan every, int bytes, CancellationToken stop)
    {
        var options = new FtpClientOptions { Host = "127.0.0.1", Port = ftp, UserName = agent.Id, Password = BenchNodes.Password };
        var content = new byte[bytes];
        try
        {
            await Task.Delay(after, stop);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await using var transport = new FtpArchiveTransport(options);
                    await transport.ConnectAsync(stop);
                    await transport.EnsureFolderAsync($"/{agent.Id}/logs", stop);
                    using var timer = new PeriodicTimer(every);
                    do
                    {
                        Random.Shared.NextBytes(content);
                        await transport.SendAsync(new MemoryStream(content), $"/{agent.Id}/logs/app-{agent.Uploads:000000}.log", 0, bytes, DateTimeOffset.UtcNow, null, stop);
                        if (agent.Uploads++ == 0)
                        {
                            Console.WriteLine($"{FirstUpload} {agent.Id}");
                        }
                    }
                    while (await timer.WaitForNextTickAsync(stop));
                }
                catch (ArchiveException failure)
                {
                    Console.WriteLine($"FAILED {agent.Id} {failure.Message}");
                    await Task.Delay(TimeSpan.FromSeconds(5), stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
        finally
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"UPLOADS {agent.Uploads}"));
        }
    }

    private sealed class SimulatedAgent(string id, bool turns)
    {
        private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
        private int _reports;

        public string Id => id;

        public bool IsFailing { get; set; }

        public int Uploads { get; set; }

        public FleetProtocol.AgentReport Report(Address self)
        {
            var now = DateTimeOffset.UtcNow;
            var backlog = turns ? 0 : ++_reports % 5;
            return new FleetProtocol.AgentReport(
                id, $"{self.Host}:{self.Port}", ProductVersion.Text, _startedAt, now, backlog, backlog * 4000, 1000 + Uploads, 20_000_000, 2000 + backlog, now,
                IsFailing ? "archive: connection refused" : null, IsFailing ? now : null, ["/var/log/app: **/*.log"],
                ErrorCause: IsFailing ? "Unreachable" : null,
                OldestPendingAge: backlog == 0 ? null : TimeSpan.FromSeconds(2),
                Details: new AgentDetails
                {
                    Connections = [.. Enumerable.Range(1, 4).Select(number => new ConnectionFigures(number, "Idle", _startedAt, 0, null, null, null))],
                    Roots = [new RootFigures("/var/log/app", null, ["**/*.log"], [], [], 1000, backlog, backlog * 4000)],
                    Recent = [.. Enumerable.Range(0, 10).Select(i => new RecentUpload($"logs/app-{i:000000}.log", 20_000, now))],
                });
        }
    }
}
