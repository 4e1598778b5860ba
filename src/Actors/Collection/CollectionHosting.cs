using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Collection.Verifying;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Collection;

/// <summary>Puts the agent's side into an actor system.</summary>
public static class CollectionHosting
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Starts ledger, scanner, uploader, status and single-run actors, each in the registry under its type. On an orderly stop
    /// the uploads end first, then the ledger is written down.
    /// </summary>
    /// <param name="builder">The system.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="transport">Makes the transport of one connection.</param>
    public static AkkaConfigurationBuilder WithCollection(this AkkaConfigurationBuilder builder, CollectionOptions options, Func<IArchiveTransport> transport) => builder
        .WithLedger(options)
        .WithScanner(options)
        .WithUploader(options, transport)
        .WithArchiveCheck(options, transport)
        .WithRetention(options, transport)
        .WithAgentStatus(options)
        .WithRunOnce(options);

    /// <summary>Starts <see cref="LedgerActor"/> under its supervisor.</summary>
    public static AkkaConfigurationBuilder WithLedger(this AkkaConfigurationBuilder builder, CollectionOptions options) =>
        builder.WithActors((system, registry) =>
        {
            var ledger = system.ActorOf(LedgerActor.Props(options), "ledger-supervisor");
            registry.Register<LedgerActor>(ledger);
            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "write-down-ledger", async () =>
            {
                if (registry.TryGet<UploaderActor>(out var uploader))
                    await TryAskAsync<CollectionProtocol.UploadsStopped>(uploader, CollectionProtocol.StopUploads.Instance).ConfigureAwait(false);
                await TryAskAsync<CollectionProtocol.WrittenDown>(ledger, CollectionProtocol.WriteDown.Instance).ConfigureAwait(false);
                return Akka.Done.Instance;
            });
        });

    /// <summary>Starts <see cref="ScannerActor"/>.</summary>
    public static AkkaConfigurationBuilder WithScanner(this AkkaConfigurationBuilder builder, CollectionOptions options) =>
        builder.WithActors((system, registry) =>
            registry.Register<ScannerActor>(system.ActorOf(ScannerActor.Props(options, registry.Get<LedgerActor>()), "scanner")));

    /// <summary>Starts <see cref="UploaderActor"/>.</summary>
    public static AkkaConfigurationBuilder WithUploader(this AkkaConfigurationBuilder builder, CollectionOptions options, Func<IArchiveTransport> transport) =>
        builder.WithActors((system, registry) => registry.Register<UploaderActor>(
            system.ActorOf(UploaderActor.Props(registry.Get<LedgerActor>(), options.Upload, transport, options.TimeProvider), "uploader")));

    /// <summary>Starts <see cref="ArchiveCheckActor"/>; not for a single run, which ends before anything is due.</summary>
    public static AkkaConfigurationBuilder WithArchiveCheck(this AkkaConfigurationBuilder builder, CollectionOptions options, Func<IArchiveTransport> transport) =>
        options.Periodic ? builder.WithActors((system, registry) => registry.Register<ArchiveCheckActor>(
            system.ActorOf(ArchiveCheckActor.Props(options, registry.Get<LedgerActor>(), transport), "archive-check"))) : builder;

    /// <summary>Starts <see cref="RetentionActor"/>; not for a single run.</summary>
    public static AkkaConfigurationBuilder WithRetention(this AkkaConfigurationBuilder builder, CollectionOptions options, Func<IArchiveTransport> transport) =>
        options.Periodic ? builder.WithActors((system, registry) => registry.Register<RetentionActor>(
            system.ActorOf(RetentionActor.Props(options, registry.Get<LedgerActor>(), registry.Get<ScannerActor>(), transport), "retention"))) : builder;

    /// <summary>Starts <see cref="AgentStatusActor"/>.</summary>
    public static AkkaConfigurationBuilder WithAgentStatus(this AkkaConfigurationBuilder builder, CollectionOptions options) =>
        builder.WithActors((system, registry) => registry.Register<AgentStatusActor>(system.ActorOf(
            AgentStatusActor.Props(options, registry.Get<LedgerActor>(), registry.Get<ScannerActor>(), registry.Get<UploaderActor>()), "agent-status")));

    /// <summary>Starts <see cref="RunOnceActor"/>.</summary>
    public static AkkaConfigurationBuilder WithRunOnce(this AkkaConfigurationBuilder builder, CollectionOptions options) =>
        builder.WithActors((system, registry) => registry.Register<RunOnceActor>(system.ActorOf(
            RunOnceActor.Props(options, registry.Get<LedgerActor>(), registry.Get<ScannerActor>()), "run-once")));

    // A part that does not answer must not keep the process from stopping; the journal has everything.
    private static async Task TryAskAsync<T>(IActorRef actor, object question)
    {
        try
        {
            await actor.Ask<T>(question, StopTimeout).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
        }
    }
}
