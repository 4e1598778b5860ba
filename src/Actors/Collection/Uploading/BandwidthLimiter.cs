using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// Keeps all uploads of the process together to the bandwidth that is allowed now, by schedule or by word of the archive.
/// Safe for concurrent use.
/// </summary>
public sealed class BandwidthLimiter(TimeProvider clock) : IFtpPace
{
    // Timers fire late: what was not sent for that reason within this time may be made up for.
    private static readonly TimeSpan MakesUpFor = TimeSpan.FromMilliseconds(125);

    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BandwidthSchedule _schedule = BandwidthSchedule.Unlimited;
    private long? _override;
    private long? _rate;
    private long _due;

    /// <summary>By time of day. A new one acts on running uploads.</summary>
    public BandwidthSchedule Schedule
    {
        get
        {
            lock (_lock)
                return _schedule;
        }

        set
        {
            lock (_lock)
            {
                _schedule = value;
                Change();
            }
        }
    }

    /// <summary>Bytes per second in place of the schedule; 0 for any number; null when the schedule counts. A new one acts on running uploads.</summary>
    public long? Override
    {
        get
        {
            lock (_lock)
                return _override;
        }

        set
        {
            lock (_lock)
            {
                _override = value;
                Change();
            }
        }
    }

    /// <summary>Bytes per second that are allowed now; null for any number.</summary>
    public long? Rate
    {
        get
        {
            lock (_lock)
                return RateNow();
        }
    }

    /// <inheritdoc/>
    public int MaxPiece => Rate is { } rate ? (int)Math.Clamp(rate / 32, 512, int.MaxValue) : int.MaxValue;

    /// <inheritdoc/>
    public async ValueTask MovedAsync(int bytes, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        Task changed;
        lock (_lock)
        {
            var rate = RateNow();
            var now = clock.GetTimestamp();
            if (rate != _rate)
                (_rate, _due) = (rate, now);
            if (rate is null)
                return;

            var second = clock.TimestampFrequency;
            _due = Math.Max(_due, now - (long)(MakesUpFor.TotalSeconds * second)) + (long)((double)bytes / rate.Value * second);
            wait = clock.GetElapsedTime(now, _due);
            changed = _changed.Task;
        }

        if (wait > TimeSpan.FromMilliseconds(1))
        {
            await Task.WhenAny(Task.Delay(wait, clock, cancellationToken), changed).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private long? RateNow() => _override is { } bytes ? (bytes == 0 ? null : bytes) : _schedule.RateAt(clock.GetLocalNow().DateTime);

    private void Change()
    {
        var before = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        before.SetResult();
    }
}
