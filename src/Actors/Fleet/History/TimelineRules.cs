using static ActorLogArchive.Actors.Fleet.History.FleetHistoryProtocol;

namespace ActorLogArchive.Actors.Fleet.History;

/// <summary>Turns changes of health, and the times the archive ran, into a timeline without gaps. Pure.</summary>
public static class TimelineRules
{
    /// <summary>What is said of a time in which nobody looked.</summary>
    public const string NotRunning = "the archive was not running";

    /// <summary>The timeline.</summary>
    /// <param name="changes">Changes up to <paramref name="to"/>, oldest first; those before <paramref name="from"/> tell how it began.</param>
    /// <param name="runs">When the archive ran, oldest first.</param>
    /// <param name="from">Its begin.</param>
    /// <param name="to">Its end.</param>
    public static IReadOnlyList<TimelineSpan> Build(
        IReadOnlyList<FleetProtocol.HealthChange> changes, IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> runs, DateTimeOffset from, DateTimeOffset to)
    {
        if (changes.Count == 0 || from >= to)
        {
            return [];
        }

        var spans = new List<TimelineSpan>();
        if (changes[0].At > from)
        {
            Add(from, Earlier(changes[0].At, to), null, "not seen yet");
        }

        for (var i = 0; i < changes.Count; i++)
        {
            var begin = Later(changes[i].At, from);
            var end = Earlier(i + 1 < changes.Count ? changes[i + 1].At : to, to);
            foreach (var (start, stop, isRunning) in Cut(runs, begin, end))
            {
                Add(start, stop, isRunning ? changes[i].Health : null, isRunning ? changes[i].Reason : NotRunning);
            }
        }

        return spans;

        void Add(DateTimeOffset start, DateTimeOffset end, FleetProtocol.AgentHealth? health, string reason)
        {
            if (start >= end)
            {
                return;
            }

            if (spans is [.., var last] && last.Health == health && last.To == start && (health is not null || last.Reason == reason))
            {
                spans[^1] = last with { To = end };
            }
            else
            {
                spans.Add(new TimelineSpan(start, end, health, reason));
            }
        }
    }

    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To, bool IsRunning)> Cut(
        IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> runs, DateTimeOffset from, DateTimeOffset to)
    {
        var at = from;
        foreach (var (start, end) in runs.Where(run => run.End > from && run.Start < to))
        {
            if (start > at)
            {
                yield return (at, start, false);
            }

            var stop = Earlier(end, to);
            yield return (Later(start, at), stop, true);
            at = Later(stop, at);
        }

        if (at < to)
        {
            yield return (at, to, false);
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
