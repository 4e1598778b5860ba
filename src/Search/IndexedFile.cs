using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Search;

/// <summary>
/// A file and its line index, which is built once for all who wait for it and goes on being built when they no longer do.
/// </summary>
internal sealed class IndexedFile(string path, long patience)
{
    private readonly Lock _lock = new();
    private Build? _build;

    /// <summary>
    /// Gets the index of the file as it is now, or, of a file with much left to index, as soon as <paramref name="lines"/> lines are in it.
    /// </summary>
    /// <param name="file">The file, open.</param>
    /// <param name="lines">Lines that must be indexed; null for all.</param>
    /// <param name="cancellationToken">Ends the waiting, not the building.</param>
    public async Task<(LineIndex Index, long FileSize, bool IsComplete)> CoverAsync(SafeFileHandle file, long? lines, CancellationToken cancellationToken)
    {
        var stamp = new Stamp(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
        var (build, isOwn) = Join(stamp);
        while (true)
        {
            var moved = build.Moved;
            if (build.Work.IsCompleted)
            {
                // A build that was under way when the file had changed already does not show the change.
                var index = await build.Work.ConfigureAwait(false);
                if (isOwn || build.Stamp == stamp) return (index, build.Stamp.Length, true);
                (build, isOwn) = Join(stamp);
                continue;
            }

            if (build.Index is { } partial && lines < partial.Lines && build.Stamp.Length - partial.Length > patience)
                return (partial, build.Stamp.Length, false);
            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The build under way or the last one, if it shows the file as stamped; else a new one.</summary>
    private (Build Build, bool IsOwn) Join(Stamp stamp)
    {
        lock (_lock)
        {
            if (_build is { Work.IsCompleted: false }) return (_build, false);
            if (_build is { Work.IsCompletedSuccessfully: true } && _build.Stamp == stamp) return (_build, false);
            _build = new Build(path, stamp, _build);
            return (_build, true);
        }
    }

    private readonly record struct Stamp(long Length, DateTime LastWrite);

    /// <summary>One pass over what of the file is not indexed yet.</summary>
    private sealed class Build
    {
        private const int ChunkLength = 16 * LineIndex.BlockLength;

        private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile LineIndex? _index;

        public Build(string path, Stamp stamp, Build? earlier)
        {
            Stamp = stamp;
            Work = Task.Run(() => RunAsync(path, earlier?.Index, earlier?.Stamp.Length == stamp.Length));
            _ = Work.ContinueWith(_ => Volatile.Read(ref _moved).TrySetResult(), TaskScheduler.Default);
        }

        public Stamp Stamp { get; }

        public Task<LineIndex> Work { get; }

        /// <summary>The index as far as it is; null until the file was opened.</summary>
        public LineIndex? Index => _index;

        /// <summary>Completes when there is more of the index than at the time of asking.</summary>
        public Task Moved => Volatile.Read(ref _moved).Task;

        private async Task<LineIndex> RunAsync(string path, LineIndex? earlier, bool isRewritten)
        {
            using var file = LineReader.Open(path);
            // Written to without having grown: what is inside may have changed.
            var goOn = earlier is not null && !isRewritten && await earlier.CoversBeginningOfAsync(file, Stamp.Length).ConfigureAwait(false);
            var index = goOn ? earlier! : await LineIndex.BeginAsync(file).ConfigureAwait(false);
            _index = index;
            var chunk = new byte[(int)Math.Min(ChunkLength, Math.Max(LineIndex.BlockLength, Stamp.Length))];
            while (await index.ExtendAsync(file, Stamp.Length, chunk).ConfigureAwait(false))
            {
                Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }

            return index;
        }
    }
}
