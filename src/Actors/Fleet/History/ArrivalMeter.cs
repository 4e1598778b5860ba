using static ActorLogArchive.Actors.Fleet.History.FleetHistoryProtocol;

namespace ActorLogArchive.Actors.Fleet.History;

/// <summary>
/// Adds up what comes in: by agent over the last minutes, in all by the second and by the minute. Its size is bounded by the number of
/// agents that sent something lately. Not for concurrent use.
/// </summary>
internal sealed class ArrivalMeter
{
    private const int Seconds = 5;
    private const int MinutesKept = 24 * 60;

    private readonly Dictionary<string, long[]> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<long, long> _counted = [];
    private readonly long[] _seconds = new long[Seconds];
    private readonly Queue<MinutePoint> _minutes = new();
    private long _second;
    private long _bucket;

    /// <summary>Begins with what was stored.</summary>
    /// <param name="stored">Minutes, oldest first; that of <paramref name="now"/> goes on.</param>
    /// <param name="now">The time.</param>
    public ArrivalMeter(IReadOnlyList<MinutePoint> stored, DateTimeOffset now)
    {
        var current = MinuteOf(now);
        foreach (var minute in stored.Where(minute => minute.At < current).TakeLast(MinutesKept))
        {
            _minutes.Enqueue(minute);
        }

        Current = stored.LastOrDefault(minute => minute.At == current) ?? new MinutePoint(current, 0, 0, 0, 0);
        _second = now.ToUnixTimeSeconds();
        _bucket = BucketOf(now);
    }

    /// <summary>The minute that is not over yet.</summary>
    public MinutePoint Current { get; private set; }

    /// <summary>Notes how far a transfer is: bytes since its begin.</summary>
    public void Progress(long session, string agentId, long bytes)
    {
        var more = bytes - _counted.GetValueOrDefault(session);
        if (more <= 0)
        {
            return;
        }

        _counted[session] = bytes;
        Current = Current with { Bytes = Current.Bytes + more };
        _seconds[_second % Seconds] += more;
        if (!_agents.TryGetValue(agentId, out var buckets))
        {
            _agents.Add(agentId, buckets = new long[Activity.AgentBuckets]);
        }

        buckets[_bucket % Activity.AgentBuckets] += more;
    }

    /// <summary>Notes that a transfer is over.</summary>
    public void End(long session, string agentId, long bytes, bool isComplete)
    {
        Progress(session, agentId, bytes);
        _counted.Remove(session);
        if (isComplete)
        {
            Current = Current with { Files = Current.Files + 1 };
        }
    }

    /// <summary>Forgets a session that is gone.</summary>
    public void Forget(long session) => _counted.Remove(session);

    /// <summary>Moves on to <paramref name="now"/>.</summary>
    /// <param name="backlog">What waits on the nodes now.</param>
    /// <param name="now">The time.</param>
    /// <returns>The minute that has ended; null when none has.</returns>
    public MinutePoint? Advance((long Bytes, long Files) backlog, DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        for (var i = 1; i <= Math.Min(Seconds, second - _second); i++)
        {
            _seconds[(_second + i) % Seconds] = 0;
        }

        var bucket = BucketOf(now);
        for (var i = 1; i <= Math.Min(Activity.AgentBuckets, bucket - _bucket); i++)
        {
            foreach (var buckets in _agents.Values)
            {
                buckets[(_bucket + i) % Activity.AgentBuckets] = 0;
            }
        }

        if (bucket != _bucket)
        {
            foreach (var (idle, _) in _agents.Where(agent => agent.Value.All(bytes => bytes == 0)).ToList())
            {
                _agents.Remove(idle);
            }
        }

        (_second, _bucket) = (second, bucket);
        Current = Current with { BacklogBytes = backlog.Bytes, BacklogFiles = backlog.Files };
        var minute = MinuteOf(now);
        if (minute == Current.At)
        {
            return null;
        }

        var ended = Current;
        _minutes.Enqueue(ended);
        if (_minutes.Count > MinutesKept)
        {
            _minutes.Dequeue();
        }

        Current = new MinutePoint(minute, 0, 0, backlog.Bytes, backlog.Files);
        return ended;
    }

    /// <summary>All minutes, that of now last.</summary>
    public IReadOnlyList<MinutePoint> Minutes() => [.. _minutes, Current];

    /// <summary>Since midnight UTC.</summary>
    public (long Files, long Bytes) Today(DateTimeOffset now)
    {
        var midnight = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var today = Minutes().Where(minute => minute.At >= midnight).ToList();
        return (today.Sum(minute => minute.Files), today.Sum(minute => minute.Bytes));
    }

    /// <summary>Bytes a second over the last seconds.</summary>
    public double BytesPerSecond() => _seconds.Sum() / (double)Seconds;

    /// <summary>Bytes a second of each agent, oldest first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<float>> Rates() => _agents.ToDictionary(
        agent => agent.Key,
        IReadOnlyList<float> (agent) => [.. Enumerable.Range(1, Activity.AgentBuckets).Select(i => (float)(agent.Value[(_bucket + i) % Activity.AgentBuckets] / Activity.AgentBucket.TotalSeconds))],
        StringComparer.Ordinal);

    private static DateTimeOffset MinuteOf(DateTimeOffset now) => DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / 60 * 60);

    private static long BucketOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / (long)Activity.AgentBucket.TotalSeconds;
}
