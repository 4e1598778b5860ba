namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// The time limit of what a connection waits for now. Arming it anew for every wait costs a comparison, not a timer: the
/// one timer is left running, and looks at the limit in force when it fires.
/// </summary>
internal sealed class FtpDeadline : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _expired;
    private readonly ITimer _timer;
    private TimeSpan _limit;
    private long _dueAt;
    private long _firesAt;
    private bool _armed;
    private bool _disposed;

    /// <summary>Calls <paramref name="expired"/> with the limit when it is passed.</summary>
    public FtpDeadline(TimeProvider time, Action<TimeSpan> expired)
    {
        _time = time;
        _expired = expired;
        _firesAt = long.MaxValue;
        _timer = time.CreateTimer(static state => ((FtpDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts, or starts again, the wait; an infinite <paramref name="limit"/> never passes.</summary>
    public void Arm(TimeSpan limit)
    {
        lock (_gate)
        {
            _armed = limit != Timeout.InfiniteTimeSpan && !_disposed;
            if (!_armed)
            {
                return;
            }

            _limit = limit;
            _dueAt = _time.GetTimestamp() + (long)(limit.TotalSeconds * _time.TimestampFrequency);
            if (_dueAt < _firesAt)
            {
                _firesAt = _dueAt;
                _timer.Change(limit, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>The wait is over.</summary>
    public void Disarm()
    {
        lock (_gate)
        {
            _armed = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _armed = false;
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void OnTimer()
    {
        TimeSpan limit;
        lock (_gate)
        {
            _firesAt = long.MaxValue;
            if (!_armed)
            {
                return;
            }

            var left = _time.GetElapsedTime(_time.GetTimestamp(), _dueAt);
            if (left > TimeSpan.Zero)
            {
                _firesAt = _dueAt;

                // Rounded up to the timer's grain: firing a tick early would only mean coming here again and again.
                _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            _armed = false;
            limit = _limit;
        }

        _expired(limit);
    }
}
