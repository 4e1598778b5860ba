using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace ActorLogArchive.Search;

/// <summary>Searches files for a pattern, several at once, and streams what it finds.</summary>
/// <remarks>
/// Memory is bounded whatever the files hold: a line longer than <see cref="BlockSize"/> is searched in overlapping pieces, so that
/// a regular expression finds in it only what lies within a piece (a text or a word is always found), and counts as one hit.
/// </remarks>
public sealed class ContentScanner
{
    /// <summary>Longest line shown, in characters.</summary>
    public const int MaxLineLength = 2000;

    /// <summary>Bytes of a file that are searched at once.</summary>
    public const int BlockSize = 512 * 1024;

    // Events that may wait for a slow reader before the scan waits too.
    private const int EventsAhead = 64;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    private readonly int _parallelism;
    private readonly TimeProvider _time;
    private readonly int _blockSize;

    /// <summary>A scanner that reads up to <paramref name="parallelism"/> files at once (at least 1) for each search.</summary>
    public ContentScanner(int parallelism, TimeProvider? timeProvider = null)
        : this(parallelism, timeProvider, BlockSize)
    {
    }

    internal ContentScanner(int parallelism, TimeProvider? timeProvider, int blockSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        (_parallelism, _time, _blockSize) = (parallelism, timeProvider ?? TimeProvider.System, blockSize);
    }

    /// <summary>
    /// Runs a search. Events come as they are found, a file's hits in order of line; the last one is a <see cref="SearchProgress"/>
    /// with <see cref="SearchProgress.Finished"/>. Not reading on stops the scan after a bounded number of events.
    /// </summary>
    /// <exception cref="ArgumentException">The query does not validate.</exception>
    public IAsyncEnumerable<SearchEvent> ScanAsync(IReadOnlyList<SearchTarget> targets, ContentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(query);
        return query.Validate() is { } error ? throw new ArgumentException(error, nameof(query)) : RunAsync(targets, query, cancellationToken);
    }

    private async IAsyncEnumerable<SearchEvent> RunAsync(
        IReadOnlyList<SearchTarget> targets, ContentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tally = new ScanTally(targets.Count);
        var channel = Channel.CreateBounded<SearchEvent>(new BoundedChannelOptions(EventsAhead) { SingleReader = true });
        var search = SearchAsync(targets, query, tally, channel.Writer, stopped.Token);
        try
        {
            await foreach (var found in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return found;
            cancellationToken.ThrowIfCancellationRequested();
            yield return tally.Progress(finished: true);
        }
        finally
        {
            // Whether the reader has all or left early: nothing goes on behind its back.
            await stopped.CancelAsync().ConfigureAwait(false);
            await search.ConfigureAwait(false);
        }
    }

    /// <summary>Runs the workers and the progress reports to their end, which also ends the channel; never throws.</summary>
    private async Task SearchAsync(
        IReadOnlyList<SearchTarget> targets, ContentQuery query, ScanTally tally, ChannelWriter<SearchEvent> events, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var progress = ReportProgressAsync(tally, events, enough.Token);
        var matcher = LineMatcher.Create(query);
        var next = -1;
        var workers = Enumerable.Range(0, Math.Min(_parallelism, targets.Count)).Select(_ => Task.Run(WorkAsync, CancellationToken.None)).ToArray();
        var all = Task.WhenAll(workers);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await enough.CancelAsync().ConfigureAwait(false);
        await progress.ConfigureAwait(false);
        events.Complete(all.Exception?.InnerException);

        async Task WorkAsync()
        {
            var scan = new FileScan(matcher, query, tally, _blockSize);
            while (!enough.IsCancellationRequested && Interlocked.Increment(ref next) is var index && index < targets.Count)
            {
                if (!await ScanFileAsync(scan, targets[index]).ConfigureAwait(false)) return;
            }
        }

        // False when the search is at its end, wanted or not.
        async Task<bool> ScanFileAsync(FileScan scan, SearchTarget target)
        {
            try
            {
                var problem = await FindHitsAsync(scan, target).ConfigureAwait(false);
                if (problem is not null) await events.WriteAsync(problem, enough.Token).ConfigureAwait(false);
                tally.AddFile();
                return true;
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested)
            {
                return false;
            }
        }

        async Task<SearchProblem?> FindHitsAsync(FileScan scan, SearchTarget target)
        {
            try
            {
                foreach (var hit in scan.Run(target, enough.Token))
                {
                    if (!tally.TryShow(query.MaxHits)) await enough.CancelAsync().ConfigureAwait(false);
                    await events.WriteAsync(hit, enough.Token).ConfigureAwait(false);
                }

                return null;
            }
            catch (RegexMatchTimeoutException)
            {
                return new(target.Id, $"The pattern took too long on line {scan.LineNumber}; the file was left there.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new(target.Id, e.Message);
            }
        }
    }

    private async Task ReportProgressAsync(ScanTally tally, ChannelWriter<SearchEvent> events, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ProgressInterval, _time);
        try
        {
            // A reader who is behind is not told how far the search is ahead of it.
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) events.TryWrite(tally.Progress(finished: false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The search is over.
        }
    }
}
