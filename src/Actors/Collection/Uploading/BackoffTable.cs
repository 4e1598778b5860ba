using System.Collections.Frozen;
using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>How long to wait before something is tried again: the first time, doubled with each failure, up to the longest.</summary>
public sealed record BackoffWaits(TimeSpan First, TimeSpan Longest);

/// <summary>
/// How long files and connections wait after a failure, by its cause. Nothing is ever given up: after the longest wait
/// it is tried again, for as long as it takes.
/// </summary>
public sealed class BackoffTable
{
    private readonly FrozenDictionary<FailureCause, BackoffWaits> _waits;

    private BackoffTable(IEnumerable<KeyValuePair<FailureCause, BackoffWaits>> waits) => _waits = waits.ToFrozenDictionary();

    /// <summary>The waits in use unless a setting says otherwise.</summary>
    public static BackoffTable Default { get; } = new(new Dictionary<FailureCause, BackoffWaits>
    {
        [FailureCause.Unreadable] = Between(1, 300),
        [FailureCause.Refused] = Between(2, 300),
        [FailureCause.Busy] = Between(1, 60),
        [FailureCause.HashMismatch] = Between(1, 300),
        [FailureCause.TransferAborted] = Between(1, 300),

        // Room is made by people, or by a clean-up that runs now and then.
        [FailureCause.NoSpace] = Between(30, 300),
        [FailureCause.OverQuota] = Between(30, 300),

        // Trying in a loop only gets the account locked.
        [FailureCause.NoAccount] = Between(3, 300),
        [FailureCause.Untrusted] = Between(3, 300),

        // Each attempt has cost the whole time limit already.
        [FailureCause.Timeout] = Between(5, 120),
        [FailureCause.Unreachable] = Between(1, 30),
    });

    /// <summary>The waits after a cause.</summary>
    public BackoffWaits this[FailureCause cause] => _waits[cause];

    /// <summary>The same waits for all causes.</summary>
    public static BackoffTable Uniform(TimeSpan first, TimeSpan longest) =>
        new(Enum.GetValues<FailureCause>().Select(cause => KeyValuePair.Create(cause, new BackoffWaits(first, longest))));

    /// <summary>This table with another longest wait for a cause; the first one is no longer than that.</summary>
    public BackoffTable WithLongest(FailureCause cause, TimeSpan longest) =>
        new(_waits.Select(entry => entry.Key != cause ? entry : KeyValuePair.Create(cause, new BackoffWaits(TimeSpan.FromTicks(Math.Min(entry.Value.First.Ticks, longest.Ticks)), longest))));

    /// <summary>The wait after so many failures in a row.</summary>
    /// <param name="cause">Why the last one failed.</param>
    /// <param name="failures">From 1.</param>
    /// <param name="spread">
    /// 0 to 1: where in the jitter of a quarter more or less. After a restart of the archive a fleet of agents must not come
    /// back in the same second, nor files that failed together.
    /// </param>
    public TimeSpan WaitAfter(FailureCause cause, int failures, double spread)
    {
        var (first, longest) = _waits[cause];
        var delay = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 30)));
        return TimeSpan.FromSeconds(delay * (0.75 + (0.5 * spread)));
    }

    private static BackoffWaits Between(int first, int longest) => new(TimeSpan.FromSeconds(first), TimeSpan.FromSeconds(longest));
}
