using ActorLogArchive.Actors.Hosting;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.AgentNode;

/// <summary>
/// Keeps a guest of the node small. Reading the ledger, joining the cluster and the first walk each need code and tables of their own once: what one
/// of them needed is returned while the next runs. Later it is what was needed now and then, and is not soon again.
/// </summary>
internal sealed class MemoryService : BackgroundService
{
    // Until the first walk of 100,000 files is over: each second would let 20 MB gather in between. Each time takes 10 ms of a processor.
    private const int FirstSteps = 60;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(250);

    // The compiling anew of what runs often is over by then. Done each second it would be 1 % of a processor.
    private const int StartSteps = FirstSteps + 15;
    private static readonly TimeSpan StartInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FirstInterval);
        for (var step = 1; await timer.WaitForNextTickAsync(stoppingToken); step++)
        {
            ProcessMemory.ReleaseBesidesHeap();
            timer.Period = step switch
            {
                < FirstSteps => FirstInterval,
                < StartSteps => StartInterval,
                _ => Interval,
            };
        }
    }
}
