using Akka;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Audit;

/// <summary>Hosting of <see cref="AuditActor"/>.</summary>
public static class AuditHosting
{
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(4);

    /// <summary>Starts the actor, registers it under its type, and lets the actor system end only when all that waits is written.</summary>
    public static AkkaConfigurationBuilder WithAudit(this AkkaConfigurationBuilder builder, AuditStore store, AuditOptions options) =>
        builder.WithActors((system, registry) =>
        {
            var audit = system.ActorOf(Props.Create(() => new AuditActor(store, options)), "audit");
            registry.Register<AuditActor>(audit);
            audit.Tell(new AuditProtocol.Record(Node(options, AuditActions.ArchiveStart)));
            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "flush-audit", async () =>
            {
                audit.Tell(new AuditProtocol.Record(Node(options, AuditActions.ArchiveStop)));
                await audit.Ask<AuditProtocol.Recorded>(AuditProtocol.Flush.Instance, FlushTime).ConfigureAwait(false);
                return Done.Instance;
            });
        });

    private static AuditEntry Node(AuditOptions options, string action) =>
        new(options.TimeProvider.GetUtcNow(), "", AuditBy.Archive, "", action, Environment.MachineName, AuditOutcome.Done, Hosting.ProductVersion.Text);
}
