using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary>
/// One actor system of the agent, in a host of its own. A cluster node that was left behind cannot come back; the process
/// makes a new incarnation instead, and the ledger recovers in it.
/// </summary>
internal sealed class AgentIncarnation : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly IHost _host;

    private AgentIncarnation(IHost host, ActorSystem system) => (_host, System) = (host, system);

    /// <summary>The actor system.</summary>
    public ActorSystem System { get; }

    /// <summary>The actors registered in it.</summary>
    public ActorRegistry Actors => ActorRegistry.For(System);

    /// <summary>Makes and starts an incarnation.</summary>
    /// <param name="settings">The agent's settings.</param>
    /// <param name="config">All layers of configuration.</param>
    /// <param name="cluster">What the cluster settings add to it.</param>
    /// <param name="loggers">Where the actors log.</param>
    /// <param name="addActors">Adds the actors.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IncarnationStillRunsException">The start failed, and what was started cannot be stopped.</exception>
    public static async Task<AgentIncarnation> StartAsync(
        AgentSettings settings, Config config, Config cluster, ILoggerFactory loggers, Action<AkkaConfigurationBuilder> addActors, CancellationToken cancellationToken)
    {
        var effective = cluster.WithFallback(NodeDataDirectory.Persistence(settings.DataDir)).WithFallback(config);
        ActorSystem? started = null;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, OuterLifetime>();
        builder.Services.AddAkka(ClusterConfiguration.SystemName, akka =>
        {
            akka.AddHocon(effective, HoconAddMode.Prepend);
            akka.ConfigureLoggers(logging =>
            {
                logging.ClearLoggers();
                logging.AddLogger<NodeLogActor>();
            });
            akka.AddStartup((system, _) => started = system);
            addActors(akka);
        });

        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            return new AgentIncarnation(host, started!);
        }
        catch
        {
            await EndAsync(host, started);
            throw;
        }
    }

    /// <summary>Gives up membership without asking the others: leaving in good order needs an archive that answers.</summary>
    public void AbandonCluster()
    {
        if (System is not ExtendedActorSystem { Provider: ClusterActorRefProvider })
        {
            return;
        }

        var cluster = Cluster.Get(System);
        if (cluster.SelfMember.Status is MemberStatus.Up or MemberStatus.WeaklyUp)
        {
            cluster.Down(cluster.SelfAddress);
        }
        else
        {
            // Nothing to leave: the phases that wait for it would take a quarter of a minute to give up. What the phases before them
            // would write down is in the journal.
            _ = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance, CoordinatedShutdown.PhaseClusterShutdown);
        }
    }

    /// <summary>Tells when databases of the ledger turn out to be damaged.</summary>
    public void WatchLedger(Action<CollectionProtocol.LedgerFailed> damaged)
    {
        var watch = System.ActorOf(Props.Create(() => new LedgerWatch(damaged)), "ledger-watch");
        System.EventStream.Subscribe(watch, typeof(CollectionProtocol.LedgerFailed));
    }

    /// <summary>Stops the actors, the ledger last.</summary>
    /// <exception cref="IncarnationStillRunsException">They do not stop.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.StopAsync();
        }
        finally
        {
            await EndAsync(_host, System);
        }
    }

    // Two actor systems would write to the same ledger.
    private static async Task EndAsync(IHost host, ActorSystem? system)
    {
        host.Dispose();
        try
        {
            if (system is not null)
            {
                await system.Terminate().WaitAsync(StopTimeout);
            }
        }
        catch (TimeoutException stuck)
        {
            throw new IncarnationStillRunsException($"The actors have not stopped within {StopTimeout.TotalSeconds} s", stuck);
        }
    }

    private sealed class LedgerWatch : ReceiveActor
    {
        public LedgerWatch(Action<CollectionProtocol.LedgerFailed> damaged) =>
            Receive<CollectionProtocol.LedgerFailed>(failed => failed.Damaged.Count > 0, damaged);
    }

    /// <summary>Signals and console belong to the process's own host, not to an incarnation inside it.</summary>
    private sealed class OuterLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Actors that were to stop still run: only the end of the process ends them.</summary>
internal sealed class IncarnationStillRunsException(string message, Exception inner) : Exception(message, inner);
