using ActorLogArchive.Actors.Supervision;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Users;

/// <summary>Hosting of <see cref="UserRegistryActor"/>.</summary>
public static class UserRegistryHosting
{
    /// <summary>Starts the actor under a supervisor that brings it back when its journal fails, and registers it under its type.</summary>
    public static AkkaConfigurationBuilder WithUserRegistry(this AkkaConfigurationBuilder builder, UserRegistryOptions options) =>
        builder.WithActors((system, registry) =>
            registry.Register<UserRegistryActor>(system.ActorOf(
                JournalSupervision.Props(Props.Create(() => new UserRegistryActor(options)), "users"), "users-supervisor")));
}
