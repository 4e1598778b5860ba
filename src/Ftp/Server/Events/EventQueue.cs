using System.Net;

namespace ActorLogArchive.Ftp.Server.Events;

/// <summary>
/// Between the sessions and the observer, so that one that is slow, stuck or throws costs them nothing. One thread tells
/// the observer, in the order of what happened. When too much waits, the oldest events that change nothing are dropped;
/// what changes the tree is kept until far more waits than any observer that moves at all would leave behind. An event
/// tells how many were dropped of each, so that who keeps a picture of the tree knows that it has to look again.
/// </summary>
internal sealed class EventQueue(IFtpServerObserver observer, TimeProvider clock)
{
    /// <summary>Most events that wait and change nothing.</summary>
    public const int MostPassing = 8192;

    /// <summary>Most events that wait and change the tree; some 50 MB.</summary>
    public const int MostChanges = 128 * 1024;

    private static readonly IPEndPoint Nobody = new(IPAddress.None, 0);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Queue<(long Number, FtpServerEvent Event)> _passing = new();
    private readonly Queue<(long Number, FtpServerEvent Event)> _changes = new();
    private readonly Queue<Mark> _marks = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;
    private long _number;
    private long _droppedPassing;
    private long _droppedChanges;
    private bool _isWaiting;
    private bool _isEnding;

    /// <summary>Whether the observer wants to be told how transfers go on.</summary>
    public bool WantsProgress => observer.WantsProgress;

    /// <summary>Takes an event; never waits.</summary>
    public void Publish(FtpServerEvent happened)
    {
        lock (_lock)
        {
            if (_isEnding)
                return;
            var (queue, most) = happened.ChangesTree ? (_changes, MostChanges) : (_passing, MostPassing);
            if (queue.Count >= most)
            {
                queue.Dequeue();
                ref var dropped = ref happened.ChangesTree ? ref _droppedChanges : ref _droppedPassing;
                dropped++;
            }

            queue.Enqueue((_number++, happened));
            Wake();
            if (_thread is null)
            {
                _thread = new Thread(Tell) { IsBackground = true, Name = "ftp-events" };
                _thread.Start();
            }
        }
    }

    /// <summary>Ends when the observer has been told all that was published before.</summary>
    public Task ToldAsync()
    {
        lock (_lock)
        {
            if (_isEnding || _thread is null || (_passing.Count + _changes.Count == 0 && _isWaiting))
                return _isEnding ? _ended.Task : Task.CompletedTask;
            var mark = new Mark(_number++);
            _marks.Enqueue(mark);
            Wake();
            return mark.Told.Task;
        }
    }

    /// <summary>Takes no more events; ends when the observer has been told all, or after <paramref name="patience"/>.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        lock (_lock)
        {
            _isEnding = true;
            if (_thread is null)
                return;
            Wake();
        }

        await Task.WhenAny(_ended.Task, Task.Delay(patience)).ConfigureAwait(false);
    }

    private void Wake()
    {
        if (!_isWaiting)
            return;
        _isWaiting = false;
        _news.Release();
    }

    private void Tell()
    {
        while (true)
        {
            if (Next() is { } next)
            {
                try
                {
                    observer.OnEvent(next);
                }
                catch (Exception)
                {
                    // Its own affair: it is told the next event all the same.
                }

                continue;
            }

            lock (_lock)
            {
                if (_passing.Count + _changes.Count > 0)
                    continue;
                PassMarks(long.MaxValue);
                if (_isEnding)
                    break;
                _isWaiting = true;
            }

            _news.Wait();
        }

        _ended.TrySetResult();
    }

    private FtpServerEvent? Next()
    {
        lock (_lock)
        {
            if (_droppedPassing + _droppedChanges > 0)
            {
                var dropped = new FtpEventsDropped(clock.GetUtcNow(), 0, Nobody, _droppedPassing, _droppedChanges);
                (_droppedPassing, _droppedChanges) = (0, 0);
                return dropped;
            }

            // What precedes a mark has been told when this is called again, or was dropped.
            var hasPassing = _passing.TryPeek(out var passing);
            var hasChange = _changes.TryPeek(out var change);
            PassMarks(Math.Min(hasPassing ? passing.Number : long.MaxValue, hasChange ? change.Number : long.MaxValue));
            if (hasPassing && (!hasChange || passing.Number < change.Number))
                return _passing.Dequeue().Event;
            return hasChange ? _changes.Dequeue().Event : null;
        }
    }

    private void PassMarks(long before)
    {
        while (_marks.TryPeek(out var mark) && mark.Number < before)
            _marks.Dequeue().Told.TrySetResult();
    }

    private sealed record Mark(long Number)
    {
        public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
