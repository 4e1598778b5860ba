using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Tests.Users;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Hosting;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet;

/// <summary>Real members come and go; the fleet is recovered from a real journal.</summary>
public sealed class FleetClusterSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_and_leaving_agents_are_told_apart_and_known_after_a_restart()
    {
        await using (var archive = await StartArchive())
        {
            var cluster = Cluster.Get(archive.System);
            cluster.Join(cluster.SelfAddress);
            using var killed = StartAgent("killed", cluster.SelfAddress);
            using var leaving = StartAgent("leaving", cluster.SelfAddress);
            await Until(archive, "killed Online, leaving Online");

            Report(archive, leaving, "leaving");
            await Until(archive, agents => agents.Any(agent => agent is { AgentId: "leaving", LastReport: not null }));

            await killed.Terminate();
            await Until(archive, "killed Unreachable, leaving *");

            await CoordinatedShutdown.Get(leaving).Run(CoordinatedShutdown.ClrExitReason.Instance);
            await Until(archive, "killed Unreachable, leaving Left");
            await leaving.Terminate();
        }

        await using (var archive = await StartArchive())
        {
            await Until(archive, "killed *, leaving Left");
            var leaving = (await Agents(archive)).Single(agent => agent.AgentId == "leaving");
            Assert.Equal("0.1.0", leaving.LastReport!.Version);
            Assert.NotEmpty((await archive.Get<FleetActor>().Ask<AgentHistory>(new GetAgentHistory("killed"), Patience, Cancel)).Changes);
        }
    }

    [Fact]
    public async Task Snapshots_keep_the_journal_short()
    {
        await using (var archive = await StartArchive(new FleetOptions { SnapshotEvery = 10, KeepFiguresEvery = TimeSpan.Zero }))
        {
            for (var number = 0; number < 100; number++)
            {
                await archive.Get<FleetActor>().Ask<ReportAnswer>(FleetActorSpecs.Report("agent01") with { ArchivedFiles = number }, Patience, Cancel);
            }

            // Reports are answered before they are stored, and events deleted some time after the snapshot that holds them.
            await Until(archive, _ => JournalRows() <= 60);
        }

        await using (var archive = await StartArchive())
        {
            Assert.Equal(99, Assert.Single(await Agents(archive)).LastReport!.ArchivedFiles);
        }
    }

    private Task<HostedSystem> StartArchive(FleetOptions? options = null) => HostedSystem.StartAsync(_folder.Path, akka => akka
        .AddHocon("""
            akka.cluster.failure-detector { acceptable-heartbeat-pause = 3s, expected-response-after = 500ms }
            akka.cluster.split-brain-resolver.stable-after = 60s
            """, HoconAddMode.Prepend)
        .WithFleet(options ?? new FleetOptions()));

    private static ActorSystem StartAgent(string id, Address seed)
    {
        // Terminated, such a system vanishes without a goodbye, as a killed process does.
        var configuration = ConfigurationFactory.ParseString($"""
            akka.cluster.roles = [agent, "{AgentIdRolePrefix}{id}"]
            akka.coordinated-shutdown.run-by-actor-system-terminate = off
            akka.coordinated-shutdown.terminate-actor-system = off
            """);
        var system = ActorSystem.Create("log-archive", configuration.WithFallback(ArchiveSpec.Configuration(Config.Empty)));
        Cluster.Get(system).Join(seed);
        return system;
    }

    private static void Report(HostedSystem archive, ActorSystem agent, string id)
    {
        var address = Cluster.Get(agent).SelfAddress;
        agent.ActorSelection($"{Cluster.Get(archive.System).SelfAddress}/user/{ActorName}").Tell(FleetActorSpecs.Report(id) with { Address = $"{address.Host}:{address.Port}" });
    }

    private static async Task<IReadOnlyList<AgentView>> Agents(HostedSystem archive) =>
        (await archive.Get<FleetActor>().Ask<FleetView>(GetFleet.Instance, Patience, Cancel)).Agents;

    /// <summary>Waits until the agents are as told; a star stands for any health.</summary>
    private static Task Until(HostedSystem archive, string expected) => Until(archive, agents => expected.Split(", ").SequenceEqual(
        agents.Select(agent => expected.Contains($"{agent.AgentId} *", StringComparison.Ordinal) ? $"{agent.AgentId} *" : $"{agent.AgentId} {agent.Health}")));

    private static async Task Until(HostedSystem archive, Func<IReadOnlyList<AgentView>, bool> holds)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Patience);
        IReadOnlyList<AgentView> seen = [];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (!holds(seen = await Agents(archive)))
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail("the agents stayed " + string.Join(", ", seen.Select(agent => $"{agent.AgentId} {agent.Health} ({agent.Reason})")));
        }
    }

    private long JournalRows()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder.Path, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM journal";
        return (long)command.ExecuteScalar()!;
    }
}
