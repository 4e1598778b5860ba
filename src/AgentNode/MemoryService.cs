using ActorLogArchive.Actors.Hosting;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.AgentNode;

/// <summary>
/// Keeps a guest of the node small. Reading the ledger, joining the cluster and the first walk each need code and tables of their own once: what one
/// of them needed is returned while the next runs. Later it is what was needed now and then, and is not soon again.
/// </summary>
internal sealed class MemoryService : BackgroundService
{
    // The first walk of a large tree, and the compiling anew of what runs often, are over by then.
    private const int StartSteps = 90;
    private static readonly TimeSpan StartInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(StartInterval);
        for (var step = 1; await timer.WaitForNextTickAsync(stoppingToken); step++)
        {
            ProcessMemory.ReleaseBesidesHeap();
            if (step == StartSteps)
            {
                timer.Period = Interval;
            }
        }
    }
}
