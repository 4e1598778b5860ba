using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Storage;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>Hosting of <see cref="FtpServerActor"/>.</summary>
public static class FtpServerHosting
{
    /// <summary>
    /// Starts the FTP server over <paramref name="tree"/>, made append-only by <see cref="ArchiveStorage"/>, and lets the
    /// actor system's shutdown wait until it has drained. Comes after <see cref="UserRegistryHosting.WithUserRegistry"/>.
    /// </summary>
    public static AkkaConfigurationBuilder WithFtpServer(
        this AkkaConfigurationBuilder builder, FtpServerActorOptions options, IFtpStorage tree, IFirstArchivingTimes times) =>
        builder.WithActors((system, registry) =>
        {
            var storage = new ArchiveStorage(CrashingStorage.Around(tree), times, system.EventStream.Publish);
            var users = registry.Get<UserRegistryActor>();
            var server = system.ActorOf(Props.Create(() => new FtpServerActor(options, storage, users)), "ftp-server");
            registry.Register<FtpServerActor>(server);
            if (registry.TryGet<CatalogActor>(out var catalog))
            {
                catalog.Tell(new CatalogProtocol.EventsComeFrom(server));
            }

            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "stop-ftp-server", async () =>
            {
                await server.Ask<FtpServerProtocol.ServerStopped>(FtpServerProtocol.StopServer.Instance, options.Drain + TimeSpan.FromSeconds(1)).ConfigureAwait(false);
                return Akka.Done.Instance;
            });
        });
}
