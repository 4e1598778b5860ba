using System.Collections.Concurrent;
using System.Globalization;

namespace ActorLogArchive.Bench.Soak;

/// <summary>What all clients of a soak have done, and what went wrong for them.</summary>
public sealed class SoakTally
{
    private const int FailuresKept = 10;

    private readonly ConcurrentDictionary<string, long> _done = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = new();
    private int _failed;

    /// <summary>How many actions were answered in a way that they must not be.</summary>
    public int FailureCount => _failed;

    /// <summary>The first of them.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Counts something done.</summary>
    public void Count(string what, long by = 1) => _done.AddOrUpdate(what, by, (_, before) => before + by);

    /// <summary>Notes what went wrong.</summary>
    public void Failed(string what)
    {
        if (Interlocked.Increment(ref _failed) <= FailuresKept)
        {
            _failures.Enqueue(what);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _done.OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value:#,0} {pair.Key}")));
}
