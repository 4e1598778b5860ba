namespace ActorLogArchive.Search;

/// <summary>Searches files for a pattern, several at once, and streams what it finds.</summary>
public sealed class ContentScanner(int parallelism)
{
    /// <summary>Longest line shown, in characters.</summary>
    public const int MaxLineLength = 2000;

    private readonly int _parallelism = parallelism;

    /// <summary>
    /// Runs a search. Events come as they are found; the last one is a <see cref="SearchProgress"/> with
    /// <see cref="SearchProgress.Finished"/>. Not reading on stops the scan after a bounded number of events.
    /// </summary>
    /// <exception cref="ArgumentException">The query does not validate.</exception>
    public IAsyncEnumerable<SearchEvent> ScanAsync(IReadOnlyList<SearchTarget> targets, ContentQuery query, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{_parallelism}");
}
