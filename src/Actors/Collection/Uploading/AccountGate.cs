using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// Holds all connections back while the archive takes nothing of this account: refused sign-in, quota used up, disk full.
/// When the wait is over one connection goes ahead and finds out; the others follow once it got through. Safe for
/// concurrent use.
/// </summary>
internal sealed class AccountGate(BackoffTable waits, TimeProvider clock)
{
    // How long one connection may be ahead of the others before another one tries.
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private DateTimeOffset _closedAt = DateTimeOffset.MinValue;
    private DateTimeOffset _opensAt = DateTimeOffset.MinValue;
    private ArchiveException? _cause;
    private int _failures;
    private int _signedIn;

    /// <summary>Asks to go on: null, or why and until when not.</summary>
    public Closed? TryPass()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_cause is null)
                return null;

            // The clock was set back: nobody is to wait for it to come by again.
            if (now < _closedAt)
                _closedAt = _opensAt = now;
            if (now < _opensAt)
                return new Closed(_cause, _failures, _opensAt - now);
            _opensAt = now + TimeSpan.FromTicks(Math.Min(HeadStart.Ticks, waits[_cause.Cause].First.Ticks));
            return null;
        }
    }

    /// <summary>Counts connections that are signed in.</summary>
    public void CountSignedIn(int change)
    {
        lock (_lock)
            _signedIn += change;
    }

    /// <summary>
    /// Closes it; of connections that fail together only the first one counts. Null, and nothing happens, when this is the
    /// connection's own trouble: an archive may refuse one connection of an account while others of it work.
    /// </summary>
    /// <param name="cause">Why.</param>
    /// <param name="startedAt">When what failed was begun.</param>
    public Closed? Close(ArchiveException cause, DateTimeOffset startedAt)
    {
        lock (_lock)
        {
            if (!IsAbout(cause.Cause) || (cause.EndsConnection && _signedIn > 0))
                return null;
            var now = clock.GetUtcNow();
            if (_cause is null || startedAt >= _closedAt)
            {
                _failures++;
                _closedAt = now;
                _opensAt = now + waits.WaitAfter(cause.Cause, _failures, Random.Shared.NextDouble());
                _cause = cause;
            }

            return new Closed(_cause, _failures, _opensAt > now ? _opensAt - now : TimeSpan.Zero);
        }
    }

    /// <summary>Opens it after a success, unless that was begun before it was closed.</summary>
    public void Open(DateTimeOffset startedAt)
    {
        lock (_lock)
        {
            if (_cause is null || startedAt < _closedAt)
                return;
            (_cause, _failures) = (null, 0);
        }
    }

    private static bool IsAbout(FailureCause cause) =>
        cause is FailureCause.NoAccount or FailureCause.NoSpace or FailureCause.OverQuota or FailureCause.Untrusted;

    /// <summary>Why nothing may go on, and for how long.</summary>
    internal sealed record Closed(ArchiveException Cause, int Failures, TimeSpan Wait);
}
