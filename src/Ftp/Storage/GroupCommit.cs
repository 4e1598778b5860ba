using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>
/// Group commit: flushes run one after another, and all that ask while one runs share the next. Ten sessions that ask at
/// once cost two flushes, not ten.
/// </summary>
internal sealed class GroupCommit(Action<IReadOnlyCollection<FtpPath>> flush)
{
    private readonly Lock _lock = new();
    private Batch? _next;
    private bool _running;

    /// <summary>Completes when all of <paramref name="paths"/> are durable.</summary>
    public Task FlushAsync(IReadOnlyCollection<FtpPath> paths)
    {
        lock (_lock)
        {
            _next ??= new Batch();
            _next.Paths.UnionWith(paths);
            if (!_running)
            {
                _running = true;
                _ = Task.Run(Run);
            }

            return _next.Done.Task;
        }
    }

    private void Run()
    {
        while (true)
        {
            Batch batch;
            lock (_lock)
            {
                if (_next is null)
                {
                    _running = false;
                    return;
                }

                batch = _next;
                _next = null;
            }

            try
            {
                flush(batch.Paths);
                batch.Done.SetResult();
            }
            catch (Exception failure)
            {
                batch.Done.SetException(failure); // to every one that waits for it
            }
        }
    }

    private sealed class Batch
    {
        public HashSet<FtpPath> Paths { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
