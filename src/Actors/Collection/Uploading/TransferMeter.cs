namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>Counts bytes sent by all connections, and their rate over the last seconds. Safe for concurrent use.</summary>
public sealed class TransferMeter(TimeProvider clock)
{
    private const int Seconds = 10;
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[Seconds];
    private long _second;
    private long _total;

    /// <summary>Bytes since the start.</summary>
    public long Total
    {
        get
        {
            lock (_lock)
                return _total;
        }
    }

    /// <summary>Adds bytes sent now.</summary>
    public void Add(long bytes)
    {
        lock (_lock)
        {
            Advance();
            _buckets[_second % Seconds] += bytes;
            _total += bytes;
        }
    }

    /// <summary>Bytes per second over the last ten seconds.</summary>
    public double BytesPerSecond()
    {
        lock (_lock)
        {
            Advance();
            return _buckets.Sum() / (double)Seconds;
        }
    }

    private void Advance()
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (now == _second)
            return;

        // A clock that was set back or far ahead empties the window: a wrong rate for seconds, never a wrong total.
        var steps = now < _second || now - _second > Seconds ? Seconds : now - _second;
        for (var i = 0; i < steps; i++)
            _buckets[(now - i) % Seconds] = 0;
        _second = now;
    }
}
