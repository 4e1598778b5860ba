using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Actor;
using Akka.Configuration;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary><c>run --once</c>: one walk, everything uploaded and verified, a summary. Without the cluster: uploads need FTP only.</summary>
internal static class OnceCommand
{
    // Somebody waits for the end of a single run, whose attempts are few: room is hardly made meanwhile.
    private static readonly TimeSpan RoomIsAwaited = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(AgentSettings settings, Config config, CollectionOptions options, Func<IArchiveTransport> transports)
    {
        using var dataDirectory = NodeDataDirectory.Open(settings.DataDir);
        using var loggers = LoggerFactory.Create(logging => NodeLogging.Configure(logging, settings.LogLevel));
        using var stop = new CancellationTokenSource();
        ConsoleCancelEventHandler onCancel = (_, args) =>
        {
            args.Cancel = true;
            stop.Cancel();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            options = options with
            {
                SetAside = DatabaseDamage.SetAside(settings.DataDir, options.TimeProvider.GetUtcNow()),
                Upload = options.Upload with
                {
                    Backoff = options.Upload.Backoff.WithLongest(FailureCause.NoSpace, RoomIsAwaited).WithLongest(FailureCause.OverQuota, RoomIsAwaited),

                    // Nobody watches this run; what it cannot send is in its summary.
                    ProbeInterval = TimeSpan.Zero,
                },
            };
            await using var incarnation = await AgentIncarnation.StartAsync(
                settings,
                config,
                ClusterConfiguration.ForAgent(settings.Cluster with { Seeds = [] }),
                loggers,
                akka => akka.WithCollection(options with { Periodic = false, Watch = false }, transports),
                stop.Token);

            // No time-out: how long it takes is up to the files; attempts are bounded inside.
            var completed = await incarnation.Actors.Get<RunOnceActor>()
                .Ask<CollectionProtocol.RunOnceCompleted>(CollectionProtocol.RunOnce.Instance, Timeout.InfiniteTimeSpan, stop.Token);
            RunSummaryText.Write(Console.Out, completed.Summary);
            return completed.Summary.IsComplete ? ExitCode.Success : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped before all was archived; what was verified is recorded, the next run goes on from there.");
            return ExitCode.Failed;
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }
    }
}
