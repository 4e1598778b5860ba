namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// Limits a rate that many share, changeable while they wait. Bytes are taken after they were moved, for a ticket: the
/// count of all bytes taken so far. As time goes by so many bytes are earned, and who holds a ticket goes on once they
/// reach it. So all are served in the order they took, none is starved, and a changed rate acts on all who wait.
/// </summary>
internal sealed class TokenBucket(TimeProvider clock, long bytesPerSecond)
{
    // A changed rate, or an aborted transfer, is noticed after no more than this.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    // What may be moved at once after a pause.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private const int PiecesPerSecond = 40;
    private const int SmallestPiece = 512;

    private readonly Lock _lock = new();
    private long _rate = bytesPerSecond;
    private double _taken;
    private double _earned;
    private long _earnedAt = clock.GetTimestamp();

    /// <summary>Bytes per second, 0 for no limit.</summary>
    public long Rate => Volatile.Read(ref _rate);

    /// <summary>Changes the rate, also for those who wait now.</summary>
    public void SetRate(long rate)
    {
        if (Rate == rate)
            return; // each sign-in comes here: it must not forgive what is owed
        lock (_lock)
        {
            Earn();
            Volatile.Write(ref _rate, rate);

            // A debt made at a higher rate would stall everyone for long at a lower one.
            _earned = Math.Max(_earned, _taken - (rate * LongestWait.TotalSeconds));
        }
    }

    /// <summary>How many bytes should be moved at once, so that the flow stays even: the less, the more others wait.</summary>
    public int PieceSize(int atMost)
    {
        if (Rate == 0)
            return atMost;
        lock (_lock)
        {
            Earn();
            var share = (double)_rate / PiecesPerSecond;
            var owed = _taken - _earned;

            // What was earned while it waited for something else is made up for.
            var piece = owed > 0 ? share / (1 + (owed / Math.Max(1, share))) : share - owed;
            return (int)Math.Clamp(piece, Math.Min(SmallestPiece, atMost), atMost);
        }
    }

    /// <summary>Takes <paramref name="bytes"/>.</summary>
    /// <returns>The ticket to ask <see cref="Wait"/> with before more is moved.</returns>
    public double Take(int bytes)
    {
        if (Rate == 0)
            return 0;
        lock (_lock)
        {
            Earn();
            return _taken += bytes;
        }
    }

    /// <summary>How much longer the holder of a ticket has to wait; asked again after that, as the rate may have changed.</summary>
    public TimeSpan Wait(double ticket)
    {
        if (Rate == 0)
            return TimeSpan.Zero;
        lock (_lock)
        {
            Earn();
            if (_rate == 0 || _earned >= ticket)
                return TimeSpan.Zero;
            var seconds = Math.Min((ticket - _earned) / _rate, LongestWait.TotalSeconds);
            return TimeSpan.FromMilliseconds(Math.Max(1, seconds * 1000));
        }
    }

    private void Earn()
    {
        var now = clock.GetTimestamp();
        var elapsed = clock.GetElapsedTime(_earnedAt, now);
        _earnedAt = now;
        _earned = _rate == 0 ? _taken : Math.Min(_earned + (_rate * elapsed.TotalSeconds), _taken + (_rate * Burst.TotalSeconds));
    }
}
