using ActorLogArchive.Actors.Supervision;
using ActorLogArchive.Actors.Users;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>Hosting of <see cref="FleetActor"/>.</summary>
public static class FleetHosting
{
    /// <summary>
    /// Starts the actor under a supervisor that brings it back when its journal fails, and registers it under its type. Its
    /// path is <c>/user/fleet</c>, to which agents report. Of accounts that no agent came with it knows when the registry was added before.
    /// </summary>
    public static AkkaConfigurationBuilder WithFleet(this AkkaConfigurationBuilder builder, FleetOptions options) =>
        builder.WithActors((system, registry) =>
        {
            var users = registry.TryGet<UserRegistryActor>(out var found) ? found : null;
            registry.Register<FleetActor>(system.ActorOf(
                JournalSupervision.Props(Props.Create(() => new FleetActor(options, users)), "agents"), FleetProtocol.ActorName));
        });
}
