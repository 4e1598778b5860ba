using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Collection;

/// <summary>
/// Learns which files grow steadily, and tells of those that have stopped: a program that hangs or died shows there first. One for the
/// process, whatever actors come and go. Of names that differ in digits only (a log for each day, a number for each run) the newest
/// stands for all. Bounded; safe for concurrent use.
/// </summary>
public sealed class FileCadence(TimeProvider clock)
{
    /// <summary>Names that are watched at most.</summary>
    public const int MaxTracks = 2000;

    private const int LeastGrowths = 6;
    private const int GapsKept = 8;
    private static readonly TimeSpan LeastSpan = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ForgetUnsteady = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ForgetQuiet = TimeSpan.FromDays(7);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Track> _tracks = new(StringComparer.Ordinal);
    private DateTimeOffset _sweptAt = clock.GetUtcNow();
    private DateTimeOffset _restoredAt = DateTimeOffset.MinValue;

    /// <summary>Notes that a file was written to.</summary>
    /// <param name="path">Below the agent's folder.</param>
    /// <param name="modified">When, as the file says.</param>
    public void Note(string path, DateTimeOffset modified)
    {
        var now = clock.GetUtcNow();
        var at = modified < now ? modified : now;
        if (now - at > ForgetUnsteady)
        {
            return;
        }

        lock (_lock)
        {
            Sweep(now);
            var key = KeyOf(path);
            if (_tracks.TryGetValue(key, out var track))
            {
                track.Note(path, at);
            }
            else if (_tracks.Count < MaxTracks)
            {
                _tracks.Add(key, new Track(path, at));
            }
        }
    }

    /// <summary>Notes that a file is gone from the node: nothing more is expected of it.</summary>
    public void Forget(string path)
    {
        lock (_lock)
        {
            if (_tracks.TryGetValue(KeyOf(path), out var track) && track.Path == path)
            {
                _tracks.Remove(KeyOf(path));
            }
        }
    }

    /// <summary>Files that used to grow and have stopped: how many, and those that stopped first.</summary>
    public (int Count, IReadOnlyList<QuietFile> Files) Quiet(int most)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            Sweep(now);

            // What grew while the agent was away is known only once its files have been looked at.
            if (now - _restoredAt <= LongestGap)
            {
                return (0, []);
            }

            var quiet = _tracks.Values.Where(track => track.IsQuiet(now)).ToList();
            return (quiet.Count, [.. quiet.OrderBy(track => track.LastGrewAt).Take(most).Select(track => new QuietFile(track.Path, track.LastGrewAt, track.UsualGap))]);
        }
    }

    /// <summary>What has been learnt of the files that grow steadily, for <see cref="Restore"/> after a restart.</summary>
    public IReadOnlyList<SteadyFile> Save()
    {
        lock (_lock)
        {
            return [.. _tracks.Values.Where(track => track.IsSteady).Select(track => track.Save())];
        }
    }

    /// <summary>Takes up what an agent before this one had learnt. Nothing is told as quiet for two minutes: files may have grown meanwhile.</summary>
    public void Restore(IReadOnlyCollection<SteadyFile> learnt)
    {
        if (learnt.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            _restoredAt = clock.GetUtcNow();
            foreach (var file in learnt.Where(file => file.Gaps.Count is > 0 and <= GapsKept && file.LastGrewAt <= _restoredAt).Take(MaxTracks - _tracks.Count))
            {
                _tracks.TryAdd(KeyOf(file.Path), new Track(file));
            }
        }
    }

    private static string KeyOf(string path)
    {
        var key = new System.Text.StringBuilder(path.Length);
        foreach (var c in path)
        {
            if (!char.IsAsciiDigit(c))
            {
                key.Append(c);
            }
            else if (key.Length == 0 || key[^1] != '#')
            {
                key.Append('#');
            }
        }

        return key.ToString();
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now - _sweptAt < SweepEvery)
        {
            return;
        }

        _sweptAt = now;
        foreach (var (key, _) in _tracks.Where(track => now - track.Value.LastGrewAt > (track.Value.IsSteady ? ForgetQuiet : ForgetUnsteady)).ToList())
        {
            _tracks.Remove(key);
        }
    }

    private sealed class Track(string path, DateTimeOffset first)
    {
        private readonly Queue<TimeSpan> _gaps = new();
        private DateTimeOffset _first = first;
        private int _growths = 1;

        public Track(SteadyFile learnt)
            : this(learnt.Path, learnt.LastGrewAt)
        {
            (_first, _growths) = (learnt.FirstGrewAt, LeastGrowths);
            foreach (var gap in learnt.Gaps)
            {
                _gaps.Enqueue(gap);
            }
        }

        public string Path { get; private set; } = path;

        public DateTimeOffset LastGrewAt { get; private set; } = first;

        public TimeSpan UsualGap => _gaps.Count == 0 ? TimeSpan.Zero : _gaps.Max();

        public bool IsSteady => _growths >= LeastGrowths && LastGrewAt - _first >= LeastSpan && UsualGap <= LongestGap;

        public bool IsQuiet(DateTimeOffset now) => IsSteady && now - LastGrewAt > (UsualGap * 3 > LongestGap ? UsualGap * 3 : LongestGap);

        public SteadyFile Save() => new(Path, _first, LastGrewAt, [.. _gaps]);

        public void Note(string path, DateTimeOffset at)
        {
            if (at <= LastGrewAt)
            {
                return;
            }

            var gap = at - LastGrewAt;
            (Path, LastGrewAt) = (path, at);
            if (gap > LongestGap)
            {
                // A pause of its own, or back after one that was told of: what is usual is learnt anew.
                _gaps.Clear();
                (_first, _growths) = (at, 1);
                return;
            }

            _growths++;
            _gaps.Enqueue(gap);
            if (_gaps.Count > GapsKept)
            {
                _gaps.Dequeue();
            }
        }
    }
}

/// <summary>A file that grows steadily.</summary>
/// <param name="Path">Below the agent's folder.</param>
/// <param name="FirstGrewAt">Since when it has been steady.</param>
/// <param name="LastGrewAt">When it grew last.</param>
/// <param name="Gaps">The latest times between two growths.</param>
public sealed record SteadyFile(string Path, DateTimeOffset FirstGrewAt, DateTimeOffset LastGrewAt, IReadOnlyList<TimeSpan> Gaps);
