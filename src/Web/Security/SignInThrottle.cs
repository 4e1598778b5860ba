namespace ActorLogArchive.Web.Security;

/// <summary>
/// Slows down guessing of passwords: after <see cref="FreeFailures"/> failures of one key (an account name, or an
/// address) every further one closes it for twice as long, up to <see cref="LongestLock"/>. Kept in memory, bounded.
/// </summary>
public sealed class SignInThrottle(TimeProvider time)
{
    /// <summary>Failures without a delay.</summary>
    public const int FreeFailures = 4;

    /// <summary>Longest time a key stays closed.</summary>
    public static readonly TimeSpan LongestLock = TimeSpan.FromMinutes(5);

    /// <summary>Failures are forgotten after this long without another.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(15);

    private const int MaxKeys = 10_000;

    private readonly Dictionary<string, Failures> _failures = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();

    /// <summary>How long the keys stay closed; zero when an attempt may be made.</summary>
    public TimeSpan LockedFor(params ReadOnlySpan<string> keys)
    {
        var now = time.GetUtcNow();
        var longest = TimeSpan.Zero;
        lock (_lock)
        {
            foreach (var key in keys)
            {
                if (_failures.TryGetValue(key, out var failures) && failures.ClosedUntil - now > longest)
                    longest = failures.ClosedUntil - now;
            }
        }

        return longest;
    }

    /// <summary>Counts a failure for each key.</summary>
    public void Failed(params ReadOnlySpan<string> keys)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_failures.Count >= MaxKeys)
                Forget(now);

            foreach (var key in keys)
            {
                var count = _failures.TryGetValue(key, out var before) && now - before.LastAt < Memory ? before.Count + 1 : 1;
                _failures[key] = new Failures(count, now, now + DelayAfter(count));
            }
        }
    }

    /// <summary>Forgets the failures of the keys, after a sign-in that went well.</summary>
    public void Succeeded(params ReadOnlySpan<string> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys)
                _failures.Remove(key);
        }
    }

    private static TimeSpan DelayAfter(int failures) =>
        failures <= FreeFailures
            ? TimeSpan.Zero
            : TimeSpan.FromSeconds(Math.Min(LongestLock.TotalSeconds, Math.Pow(2, Math.Min(failures - FreeFailures, 16))));

    // Full of keys means an attack over many names or addresses: the oldest go first, those still closed stay as long as there is room.
    private void Forget(DateTimeOffset now)
    {
        var oldest = _failures.OrderBy(entry => entry.Value.ClosedUntil > now).ThenBy(entry => entry.Value.LastAt).Take(MaxKeys / 10).Select(entry => entry.Key);
        foreach (var key in oldest.ToArray())
            _failures.Remove(key);
    }

    private readonly record struct Failures(int Count, DateTimeOffset LastAt, DateTimeOffset ClosedUntil);
}
