using System.Globalization;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Hosting.Service;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.AgentNode;

/// <summary>
/// Tells the service manager when the agent is ready, how it is, and, only while its ledger and its scanner answer, that it is
/// alive: one that hangs is ended and started anew.
/// </summary>
internal sealed class ServiceReporter(ServiceNotifier manager, AgentService agent) : BackgroundService
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!await AnswersAsync(stoppingToken))
            {
                await Task.Delay(LookAgain, stoppingToken);
            }

            manager.Ready();
            var interval = manager.Watchdog is { } watchdog && watchdog / 2 < StatusInterval ? watchdog / 2 : StatusInterval;
            using var timer = new PeriodicTimer(interval);
            do
            {
                if (await AnswersAsync(stoppingToken))
                {
                    if (manager.Watchdog is not null)
                    {
                        manager.Alive();
                    }

                    await TellStatusAsync(stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <inheritdoc/>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        manager.Stopping();
        return base.StopAsync(cancellationToken);
    }

    // The ledger answers once it has recovered, and before that has told the scanner so: when that answers, too, its first walk
    // has begun.
    private async Task<bool> AnswersAsync(CancellationToken stoppingToken)
    {
        if (agent.Actors is not { } actors)
        {
            return false;
        }

        try
        {
            await actors.Get<LedgerActor>().Ask<CollectionProtocol.LedgerStarted>(CollectionProtocol.GetIncarnation.Instance, AnswerTimeout, stoppingToken);
            await actors.Get<ScannerActor>().Ask<ScanStatus>(CollectionProtocol.GetScanStatus.Instance, AnswerTimeout, stoppingToken);
            return true;
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }

    private async Task TellStatusAsync(CancellationToken stoppingToken)
    {
        if (agent.Actors is not { } actors)
        {
            return;
        }

        try
        {
            var status = await actors.Get<AgentStatusActor>().Ask<AgentStatus>(CollectionProtocol.GetStatus.Instance, AnswerTimeout, stoppingToken);
            var error = status.LastError is { } message ? $"; {message}" : "";
            manager.Status(string.Create(CultureInfo.InvariantCulture,
                $"{status.Totals.ArchivedFiles} files archived, {status.Totals.PendingFiles} pending with {status.Totals.PendingBytes} bytes at risk{error}"));
        }
        catch (AskTimeoutException)
        {
            // The next one.
        }
    }
}
