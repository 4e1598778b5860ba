namespace ActorLogArchive.Search.Tests;

/// <summary>All events of a search, sorted by kind.</summary>
public sealed record ScanResult(IReadOnlyList<SearchHit> Hits, IReadOnlyList<SearchProblem> Problems, SearchProgress End)
{
    public static Task<ScanResult> OfAsync(string file, ContentQuery query) => OfAsync(new ContentScanner(1), [file], query);

    public static async Task<ScanResult> OfAsync(ContentScanner scanner, IEnumerable<string> files, ContentQuery query)
    {
        var events = new List<SearchEvent>();
        var targets = files.Select(file => new SearchTarget(file, file)).ToList();
        await foreach (var found in scanner.ScanAsync(targets, query, TestContext.Current.CancellationToken)) events.Add(found);
        var end = Assert.IsType<SearchProgress>(events[^1]);
        Assert.True(end.Finished);
        Assert.DoesNotContain(events.SkipLast(1), e => e is SearchProgress { Finished: true });
        return new([.. events.OfType<SearchHit>()], [.. events.OfType<SearchProblem>()], end);
    }
}
