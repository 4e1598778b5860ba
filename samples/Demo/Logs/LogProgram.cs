namespace ActorLogArchive.Demo.Logs;

/// <summary>A program that has been writing its log for days, slowly, and goes on writing it now, quickly enough to watch.</summary>
/// <param name="source">What it writes.</param>
/// <param name="sink">Where to.</param>
/// <param name="random">Decides when.</param>
/// <param name="pastGap">Mean time between two entries in the past.</param>
/// <param name="liveGap">Mean time between two entries from now on.</param>
/// <param name="time">The clock.</param>
public sealed class LogProgram(ILogSource source, ILogSink sink, Random random, TimeSpan pastGap, TimeSpan liveGap, TimeProvider time)
{
    // Entries of this long are written together, as buffered loggers do.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>Writes what it wrote between two times.</summary>
    public void WriteHistory(DateTimeOffset from, DateTimeOffset to)
    {
        for (var at = from + Gap(pastGap); at < to; at += Gap(pastGap)) sink.Write(source.NextEntry(at), at);
        sink.Flush();
    }

    /// <summary>Writes until told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace, time);
        var next = time.GetUtcNow() + Gap(liveGap);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                for (var now = time.GetUtcNow(); next <= now; next += Gap(liveGap)) sink.Write(source.NextEntry(next), next);
                sink.Flush();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            sink.Dispose();
        }
    }

    private TimeSpan Gap(TimeSpan mean) => mean * -Math.Log(1 - random.NextDouble());
}
