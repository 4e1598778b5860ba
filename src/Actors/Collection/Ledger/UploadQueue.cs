namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>
/// Paths that wait to be handed out: ready ones in the order of their names (neighbours share a folder on the archive),
/// others by the time from which they may be tried.
/// </summary>
internal sealed class UploadQueue
{
    private readonly SortedSet<string> _ready = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _later = new();
    private readonly Dictionary<string, DateTimeOffset> _notBefore = new(StringComparer.Ordinal);
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);

    /// <summary>Paths that may be handed out now.</summary>
    public int ReadyCount => _ready.Count;

    /// <summary>When the next delayed path becomes ready.</summary>
    public DateTimeOffset? NextAt => _later.TryPeek(out _, out var at) ? at : null;

    /// <summary>Puts a path in; a path that is in already gets the new time.</summary>
    public void Offer(string path, DateTimeOffset notBefore, DateTimeOffset now)
    {
        _waiting.Remove(path);
        if (notBefore <= now)
        {
            _notBefore.Remove(path);
            _ready.Add(path);
            return;
        }

        _ready.Remove(path);
        _notBefore[path] = notBefore;
        _later.Enqueue(path, notBefore);
    }

    /// <summary>Puts a path aside until <see cref="ReleaseWaiting"/>.</summary>
    public void Wait(string path) => _waiting.Add(path);

    /// <summary>Makes all paths ready that were put aside.</summary>
    public void ReleaseWaiting()
    {
        _ready.UnionWith(_waiting);
        _waiting.Clear();
    }

    /// <summary>Makes paths ready whose time has come.</summary>
    public void Advance(DateTimeOffset now)
    {
        while (_later.TryPeek(out var path, out var at) && at <= now)
        {
            _later.Dequeue();

            // An entry whose time was changed since is stale: only the latest time counts.
            if (_notBefore.TryGetValue(path, out var current) && current == at)
            {
                _notBefore.Remove(path);
                _ready.Add(path);
            }
        }
    }

    /// <summary>Takes the first ready path.</summary>
    public bool TryTake(out string path)
    {
        if (_ready.Count == 0)
        {
            path = "";
            return false;
        }

        path = _ready.Min!;
        _ready.Remove(path);
        return true;
    }
}
