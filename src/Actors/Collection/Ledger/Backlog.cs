using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using Akka.Actor;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>
/// What is to be done, who asks for work, and who has what in hand. Nothing of it is in the journal: after a crash everything
/// that is not archived is simply pending again.
/// </summary>
internal sealed class Backlog
{
    private static readonly TimeSpan SealRetryDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RotatedRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClockSlack = TimeSpan.FromSeconds(5);

    private readonly Dictionary<IActorRef, CollectionProtocol.WorkAssigned> _assigned = [];
    private readonly List<(IActorRef Connection, int MaxFiles)> _idle = [];

    // Folders without files, to be made in the archive. They hold no bytes that could be lost: the first walk after a start
    // tells of all of them again.
    private readonly HashSet<string> _bareFolders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seals = new(StringComparer.Ordinal);
    private CollectionOptions _options;
    private UploadQueue _queue;
    private long _lastBatch;
    private DateTimeOffset _latest;

    /// <summary>Nothing to be done yet, by these settings.</summary>
    public Backlog(CollectionOptions options) => (_options, Roots, Selection, _queue) = Use(options);

    /// <summary>Watched folders by path.</summary>
    public IReadOnlyDictionary<string, WatchedRoot> Roots { get; private set; }

    /// <summary>Makes the jobs.</summary>
    public JobSelection Selection { get; private set; }

    /// <summary>Jobs that connections have.</summary>
    public JobsInHand InHand { get; } = new();

    /// <summary>The single run that is going on, if any.</summary>
    public DrainRun? Drain { get; set; }

    /// <summary>Whether later parts of a walk are still to come.</summary>
    public bool IsScanUnderWay { get; set; }

    /// <summary>Whether nobody has anything in hand and no folder is left to be made; files may be pending.</summary>
    public bool IsAtRest => InHand.Count == 0 && _bareFolders.Count == 0 && _assigned.Count == 0;

    /// <summary>When the next delayed file becomes ready.</summary>
    public DateTimeOffset? NextAt => _queue.NextAt;

    /// <summary>Whether the clock was set back since work was given out.</summary>
    public bool IsClockSetBack => Now + ClockSlack < _latest;

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    /// <summary>
    /// Takes new settings. What is in the hands of connections goes on; all else is put into a new queue, by the new order and
    /// times. Of folders that are not watched any more nothing is given out.
    /// </summary>
    public void Use(LedgerState state, CollectionOptions options)
    {
        (_options, Roots, Selection, _queue) = Use(options);
        _seals.Clear();
        OfferAll(state);
    }

    /// <summary>Queues all that is to be done and not in hand.</summary>
    public void OfferAll(LedgerState state)
    {
        var now = Now;
        foreach (var entry in state.PendingEntries.Where(entry => !InHand.HasJob(entry.Path)))
            Offer(entry, now);
        foreach (var entry in state.UnsealedEntries.Where(entry => !InHand.HasJob(entry.Path)))
            OfferSeal(entry, isRotated: false);
    }

    /// <summary>Queues a file for at once, whatever failed before.</summary>
    public void OfferNow(LedgerState state, string path)
    {
        // Also while the path is in hand as the source of a rename: then it waits for that to end. A job of its own offers it again.
        if (state.Find(path) is { Pending: true } entry && !InHand.HasJob(path))
            Offer(entry with { Failure = null }, Now);
    }

    /// <summary>Queues what is left to do after a job that is in hand no more.</summary>
    public void OfferAfter(LedgerState state, UploadJob job, JobOutcome outcome)
    {
        if (outcome is JobOutcome.Archived)
        {
            foreach (var source in job.MoveFrom)
                OfferNow(state, source.Path);
        }

        _seals.Remove(job.Path);
        if (state.Find(job.Path) is not { } entry)
            return;
        var now = Now;
        if (entry.Pending)
            Offer(entry, outcome is JobOutcome.NotAsSeen ? now + LookAgainDelay : now, outcome is JobOutcome.Archived { IsPartial: true });
        else if (job.IsSeal && outcome is not JobOutcome.Archived)
            OfferSeal(entry, isRotated: false, outcome is JobOutcome.HandedBack ? now : now + SealRetryDelay);
        else
            OfferSeal(entry, outcome is JobOutcome.Archived { MovedFrom: not null });
    }

    /// <summary>Adds folders, as the archive names them, that are to be made though they have no files.</summary>
    public void AddFolders(IEnumerable<string> folders) => _bareFolders.UnionWith(folders);

    /// <summary>Queues again what had to wait for the end of something else.</summary>
    public void ReleaseWaiting() => _queue.ReleaseWaiting();

    /// <summary>Notes that a connection asks for work.</summary>
    /// <returns>Whether it is one more that has to be watched.</returns>
    public bool TryAdd(IActorRef connection, int maxFiles)
    {
        // One that has been given something asks only because the jobs are still on their way to it.
        if (_assigned.ContainsKey(connection) || _idle.Exists(idle => idle.Connection.Equals(connection)))
            return false;
        _idle.Add((connection, maxFiles));
        return true;
    }

