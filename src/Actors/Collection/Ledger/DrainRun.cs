using Akka.Actor;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Counts of one run that works off all that is pending, with so many attempts per file.</summary>
internal sealed class DrainRun(int attempts)
{
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<string> _archived = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Who waits for the end; null while the walk is still going on.</summary>
    public IActorRef? Asker { get; set; }

    public void Count(string path, long bytes)
    {
        _archived.Add(path);
        _bytes += bytes;
    }

    public void CountFailure(string path) => _failures[path] = _failures.GetValueOrDefault(path) + 1;

    public bool IsFirstAttempt(string path) => !_failures.ContainsKey(path);

    public bool IsExhausted(string path) => _failures.GetValueOrDefault(path) >= attempts;

    public RunSummary Summary(LedgerState state, string? reason)
    {
        var left = state.Pending
            .Order(StringComparer.Ordinal)
            .Take(LedgerFigures.MaxFailed)
            .Select(path => new LeftFile(path, state.Find(path)?.Failure?.Message ?? reason ?? "not sent yet"))
            .ToList();
        return new RunSummary(_archived.Count, _bytes, left, state.PendingCount, [], reason);
    }
}
