namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Gathers what events change until it is written to the <see cref="LedgerStore"/>: a file that grew ten times meanwhile is written once.</summary>
internal sealed class LedgerProjection
{
    private HashSet<string> _changed = new(StringComparer.Ordinal);
    private Dictionary<string, List<StoryItem>> _stories = new(StringComparer.Ordinal);
    private Dictionary<string, string> _notes = new(StringComparer.Ordinal);
    private long _sequence;

    /// <summary>Entries that wait to be written.</summary>
    public int Count => _changed.Count;

    /// <summary>Whether there is anything to write.</summary>
    public bool IsEmpty => _changed.Count == 0 && _stories.Count == 0 && _notes.Count == 0;

    /// <summary>
    /// Gathers what changes in a state from now on. What an event changes is known by no list of its own: an entry that such a list
    /// forgets would be lost with the journal's old events.
    /// </summary>
    public void Follow(LedgerState state) => state.Changed = path => _changed.Add(path);

    /// <summary>Takes in an event; the state must not have changed by it yet.</summary>
    public void Note(LedgerState before, ILedgerEvent happened, long sequence)
    {
        _sequence = sequence;
        foreach (var (path, item) in FileStory.Tell(before, happened))
        {
            if (!_stories.TryGetValue(path, out var story))
                _stories.Add(path, story = []);
            FileStory.Add(story, item);
        }

        if (happened is LedgerStartedOver over)
        {
            _notes["started-over-at"] = over.At.ToString("O");
            _notes["started-over-reason"] = over.Reason;
            _notes["started-over-set-aside"] = over.SetAside;
        }
    }

    /// <summary>Has all entries written anew.</summary>
    public void NoteAll(LedgerState state, long sequence)
    {
        _sequence = sequence;
        foreach (var entry in state.Entries)
            _changed.Add(entry.Path);
    }

    /// <summary>Takes what there is to write; what comes later is of the next time.</summary>
    public LedgerChanges Take(LedgerState state)
    {
        if (state.LastArchivedAt is { } at)
            _notes["last-archived-at"] = at.ToString("O");
        if (state.LastArchivedPath is { } path)
            _notes["last-archived-path"] = path;
        var changes = new LedgerChanges(_sequence, [.. _changed.Select(changed => (changed, state.Find(changed)))], _stories, _notes);
        (_changed, _stories, _notes) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        return changes;
    }

    /// <summary>Takes back what could not be written.</summary>
    public void PutBack(LedgerChanges changes)
    {
        foreach (var (path, _) in changes.Entries)
            _changed.Add(path);
        foreach (var (path, earlier) in changes.Stories)
        {
            if (_stories.TryGetValue(path, out var later))
                later.ForEach(item => FileStory.Add(earlier, item));
            _stories[path] = earlier;
        }

        foreach (var (key, value) in changes.Notes)
            _notes.TryAdd(key, value);
        _sequence = Math.Max(_sequence, changes.Sequence);
    }
}
