using System.Globalization;

namespace ActorLogArchive.Bench.Soak;

/// <summary>Judges the samples of a soak.</summary>
/// <param name="warmUp">What comes earlier is not judged.</param>
public sealed class SoakVerdict(TimeSpan warmUp)
{
    /// <summary>Handles that the runtime itself may come to hold, for a thread or a timer.</summary>
    public const int HandlesOfRuntime = 4;

    // As many samples in a row as are more than ten seconds: nothing waits that long for a socket to be closed.
    private const int SamplesInCloseWait = 3;

    // Load is never the same twice: what hundreds of sessions hold at a moment varies by this much.
    private const double Tolerance = 1.10;
    private const int HeapToleranceKilobytes = 8 * 1024;
    private const int ResidentToleranceKilobytes = 24 * 1024;
    private const int HandleTolerance = 60;
    private const int ThreadTolerance = 20;

    private readonly List<ProcessSample> _samples = [];
    private readonly List<ProcessSample> _collected = [];

    /// <summary>What comes earlier is not judged.</summary>
    public TimeSpan WarmUp => warmUp;

    /// <summary>Adds a sample.</summary>
    public void Add(ProcessSample sample, bool collected)
    {
        if (sample.Time < warmUp)
        {
            return;
        }

        _samples.Add(sample);
        if (collected)
        {
            _collected.Add(sample);
        }
    }

    /// <summary>What is wrong.</summary>
    /// <param name="before">The server before the first client.</param>
    /// <param name="after">The server when all have gone.</param>
    /// <param name="tally">What the clients saw.</param>
    public IReadOnlyList<string> Faults(ProcessSample before, ProcessSample after, SoakTally tally)
    {
        var faults = new List<string>();
        if (after.Sockets.Count > 0)
        {
            faults.Add($"{after.Sockets.Count} sockets are left when all clients have gone, {after.InCloseWait.Count()} of them in CLOSE_WAIT");
        }

        if (after.Handles > before.Handles + HandlesOfRuntime)
        {
            var left = after.Open.Except(before.Open).GroupBy(Kind).Select(kind => $"{kind.Count()} × {kind.Key}");
            faults.Add($"{after.Handles} handles are left of {before.Handles} before; new are {string.Join(", ", left)}");
        }

        var stuck = Enumerable.Range(0, Math.Max(0, _samples.Count - SamplesInCloseWait + 1))
            .SelectMany(start => _samples.Skip(start).Take(SamplesInCloseWait).Select(sample => sample.InCloseWait).Aggregate((left, right) => left.Intersect(right)))
            .Distinct()
            .Count();
        if (stuck > 0)
        {
            faults.Add($"{stuck} sockets stayed in CLOSE_WAIT over {SamplesInCloseWait} samples");
        }

        Grown(faults, "handles", _samples, sample => sample.Handles, HandleTolerance);
        Grown(faults, "threads", _samples, sample => sample.Threads, ThreadTolerance);
        Grown(faults, "KB of RSS", _samples, sample => sample.ResidentKilobytes, ResidentToleranceKilobytes);
        Grown(faults, "KB of heap after collection", _collected, sample => sample.HeapKilobytes, HeapToleranceKilobytes);
        if (tally.FailureCount > 0)
        {
            faults.Add($"{tally.FailureCount} actions went wrong, the first: {string.Join("; ", tally.Failures)}");
        }

        return faults;
    }

    /// <summary>The last quarter against the first.</summary>
    private static void Grown(List<string> faults, string what, List<ProcessSample> samples, Func<ProcessSample, long> measure, long tolerance)
    {
        if (samples.Count == 0)
        {
            return;
        }

        var quarter = (samples.Count + 3) / 4;
        long first = Median(samples.Take(quarter).Select(measure)), last = Median(samples.TakeLast(quarter).Select(measure));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {first:#,0} in the first quarter after {samples[0].Time:mm\\:ss}, {last:#,0} in the last"));
        if (last > (first * Tolerance) + tolerance)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{what} grew from {first:#,0} to {last:#,0}"));
        }
    }

    // socket:[123], pipe:[123], anon_inode:[eventpoll], /folder/file
    private static string Kind(string link) => link.Split(":[")[0];

    private static long Median(IEnumerable<long> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
