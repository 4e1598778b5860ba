namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// When the next complete walk is due. Where file events tell of every change, walks only find what these miss, and take a
/// third of a percent of a processor; where not, walks are all there is, and come every <c>scan-interval</c>.
/// </summary>
internal static class ScanSchedule
{
    private const int RestFactor = 300;

    /// <summary>Longest wait for the sake of that, when the interval itself is not longer.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(10);

    /// <summary>When to start.</summary>
    /// <param name="started">When the last walk started.</param>
    /// <param name="work">How long it worked.</param>
    /// <param name="interval">Setting <c>scan-interval</c>.</param>
    /// <param name="areEventsReliable">Whether file events tell of every change; asked only if it matters.</param>
    public static DateTimeOffset Next(DateTimeOffset started, TimeSpan work, TimeSpan interval, Func<bool> areEventsReliable)
    {
        var rest = work * RestFactor < LongestRest ? work * RestFactor : LongestRest;
        return started + (rest > interval && areEventsReliable() ? rest : interval);
    }
}
