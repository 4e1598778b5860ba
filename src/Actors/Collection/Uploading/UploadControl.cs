namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// What holds uploads back by the will of people. It belongs to the process: actors that are started again, or a whole new
/// actor system after a rejoin, find it as it was. Safe for concurrent use.
/// </summary>
public sealed class UploadControl(TimeProvider clock)
{
    // A slice at a limited rate takes no longer than this, as long as it is not tiny.
    private const int SliceSeconds = 10;
    private const long LeastSlice = 1 << 20;

    private volatile bool _isPaused;

    /// <summary>Whether no file is begun. What is being sent is sent to its end, or to the end of its slice.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set => _isPaused = value;
    }

    /// <summary>How fast files are sent.</summary>
    public BandwidthLimiter Bandwidth { get; } = new(clock);

    /// <summary>Most bytes of a file to send in one turn at the rate that is allowed now.</summary>
    public long SliceBytes(long most) =>
        Bandwidth.Rate is { } rate ? Math.Min(most, Math.Max(LeastSlice, rate * SliceSeconds)) : most;
}
