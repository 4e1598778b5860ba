namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>The files of one root that are ready, and how many bytes the root was given of late.</summary>
internal sealed class UploadTurn(int priority)
{
    // What a file costs beyond its bytes: else a root of a million empty files would always be next.
    private const long FileCost = 16 << 10;

    private readonly Lane _fresh = new();
    private readonly Lane _continued = new();

    public int Priority => priority;

    public int Count => _fresh.Count + _continued.Count;

    /// <summary>Bytes handed out; of use only in comparison with the other roots.</summary>
    public long Served { get; private set; }

    public void StartFrom(long served) => Served = Math.Max(Served, served);

    public void Add(QueuedFile file, uint ticket, long rank, Func<string, uint, bool> isCurrent)
    {
        var lane = file.IsContinued ? _continued : _fresh;
        if (lane.Count == 0)
            lane.Served = Math.Max(lane.Served, (file.IsContinued ? _fresh : _continued) is { Count: > 0 } other ? other.Served : 0);

        // Those that were sent in part go by turns.
        lane.Add(file, ticket, file.IsContinued ? ticket : rank, isCurrent);
    }

    public void Leave(bool isContinued) => (isContinued ? _continued : _fresh).Count--;

    /// <summary>The file whose turn it is. The caller has it leave.</summary>
    public string Take(Func<string, uint, bool> isCurrent, long sliceBytes)
    {
        var lane = _continued.Count == 0 || (_fresh.Count > 0 && _fresh.Served <= _continued.Served) ? _fresh : _continued;
        var (path, size) = lane.Take(isCurrent);
        var cost = Math.Min(size, sliceBytes) + FileCost;
        lane.Served += cost;
        Served += cost;
        return path;
    }

    private sealed class Lane
    {
        private readonly PriorityQueue<(uint Ticket, long Size), (long Rank, string Path)> _entries = new(
            Comparer<(long Rank, string Path)>.Create(static (a, b) => a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : string.CompareOrdinal(a.Path, b.Path)));

        /// <summary>Entries that count.</summary>
        public int Count { get; set; }

        public long Served { get; set; }

        public void Add(QueuedFile file, uint ticket, long rank, Func<string, uint, bool> isCurrent)
        {
            Count++;
            _entries.Enqueue((ticket, file.Size), (rank, file.Path));
            if (_entries.Count <= 1024 + (2 * Count))
                return;

            // Files that grow while they wait leave an entry behind each time.
            var current = _entries.UnorderedItems.Where(item => isCurrent(item.Priority.Path, item.Element.Ticket)).ToList();
            _entries.Clear();
            _entries.EnqueueRange(current);
        }

        public (string Path, long Size) Take(Func<string, uint, bool> isCurrent)
        {
            while (true)
            {
                _entries.TryDequeue(out var entry, out var key);
                if (isCurrent(key.Path, entry.Ticket))
                    return (key.Path, entry.Size);
            }
        }
    }
}
