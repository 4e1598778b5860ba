namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>
/// Writes what events have changed into the <see cref="LedgerStore"/>, beside the actor and one write at a time; the journal has
/// all of it meanwhile. Without a store it does nothing.
/// </summary>
internal sealed class LedgerWriter(LedgerStore? store)
{
    // A write is worth its flush after this.
    private const int ChangesWorthWriting = 5000;

    private readonly LedgerProjection _projection = new();
    private Task _last = Task.CompletedTask;
    private LedgerChanges? _inWriting;

    /// <summary>The last event whose changes are written.</summary>
    public long Sequence { get; private set; } = store?.Sequence ?? 0;

    /// <summary>Whether a write is going on.</summary>
    public bool IsWriting => _inWriting is not null;

    /// <summary>Whether there is anything to write.</summary>
    public bool HasChanges => !_projection.IsEmpty;

    /// <summary>Whether there is so much that it should not wait for more.</summary>
    public bool IsWorthWriting => _projection.Count >= ChangesWorthWriting;

    /// <summary>Gathers what changes in a state from now on.</summary>
    public void Follow(LedgerState state)
    {
        if (store is not null)
            _projection.Follow(state);
    }

    /// <summary>Takes in an event; the state must not have changed by it yet.</summary>
    public void Note(LedgerState before, ILedgerEvent happened, long sequence)
    {
        if (store is not null)
            _projection.Note(before, happened, sequence);
    }

    /// <summary>Has all entries written anew.</summary>
    public void NoteAll(LedgerState state, long sequence)
    {
        if (store is not null)
            _projection.NoteAll(state, sequence);
    }

    /// <summary>Takes the store's rows for no newer than an event, as those after it are of another journal.</summary>
    public void ResetSequence(long sequence)
    {
        Sequence = sequence;
        store?.ResetSequence(sequence);
    }

    /// <summary>Begins to write what there is; <see cref="Succeed"/> or <see cref="Fail"/> is to be called after its end, before the next one.</summary>
    public Task WriteAsync(LedgerState state)
    {
        var changes = _inWriting = _projection.Take(state);
        return Queue(() => store!.Write(changes));
    }

    /// <summary>Notes that the write has succeeded.</summary>
    public void Succeed()
    {
        Sequence = _inWriting!.Sequence;
        _inWriting = null;
    }

    /// <summary>Notes that the write has failed: what it had is of the next one.</summary>
    public void Fail()
    {
        _projection.PutBack(_inWriting!);
        _inWriting = null;
    }

    /// <summary>Has what is told of files before a time forgotten.</summary>
    public void ForgetStories(DateTimeOffset before)
    {
        if (store is not null)
            Queue(() => store.ForgetStories(before));
    }

    /// <summary>Closes the store once the write that is under way has ended. What was not written is in the journal.</summary>
    public void Close()
    {
        if (store is not null)
            _last.ContinueWith(_ => store.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private Task Queue(Action write) =>
        _last = _last.ContinueWith(_ => write(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
