namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// Limits a rate: shared by all sessions of an account in one direction, changeable while they wait. Bytes are taken
/// after they were moved; who finds the bucket overdrawn waits until it is not.
/// </summary>
internal sealed class TokenBucket(TimeProvider clock, long bytesPerSecond)
{
    // A changed rate, or an aborted transfer, is noticed after no more than this.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    // What may be moved at once after a pause.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private long _rate = bytesPerSecond;
    private double _available;
    private long _filledAt = clock.GetTimestamp();

    /// <summary>Bytes per second, 0 for no limit.</summary>
    public long Rate => Volatile.Read(ref _rate);

    /// <summary>Changes the rate, also for those who wait now.</summary>
    public void SetRate(long rate)
    {
        lock (_lock)
        {
            Fill();
            _rate = rate;

            // A debt made at a higher rate would stall everyone for long at a lower one.
            _available = Math.Max(_available, -rate * LongestWait.TotalSeconds);
        }
    }

    /// <summary>How many bytes should be moved at once, so that the flow stays even.</summary>
    public int PieceSize(int atMost)
    {
        var rate = Rate;
        return rate == 0 ? atMost : (int)Math.Clamp(rate / 20, 512, atMost);
    }

    /// <summary>Takes <paramref name="bytes"/>.</summary>
    /// <returns>How long to wait, and then ask <see cref="Remaining"/>, before more is moved.</returns>
    public TimeSpan Take(int bytes)
    {
        if (Rate == 0)
            return TimeSpan.Zero;
        lock (_lock)
        {
            Fill();
            _available -= bytes;
            return Wait();
        }
    }

    /// <summary>How much longer to wait.</summary>
    public TimeSpan Remaining()
    {
        lock (_lock)
        {
            Fill();
            return Wait();
        }
    }

    private TimeSpan Wait()
    {
        if (_rate == 0 || _available >= 0)
            return TimeSpan.Zero;
        var seconds = Math.Min(-_available / _rate, LongestWait.TotalSeconds);
        return TimeSpan.FromMilliseconds(Math.Max(1, seconds * 1000));
    }

    private void Fill()
    {
        var now = clock.GetTimestamp();
        var elapsed = clock.GetElapsedTime(_filledAt, now);
        _filledAt = now;
        _available = Math.Min(_available + (_rate * elapsed.TotalSeconds), _rate * Burst.TotalSeconds);
    }
}
