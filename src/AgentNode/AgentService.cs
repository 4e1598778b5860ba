using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary>Keeps one incarnation running, and replaces it when the cluster has to be joined anew.</summary>
internal sealed class AgentService(
    AgentSettings settings, Config config, CollectionOptions options, Func<IArchiveTransport> transports, ILoggerFactory loggers, IHostApplicationLifetime lifetime) : BackgroundService
{
    private readonly ILogger _log = loggers.CreateLogger<AgentService>();

    /// <summary>How the process is to end.</summary>
    public int ExitCode { get; private set; } = Actors.Hosting.ExitCode.Success;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = options.TimeProvider.GetUtcNow();
        _log.LogInformation("Agent {Id} {Version}: {Folders} folders, archive {Ftp}, data in {DataDir}", settings.Id, ProductVersion.Text, settings.Logs.Count, settings.Ftp, settings.DataDir);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await RunIncarnationAsync(started, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop while starting.
        }
        catch (Exception failure)
        {
            _log.LogCritical(failure, "The agent cannot run");
            ExitCode = Actors.Hosting.ExitCode.Failed;
            lifetime.StopApplication();
        }
    }

    private async Task RunIncarnationAsync(DateTimeOffset processStarted, CancellationToken stoppingToken)
    {
        var rejoin = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var incarnation = await AgentIncarnation.StartAsync(
            settings,
            config,
            ClusterConfiguration.ForAgent(settings.Cluster),
            loggers,
            akka =>
            {
                akka.WithCollection(options, transports);
                if (settings.Cluster.Seeds.Count > 0)
                {
                    var link = new ArchiveLinkOptions([.. settings.Cluster.Seeds.Select(ClusterConfiguration.SeedAddress)], settings.Cluster.ReportInterval, settings.Cluster.RejoinAfter);
                    akka.WithArchiveLink(link, processStarted, reason => rejoin.TrySetResult(reason), options.TimeProvider);
                }
            },
            stoppingToken);

        var terminated = incarnation.System.WhenTerminated;
        var stopping = Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken);
        var first = await Task.WhenAny(rejoin.Task, terminated, stopping);
        if (first == rejoin.Task)
        {
            _log.LogWarning("Joining the cluster anew, uploads resume in a moment: {Reason}", await rejoin.Task);
            incarnation.AbandonCluster();
        }
        else if (first == terminated)
        {
            _log.LogWarning("The actor system ended by itself; starting a new one");
        }
    }
}
