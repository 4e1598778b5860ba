using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>Counts bytes sent by all connections, and their rate over the last seconds. Safe for concurrent use.</summary>
public sealed class TransferMeter(TimeProvider clock)
{
    private const int Seconds = 10;
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[Seconds];
    private long _second;
    private readonly Dictionary<long, TransferFigures> _underWay = [];
    private long _total;
    private long _last;

    /// <summary>Bytes since the start.</summary>
    public long Total
    {
        get
        {
            lock (_lock)
                return _total;
        }
    }

    /// <summary>Files that are being sent, those begun first first.</summary>
    public IReadOnlyList<TransferFigures> UnderWay
    {
        get
        {
            lock (_lock)
                return [.. _underWay.OrderBy(file => file.Key).Select(file => file.Value)];
        }
    }

    /// <summary>Notes that a file is being sent, until the result is disposed.</summary>
    /// <param name="path">Below the agent's folder.</param>
    /// <param name="from">Bytes of it that are in the archive already.</param>
    /// <param name="size">Bytes it will have there.</param>
    internal Transfer Begin(string path, long from, long size)
    {
        lock (_lock)
        {
            var number = ++_last;
            _underWay.Add(number, new TransferFigures(path, from, size, clock.GetUtcNow()));
            return new Transfer(this, number, from);
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

    /// <summary>A file on its way; told of how many bytes were sent since the begin.</summary>
    internal sealed class Transfer(TransferMeter meter, long number, long from) : IProgress<long>, IDisposable
    {
        private long _reported;

        /// <inheritdoc/>
        public void Report(long value)
        {
            meter.Add(Math.Max(0, value - _reported));
            _reported = Math.Max(value, _reported);
            lock (meter._lock)
            {
                if (meter._underWay.TryGetValue(number, out var known))
                    meter._underWay[number] = known with { Sent = from + _reported };
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (meter._lock)
                meter._underWay.Remove(number);
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
