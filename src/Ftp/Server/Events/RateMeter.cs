namespace ActorLogArchive.Ftp.Server.Events;

/// <summary>How fast a count grew over the last seconds. Sampled by one thread, read by any.</summary>
internal sealed class RateMeter(TimeProvider clock)
{
    private const int Samples = 4;

    private static readonly TimeSpan Distance = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, long Bytes)> _samples = new(Samples);
    private long _sampledAt;

    /// <summary>Takes note of the count, once a second at most.</summary>
    /// <returns>Whether a second had gone by.</returns>
    public bool Sample(long bytes)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (_samples.Count > 0 && clock.GetElapsedTime(_sampledAt, now) < Distance)
                return false;
            if (_samples.Count == Samples)
                _samples.Dequeue();
            _samples.Enqueue((now, bytes));
            _sampledAt = now;
            return true;
        }
    }

    /// <summary>Bytes per second since the oldest sample.</summary>
    public long PerSecond(long bytes)
    {
        lock (_lock)
        {
            if (!_samples.TryPeek(out var oldest))
                return 0;
            // Over less than a second a burst would be told as a rate. Between the end of a transfer and its being added up there seem to be fewer bytes.
            return (long)(Math.Max(0, bytes - oldest.Bytes) / Math.Max(1, clock.GetElapsedTime(oldest.At).TotalSeconds));
        }
    }
}
