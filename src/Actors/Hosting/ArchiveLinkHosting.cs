using ActorLogArchive.Actors.Collection;
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
            registry.Register<ArchiveLinkActor>(system.ActorOf(
                Props.Create(() => new ArchiveLinkActor(options, takeFigures, rejoin, time)), "archive-link"));
        });

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
        status.Roots);
}
