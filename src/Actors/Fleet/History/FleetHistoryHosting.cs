using Akka.Actor;
using Akka.Hosting;
using Akka.Pattern;

namespace ActorLogArchive.Actors.Fleet.History;

/// <summary>Hosting of <see cref="FleetHistoryActor"/>.</summary>
public static class FleetHistoryHosting
{
    /// <summary>
    /// Starts the actor, after the fleet, and registers it under its type. When its database fails it is started again with growing
    /// delay; health is judged without it meanwhile.
    /// </summary>
    public static AkkaConfigurationBuilder WithFleetHistory(this AkkaConfigurationBuilder builder, FleetHistoryOptions options) =>
        builder.WithActors((system, registry) =>
        {
            var fleet = registry.Get<FleetActor>();
            registry.Register<FleetHistoryActor>(system.ActorOf(
                BackoffSupervisor.Props(Backoff
                    .OnStop(Props.Create(() => new FleetHistoryActor(options, fleet)), "fleet-history", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), 0.2, maxNrOfRetries: -1)
                    .WithSupervisorStrategy(new OneForOneStrategy(_ => Directive.Stop))),
                "fleet-history-supervisor"));
        });
}
