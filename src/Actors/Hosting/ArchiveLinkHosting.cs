using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Fleet;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>Hosting of <see cref="ArchiveLinkActor"/>: joins the agent's own status to what the archive is told.</summary>
public static class ArchiveLinkHosting
{
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Starts the link. The collecting actors must have been added before.</summary>
    public static AkkaConfigurationBuilder WithArchiveLink(
        this AkkaConfigurationBuilder builder, ArchiveLinkOptions options, DateTimeOffset processStarted, Action<string> rejoin, TimeProvider time) =>
        builder.WithActors((system, registry) =>
        {
            var status = registry.Get<AgentStatusActor>();
            Func<Address, Task<FleetProtocol.AgentReport>> takeFigures = async self =>
                ToReport(await status.Ask<AgentStatus>(CollectionProtocol.GetStatus.Instance, StatusTimeout), self, processStarted);
            var (uploader, scanner) = (registry.Get<UploaderActor>(), registry.Get<ScannerActor>());
            Func<FleetProtocol.AgentCommand, Task<FleetProtocol.AgentCommandDone>> obey = command => ObeyAsync(command, uploader, scanner);
            registry.Register<ArchiveLinkActor>(system.ActorOf(
                Props.Create(() => new ArchiveLinkActor(options, takeFigures, obey, rejoin, time)), FleetProtocol.LinkName));
        });

    /// <summary>Does what the archive asks for.</summary>
    internal static async Task<FleetProtocol.AgentCommandDone> ObeyAsync(FleetProtocol.AgentCommand command, IActorRef uploader, IActorRef scanner)
    {
        if (command.Kind == FleetProtocol.AgentCommandKind.Rescan)
        {
            // Its end may take minutes: that it begins is what is answered.
            scanner.Tell(CollectionProtocol.ScanNow.Instance, ActorRefs.NoSender);
            var uploads = await uploader.Ask<UploaderStatus>(CollectionProtocol.GetUploaderStatus.Instance, StatusTimeout);
            return new FleetProtocol.AgentCommandDone(uploads.IsPaused, uploads.BandwidthLimit);
        }

        var controlled = await uploader.Ask<CollectionProtocol.UploadsControlled>(
            command.Kind switch
            {
                FleetProtocol.AgentCommandKind.Pause => new CollectionProtocol.PauseUploads(),
                FleetProtocol.AgentCommandKind.Resume => new CollectionProtocol.ResumeUploads(),
                _ => new CollectionProtocol.SetBandwidth(command.BytesPerSecond),
            },
            StatusTimeout);
        return new FleetProtocol.AgentCommandDone(controlled.IsPaused, controlled.BandwidthLimit);
    }

    /// <summary>The figures as they go to the archive.</summary>
    internal static FleetProtocol.AgentReport ToReport(AgentStatus status, Address self, DateTimeOffset processStarted) => new(
        status.AgentId,
        $"{self.Host}:{self.Port}",
        ProductVersion.Text,
        processStarted,
        status.At,
        status.Totals.PendingFiles,
        status.Totals.PendingBytes,
        status.Totals.ArchivedFiles,
        status.Totals.ArchivedBytes,
        status.BytesPerSecond,
        status.LastUploadAt,
        status.LastError,
        status.LastErrorAt,
        status.Roots,
        status.IsPaused,
        status.BandwidthLimit);
}
