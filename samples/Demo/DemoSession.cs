using System.Security.Cryptography;
using ActorLogArchive.Demo.Logs;
using ActorLogArchive.Demo.Nodes;
using ActorLogArchive.Demo.Status;

namespace ActorLogArchive.Demo;

/// <summary>The demo from start to end: logs of the past, archive, agents, logs of now, status, and all of it ended again.</summary>
internal sealed class DemoSession(DemoOptions options, DemoFolder folder, DemoConsole console, StopSignals signals, TimeProvider time)
{
    private const string Admin = "admin";

    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ArchivePatience = TimeSpan.FromSeconds(90);

    private readonly List<NodeKeeper> _agents = [];
    private NodeKeeper? _archive;

    /// <summary>Runs it until it is asked to stop or its time is over; false when a node could not be kept running.</summary>
    public async Task<bool> RunAsync()
    {
        var (archive, agent) = (NodeProgram.Find("ArchiveNode"), NodeProgram.Find("AgentNode"));
        var nodes = new[] { SampleNode.Shop(LogFolder("shop-web-01"), options.Seed, time), SampleNode.Simulation(LogFolder("simulation-02"), options.Seed, time) };
        foreach (var node in nodes) node.WriteHistory(time.GetUtcNow());
        console.Say($"Everything is in {folder.Path}");
        console.Say($"Logs of the last {SampleNode.History.TotalDays:F0} days: {LogsSoFar()}");

        var inner = FreePort.Any(2);
        var ports = new DemoPorts(options.WebPort ?? FreePort.Prefer(8080), inner[0], inner[1]);
        var passwords = nodes.ToDictionary(node => node.Id, _ => NewPassword());
        var adminPassword = NewPassword();
        var address = new Uri($"http://127.0.0.1:{ports.Web}");
        using var client = new ArchiveClient(address, Admin, adminPassword);
        using var starter = new ProcessStarter();
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
        var programs = nodes.SelectMany(node => node.Programs).Select(program => program.RunAsync(writing.Token)).ToList();
        try
        {
            _archive = Keeper("archive", archive, NodeSettings.Archive(folder, ports, passwords), "ALA_ADMIN_PASSWORD", adminPassword, starter);
            await _archive.StartAsync();
            console.Say("Starting the archive …");
            if (!await IsReadyAsync(client)) return signals.Stop.IsCancellationRequested;
            foreach (var node in nodes)
            {
                var keeper = Keeper(node.Id, agent, NodeSettings.Agent(folder, ports, node), "ALA_FTP_PASSWORD", passwords[node.Id], starter);
                _agents.Add(keeper);
                await keeper.StartAsync();
            }

            Greet(address, adminPassword, nodes, ports);
            return await ShowStatusAsync(client, nodes.Length);
        }
        finally
        {
            await writing.CancelAsync();
            await Task.WhenAll(programs);
            await StopAsync();
        }
    }

    private NodeKeeper Keeper(string name, NodeProgram program, string settings, string secret, string value, ProcessStarter starter)
    {
        var start = program.StartInfo(["run", "--config", settings], folder.Path);
        start.Environment[secret] = value;
        return new(name, start, folder.File($"{name}.out"), starter, console, time);
    }

    private async Task<bool> IsReadyAsync(ArchiveClient client)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        for (var since = time.GetTimestamp(); time.GetElapsedTime(since) < ArchivePatience;)
        {
            if (_archive!.Failed.IsCompleted || signals.Stop.IsCancellationRequested) return false;
            if (await client.IsReadyAsync(CancellationToken.None)) return true;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        console.Say($"The archive is not ready after {ArchivePatience.TotalSeconds:F0} s; what it printed is in {folder.File("archive.out")}");
        return false;
    }

    private async Task<bool> ShowStatusAsync(ArchiveClient client, int agents)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
        if (options.Duration is { } duration) ended.CancelAfter(duration);
        var failed = Task.WhenAny([_archive!.Failed, .. _agents.Select(agent => agent.Failed)]);
        using var timer = new PeriodicTimer(StatusInterval, time);
        try
        {
            while (!failed.IsCompleted)
            {
                var (known, problem) = await client.GetAgentsAsync(ended.Token);
                console.ShowStatus(problem ?? StatusLine.Of(known, agents));
                await timer.WaitForNextTickAsync(ended.Token);
            }

            return false;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return true;
        }
    }

    /// <summary>Agents first: they send off what they have, and leave the cluster in good order.</summary>
    private async Task StopAsync()
    {
        console.Say("Stopping the agents …");
        await Task.WhenAll(_agents.Select(agent => agent.StopAsync(signals.Hurry)));
        console.Say("Stopping the archive …");
        if (_archive is not null) await _archive.StopAsync(signals.Hurry);
    }

    private void Greet(Uri address, string password, IEnumerable<SampleNode> nodes, DemoPorts ports) => console.Say($"""

          Open       {address}
          Sign in    {Admin}
          Password   {password}

        Agents: {string.Join(", ", nodes.Select(node => node.Id))} (FTP on port {ports.Ftp}). Kill one, and it is started again after a while.
        Ctrl-C stops everything{(options.Keep ? "" : " and removes the folder")}.

        """);

    private string LogFolder(string node) => folder.Folder("nodes", node);

    private string LogsSoFar()
    {
        var files = new DirectoryInfo(folder.Folder("nodes")).GetFiles("*", SearchOption.AllDirectories);
        return $"{files.Length} files, {StatusLine.Size(files.Sum(file => file.Length))}";
    }

    // Letters and digits that are not mistaken for one another.
    private static string NewPassword() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 16);
}
