using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
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
    /// <param name="builder">The system.</param>
    /// <param name="options">How it reports.</param>
    /// <param name="processStarted">When the process started.</param>
    /// <param name="rejoin">Called once, with the reason, when a new actor system is needed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="questions">Answers what the archive asks about the node; null: refused.</param>
    /// <param name="verification">The comparison with the archive that runs or ran last.</param>
    /// <param name="roots">The watched folders that hold now.</param>
    public static AkkaConfigurationBuilder WithArchiveLink(
        this AkkaConfigurationBuilder builder,
        ArchiveLinkOptions options,
        DateTimeOffset processStarted,
        Action<string> rejoin,
        TimeProvider time,
        ArchiveQuestions? questions = null,
        Func<VerificationFigures?>? verification = null,
        Func<IReadOnlyList<WatchedRoot>>? roots = null) =>
        builder.WithActors((system, registry) =>
        {
            var status = registry.Get<AgentStatusActor>();
            Func<Address, Task<FleetProtocol.AgentReport>> takeFigures = async self =>
                ToReport(await status.Ask<AgentStatus>(CollectionProtocol.GetStatus.Instance, StatusTimeout), self, processStarted, roots?.Invoke() ?? [], verification?.Invoke());
            var (uploader, scanner) = (registry.Get<UploaderActor>(), registry.Get<ScannerActor>());
            Func<FleetProtocol.AgentCommand, Task<FleetProtocol.AgentCommandDone>> obey = command => ObeyAsync(command, uploader, scanner);
            registry.Register<ArchiveLinkActor>(system.ActorOf(
                Props.Create(() => new ArchiveLinkActor(options, takeFigures, obey, rejoin, time, questions)), FleetProtocol.LinkName));
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
    internal static FleetProtocol.AgentReport ToReport(AgentStatus status, Address self, DateTimeOffset processStarted, IReadOnlyList<WatchedRoot> roots, VerificationFigures? verification) => new(
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
        status.BandwidthLimit,
        status.OldestPendingSince is { } since ? (status.At > since ? status.At - since : TimeSpan.Zero) : null,
        status.OldestPendingPath,
        status.LastErrorCause,
        AgentDetailsBounds.Fit(Details(status, roots, verification)));

    private static AgentDetails Details(AgentStatus status, IReadOnlyList<WatchedRoot> roots, VerificationFigures? verification) => new()
    {
        Failures =
        [
            .. status.FailedByCause.OrderByDescending(cause => cause.Value).Select(cause =>
            {
                var sample = status.FailedSamples.FirstOrDefault(file => file.Failure.Cause == cause.Key);
                return new FailureFigures(cause.Key.ToString(), cause.Value, sample?.Path, sample?.Failure.Message);
            }),
        ],
        Failed =
        [
            .. status.Failed.Select(file => new FailedUpload(
                file.Path, file.Failure.Cause.ToString(), file.Failure.Message, file.Failure.Attempts, file.Failure.At, file.Failure.NextAttempt)),
        ],
        Connections =
        [
            .. status.Connections.Select(connection => new ConnectionFigures(
                connection.Number, connection.State.ToString(), connection.Since, connection.Failures, connection.LastError, connection.LastCause?.ToString(), connection.RetryAt)),
        ],
        Roots = [.. roots.Select(root => Figures(root, status.RootTotals.GetValueOrDefault(root.Path)))],
        Progress = status.Backlog,
        InTransfer = status.InTransfer,
        Recent = status.Recent,
        Quiet = status.Quiet,
        QuietCount = status.QuietCount,
        Verification = verification,
    };

    private static RootFigures Figures(WatchedRoot root, RootTotals? totals) => new(
        root.Path, root.Name, root.Include, root.Exclude, [.. Rules(root)], totals?.Files ?? 0, totals?.PendingFiles ?? 0, totals?.PendingBytes ?? 0);

    private static IEnumerable<string> Rules(WatchedRoot root)
    {
        if (root.MaxFileSize > 0)
            yield return $"files up to {root.MaxFileSize} bytes";
        if (root.IgnoreOlderThan > TimeSpan.Zero)
            yield return $"not those older than {root.IgnoreOlderThan:g} when first seen";
        if (root.MaxDepth > 0)
            yield return $"{root.MaxDepth} folders deep";
        if (root.Settle > TimeSpan.Zero)
            yield return $"sent when quiet for {root.Settle:g}";
        if (root.Priority != 0)
            yield return $"priority {root.Priority}";
    }
}
