namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>A file that waits to be sent.</summary>
/// <param name="Path">Its path below the agent's folder.</param>
/// <param name="Root">The watched folder it is in.</param>
/// <param name="Priority">That folder's: higher goes first.</param>
/// <param name="Size">Bytes that are to be sent.</param>
/// <param name="Modified">Its modification time, UTC ticks.</param>
/// <param name="IsContinued">Whether a slice of it was sent just now: other files of its root come in between.</param>
internal readonly record struct QueuedFile(string Path, string Root, int Priority, long Size, long Modified, bool IsContinued = false);

/// <summary>
/// Files that wait to be handed out. Of roots with the same priority the one goes first that was given the fewest bytes, so
/// that none holds up another; within a root it is the same between big files that are sent in slices and all others. Those
/// go by the order that the settings ask for, then by name: neighbours share a folder on the archive.
/// </summary>
/// <param name="order">Which file of a root goes first.</param>
/// <param name="sliceBytes">Most bytes that one turn of a file costs.</param>
internal sealed class UploadQueue(UploadOrder order = UploadOrder.OldestFirst, long sliceBytes = long.MaxValue)
{
    private readonly SortedDictionary<int, List<UploadTurn>> _priorities = new(Comparer<int>.Create(static (a, b) => b.CompareTo(a)));
    private readonly Dictionary<string, UploadTurn> _turns = new(StringComparer.Ordinal);

    // A million files may wait: no record each, only where the valid one of their entries is.
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(QueuedFile File, uint Ticket), DateTimeOffset> _later = new();
    private readonly Dictionary<string, QueuedFile> _waiting = new(StringComparer.Ordinal);
    private uint _lastTicket;

    /// <summary>Files that may be handed out now.</summary>
    public int ReadyCount { get; private set; }

    /// <summary>When the next delayed file becomes ready.</summary>
    public DateTimeOffset? NextAt
    {
        get
        {
            while (_later.TryPeek(out var later, out var at))
            {
                if (IsCurrent(later.File.Path, later.Ticket))
                    return at;
                _later.Dequeue();
            }

            return null;
        }
    }

    /// <summary>Puts a file in; one that is in already gets the new time and place.</summary>
    public void Offer(QueuedFile file, DateTimeOffset notBefore, DateTimeOffset now)
    {
        _waiting.Remove(file.Path);

        // A file that is sent in slices and grows meanwhile must not get before the others by that.
        if (Leave(file.Path) is { } place)
            file = file with { IsContinued = file.IsContinued || place.IsContinued };

        if (notBefore <= now)
        {
            MakeReady(file);
            return;
        }

        _places[file.Path] = new Place(++_lastTicket, file.IsContinued, null);
        _later.Enqueue((file, _lastTicket), notBefore);
    }

    /// <summary>Puts a file aside until <see cref="ReleaseWaiting"/>.</summary>
    public void Wait(QueuedFile file) => _waiting[file.Path] = file;

    /// <summary>Makes all files ready that were put aside.</summary>
    public void ReleaseWaiting()
    {
        foreach (var file in _waiting.Values)
            MakeReady(file);
        _waiting.Clear();
    }

    /// <summary>Makes files ready whose time has come.</summary>
    public void Advance(DateTimeOffset now)
    {
        while (NextAt <= now)
        {
            var (file, _) = _later.Dequeue();
            Leave(file.Path);
            MakeReady(file);
        }
    }

    /// <summary>Takes the file whose turn it is.</summary>
    public bool TryTake(out string path)
    {
        foreach (var turns in _priorities.Values)
        {
            if (FewestServed(turns) is not { } turn)
                continue;
            path = turn.Take(IsCurrent, sliceBytes);
            Leave(path);
            return true;
        }

        path = "";
        return false;
    }

    private static UploadTurn? FewestServed(List<UploadTurn> turns)
    {
        UploadTurn? fewest = null;
        foreach (var turn in turns)
        {
            if (turn.Count > 0 && (fewest is null || turn.Served < fewest.Served))
                fewest = turn;
        }

        return fewest;
    }

    private void MakeReady(QueuedFile file)
    {
        var turn = TurnOf(file);

        // Time without files gives no claim on the link: a root that comes back starts where the others are.
        if (turn.Count == 0)
            turn.StartFrom(FewestServed(_priorities[turn.Priority])?.Served ?? 0);
        _places[file.Path] = new Place(++_lastTicket, file.IsContinued, turn);
        turn.Add(file, _lastTicket, RankOf(file), IsCurrent);
        ReadyCount++;
    }

    private UploadTurn TurnOf(QueuedFile file)
    {
        if (_turns.TryGetValue(file.Root, out var turn) && turn.Priority == file.Priority)
            return turn;

        // With other settings the root has another priority; what is still in its old turn goes by the old one.
        turn = new UploadTurn(file.Priority);
        _turns[file.Root] = turn;
        if (!_priorities.TryGetValue(file.Priority, out var turns))
            _priorities.Add(file.Priority, turns = []);
        turns.RemoveAll(other => other.Count == 0 && !_turns.ContainsValue(other));
        turns.Add(turn);
        return turn;
    }

    private long RankOf(QueuedFile file) => order switch
    {
        UploadOrder.NewestFirst => -file.Modified,
        UploadOrder.SmallFirst => file.Size,
        _ => file.Modified,
    };

    private Place? Leave(string path)
    {
        if (!_places.Remove(path, out var place))
            return null;
        if (place.Turn is { } turn)
        {
            turn.Leave(place.IsContinued);
            ReadyCount--;
        }

        return place;
    }

    private bool IsCurrent(string path, uint ticket) => _places.TryGetValue(path, out var place) && place.Ticket == ticket;

    /// <summary>Where a file is; without a turn, it is delayed. Entries with an older ticket do not count any more.</summary>
    private readonly record struct Place(uint Ticket, bool IsContinued, UploadTurn? Turn);
}
