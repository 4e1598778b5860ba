using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Collection.Verifying;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary>Keeps one incarnation running, and replaces it when the cluster has to be joined anew.</summary>
internal sealed class AgentService(RunningSettings running, NodeAnswers answers, ILoggerFactory loggers, IHostApplicationLifetime lifetime) : BackgroundService
{
    // A part that is silent takes in a large walk, or starts anew; it is told again.
    private static readonly TimeSpan ApplyTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ILogger _log = loggers.CreateLogger<AgentService>();

    // Found by the actors of one incarnation, set aside before the next: the two never run at the same time.
    private readonly Dictionary<string, string> _damaged = [];
    private bool _hasRun;
    private TimeSpan _pause = FirstPause;

    /// <summary>The actors of the incarnation that runs; null between two.</summary>
    public ActorRegistry? Actors { get; private set; }

    /// <summary>How the process is to end.</summary>
    public int ExitCode { get; private set; } = ActorLogArchive.Actors.Hosting.ExitCode.Success;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (settings, _, options, _) = running.Current;
        var started = options.TimeProvider.GetUtcNow();
        _log.LogInformation("Agent {Id} {Version}: {Folders} folders, archive {Ftp}, data in {DataDir}", settings.Id, ProductVersion.Text, settings.Logs.Count, settings.Ftp, settings.DataDir);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await RunIncarnationOrPauseAsync(started, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop while starting.
        }
        catch (Exception failure)
        {
            _log.LogCritical(failure, "The agent cannot run");
            ExitCode = ActorLogArchive.Actors.Hosting.ExitCode.Failed;
            lifetime.StopApplication();
        }
    }

    // What hinders the first start is told by the end of the process, to whoever started it. Later it may pass as it came, and
    // nobody may be there to start the process again.
    private async Task RunIncarnationOrPauseAsync(DateTimeOffset processStarted, CancellationToken stoppingToken)
    {
        try
        {
            await RunIncarnationAsync(processStarted, stoppingToken);
        }
        catch (Exception failure) when (_hasRun && failure is not IncarnationStillRunsException && !stoppingToken.IsCancellationRequested)
        {
            Actors = null;
            _log.LogError(failure, "The actors cannot be started anew, nothing is uploaded meanwhile; next attempt in {Pause} s", _pause.TotalSeconds);
            await Task.Delay(_pause, stoppingToken);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private async Task RunIncarnationAsync(DateTimeOffset processStarted, CancellationToken stoppingToken)
    {
        var inUse = running.Current;
        var (settings, config, options, transports) = inUse;
        options = options with { SetAside = DatabaseDamage.SetAside(settings.DataDir, options.TimeProvider.GetUtcNow(), _damaged) };
        _damaged.Clear();
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
                    akka.WithArchiveLink(link, processStarted, reason => rejoin.TrySetResult(reason), options.TimeProvider, answers.Questions, () => answers.Verification, () => answers.Roots);
                }
            },
            stoppingToken);

        incarnation.WatchLedger(failed =>
        {
            foreach (var database in failed.Damaged)
            {
                _damaged[database] = failed.Reason;
            }

            rejoin.TrySetResult($"the database of the ledger is damaged: {failed.Reason}");
        });
        (Actors, _hasRun, _pause) = (incarnation.Actors, true, FirstPause);
        var terminated = incarnation.System.WhenTerminated;
        var stopping = Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken);
        var first = await Task.WhenAny(rejoin.Task, terminated, stopping, running.WhenOtherThan(inUse));
        while (first != rejoin.Task && first != terminated && first != stopping)
        {
            if (await TryApplyAsync(running.Current, incarnation.Actors) is { } applied)
            {
                inUse = applied;
            }

            first = await Task.WhenAny(rejoin.Task, terminated, stopping, running.WhenOtherThan(inUse));
        }

        Actors = null;
        if (first == rejoin.Task)
        {
            _log.LogWarning("Starting the actors anew, uploads resume in a moment: {Reason}", await rejoin.Task);
            incarnation.AbandonCluster();
        }
        else if (first == terminated)
        {
            _log.LogWarning("The actor system ended by itself; starting a new one");
        }
    }

    // The ledger first: a folder that it does not know yet must not be reported to it. The next incarnation begins with what
    // holds then, so that this one may end in between.
    private async Task<LoadedSettings?> TryApplyAsync(LoadedSettings settings, ActorRegistry actors)
    {
        var apply = new CollectionProtocol.ApplySettings(settings.Options, settings.Transports);
        try
        {
            foreach (var actor in new[]
            {
                actors.Get<LedgerActor>(), actors.Get<UploaderActor>(), actors.Get<ScannerActor>(), actors.Get<ArchiveCheckActor>(), actors.Get<RetentionActor>(), actors.Get<AgentStatusActor>(),
            })
            {
                await actor.Ask<CollectionProtocol.SettingsApplied>(apply, ApplyTimeout);
            }

            _log.LogInformation("Settings applied: {Folders} folders, archive {Ftp}", settings.Settings.Logs.Count, settings.Settings.Ftp);
            return settings;
        }
        catch (AskTimeoutException)
        {
            _log.LogWarning("New settings are waited for to be taken up; what is under way goes on by the old ones");
            return null;
        }
    }
}