    /// <summary>What is next, for the connection that has waited longest. Its jobs are in hand from now on.</summary>
    public (IActorRef Connection, CollectionProtocol.WorkAssigned Work)? TakeWork(LedgerState state)
    {
        var now = Now;

        // Set back, the clock would keep all that is delayed for as long again: it is tried now, and waits anew if it must.
        _queue.Advance(IsClockSetBack ? DateTimeOffset.MaxValue : now);
        _latest = now;
        if (_idle.Count == 0)
            return null;
        var (connection, maxFiles) = _idle[0];
        var jobs = TakeBatch(state, maxFiles);
        var folders = _bareFolders.Take(maxFiles).ToList();
        if (jobs.Count + folders.Count == 0)
            return null;
        _bareFolders.ExceptWith(folders);
        _idle.RemoveAt(0);
        var work = new CollectionProtocol.WorkAssigned(++_lastBatch, jobs, folders);
        _assigned.Add(connection, work);
        return (connection, work);
    }

    /// <summary>Ends what a connection was given. Its jobs stay in hand until their outcome is written down: nobody else may have their paths.</summary>
    /// <returns>Whether it had that batch.</returns>
    public bool TryFinish(IActorRef connection, long batchId) =>
        _assigned.TryGetValue(connection, out var work) && work.BatchId == batchId && _assigned.Remove(connection);

    /// <summary>Forgets a connection, and queues again what it had.</summary>
    /// <returns>Whether it had anything.</returns>
    public bool TryTakeBack(LedgerState state, IActorRef connection, TimeSpan delay)
    {
        _idle.RemoveAll(idle => idle.Connection.Equals(connection));
        if (!_assigned.Remove(connection, out var work))
            return false;
        _bareFolders.UnionWith(work.Folders);
        var notBefore = Now + delay;
        foreach (var job in work.Jobs)
        {
            InHand.Remove(job);
            if (state.Find(job.Path) is { Pending: true } entry)
                Offer(entry, notBefore);
        }

        _queue.ReleaseWaiting();
        return true;
    }

    private static (CollectionOptions Options, IReadOnlyDictionary<string, WatchedRoot> Roots, JobSelection Selection, UploadQueue Queue) Use(CollectionOptions options) => (
        options,
        options.Roots.ToDictionary(root => root.Path, StringComparer.Ordinal),
        new JobSelection(options.AgentId, options.Roots),
        new UploadQueue(options.Upload.Order, options.Upload.SliceBytes));

    // Compared as a whole once it has come to rest; sent in one go it has been already.
    private void OfferSeal(LedgerEntry entry, bool isRotated, DateTimeOffset notBefore = default)
    {
        if (entry.IsWhole || entry.Pending || entry.Archived is null || entry.GoneAt is not null || !Roots.TryGetValue(entry.Root, out var root))
            return;
        var rest = isRotated && root.SealAfter > RotatedRest ? RotatedRest : root.SealAfter;
        var due = new DateTimeOffset(entry.Modified, TimeSpan.Zero) + rest;
        _seals.Add(entry.Path);
        _queue.Offer(Queued(entry), due > notBefore ? due : notBefore, Now);
    }

    private void Offer(LedgerEntry entry, DateTimeOffset notBefore, bool isContinued = false)
    {
        _seals.Remove(entry.Path);
        if (Roots.TryGetValue(entry.Root, out var root) && root.Settle > TimeSpan.Zero)
        {
            var quiet = new DateTimeOffset(entry.Modified, TimeSpan.Zero) + root.Settle;
            notBefore = quiet > notBefore ? quiet : notBefore;
        }

        var at = entry.Failure is { } failure && failure.NextAttempt > notBefore && !(Drain?.IsFirstAttempt(entry.Path) ?? false) ? failure.NextAttempt : notBefore;
        _queue.Offer(Queued(entry) with { IsContinued = isContinued }, at, Now);
    }

    private QueuedFile Queued(LedgerEntry entry) => new(entry.Path, entry.Root, Roots.GetValueOrDefault(entry.Root)?.Priority ?? 0, entry.PendingBytes, entry.Modified);

    private List<UploadJob> TakeBatch(LedgerState state, int maxFiles)
    {
        // A short queue is shared among the connections instead of going to the first one.
        var files = Math.Clamp((_queue.ReadyCount + _options.Upload.Connections - 1) / _options.Upload.Connections, 1, maxFiles);
        var bytes = 0L;
        var jobs = new List<UploadJob>(files);
        while (jobs.Count < files && bytes < _options.Upload.BatchBytes && _queue.TryTake(out var path))
        {
            if (state.Find(path) is not { } entry || (entry.Pending && (Drain?.IsExhausted(path) ?? false)))
                continue;
            if (Selection.TrySelect(state, entry, InHand, _seals.Contains(path), IsScanUnderWay, out var mustWait) is { } job)
            {
                InHand.Add(job);
                jobs.Add(job);
                bytes += Math.Min(entry.PendingBytes, _options.Upload.SliceBytes);
            }
            else if (mustWait)
            {
                _queue.Wait(Queued(entry));
            }
        }

        return jobs;
    }
}
