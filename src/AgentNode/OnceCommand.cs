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
                Upload = options.Upload with
                {
                    Backoff = options.Upload.Backoff.WithLongest(FailureCause.NoSpace, RoomIsAwaited).WithLongest(FailureCause.OverQuota, RoomIsAwaited),

                    // Nobody watches this run; what it cannot send is in its summary.
                    ProbeInterval = TimeSpan.Zero,
                },
            };

            // Damage that shows only when a database is read is set aside, and the run begins anew.
            RunSummary summary;
            var setAside = new HashSet<string>();
            Dictionary<string, string> damaged = [];
            do
            {
                setAside.UnionWith(damaged.Keys);
                var run = options with { Periodic = false, Watch = false, SetAside = DatabaseDamage.SetAside(settings.DataDir, options.TimeProvider.GetUtcNow(), damaged) };
                await using var incarnation = await AgentIncarnation.StartAsync(
                    settings, config, ClusterConfiguration.ForAgent(settings.Cluster with { Seeds = [] }), loggers, akka => akka.WithCollection(run, transports), stop.Token);

                // No time-out: how long it takes is up to the files; attempts are bounded inside.
                var completed = await incarnation.Actors.Get<RunOnceActor>()
                    .Ask<CollectionProtocol.RunOnceCompleted>(CollectionProtocol.RunOnce.Instance, Timeout.InfiniteTimeSpan, stop.Token);
                summary = completed.Summary;
                damaged = completed.Damaged.Where(database => !setAside.Contains(database)).ToDictionary(database => database, _ => summary.Reason ?? "");
            }
            while (damaged.Count > 0);

            RunSummaryText.Write(Console.Out, summary);
            return summary.IsComplete ? ExitCode.Success : ExitCode.Failed;
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
