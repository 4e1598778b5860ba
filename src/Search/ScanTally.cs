namespace ActorLogArchive.Search;

/// <summary>What a running search has done so far, counted by all its workers.</summary>
internal sealed class ScanTally(int filesTotal)
{
    private int _filesDone;
    private long _bytes;
    private long _hits;
    private int _shown;
    private volatile bool _truncated;

    public void AddFile() => Interlocked.Increment(ref _filesDone);

    public void AddBytes(long count) => Interlocked.Add(ref _bytes, count);

    public void AddHit() => Interlocked.Increment(ref _hits);

    /// <summary>Takes one of the places for hits to be shown; false, for good, when there is none left.</summary>
    public bool TryShow(int maxHits)
    {
        if (Interlocked.Increment(ref _shown) <= maxHits) return true;
        _truncated = true;
        return false;
    }

    public SearchProgress Progress(bool finished) => new(
        Volatile.Read(ref _filesDone), filesTotal, Interlocked.Read(ref _bytes), Interlocked.Read(ref _hits), finished, _truncated);
}
