using System.Net;

namespace ActorLogArchive.Ftp.Server.Access;

/// <summary>What the guard says to a sign-in.</summary>
internal enum SignInVerdict
{
    /// <summary>Check it, after the wait.</summary>
    Check,

    /// <summary>Too many of this address are being checked.</summary>
    Busy,

    /// <summary>The address is banned.</summary>
    Banned,
}

/// <summary>
/// Slows down guessing. Each failed sign-in makes its address, and others at the same account, wait longer for the next;
/// an address that goes on is banned for a while. An account that signed in lately from an address is known there: it
/// waits for nobody else's failures, and a ban of the address does not shut it out, so that neither an attacker who
/// knows its name nor a neighbour behind the same NAT can. Every table is bounded.
/// </summary>
internal sealed class SignInGuard(FtpServerOptions options)
{
    private const int MostEntries = 10_000;
    private const int MostKnownAtAnAddress = 256;
    private const int MostAtOnce = 16;
    private const int LongestKey = 64;
    private const int FailuresOfAKnown = 3;

    private static readonly TimeSpan KnownFor = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly BoundedTable<IPAddress, FailureCount> _addresses = new(MostEntries);
    private readonly BoundedTable<string, FailureCount> _accounts = new(MostEntries, StringComparer.Ordinal);
    private readonly BoundedTable<IPAddress, Dictionary<string, Known>> _known = new(MostEntries);
    private readonly Dictionary<IPAddress, (FtpBan Ban, bool IsForAll)> _bans = [];
    private volatile bool _hasBans;

    private TimeProvider Clock => options.TimeProvider;

    /// <summary>Bans that hold now.</summary>
    public IReadOnlyList<FtpBan> Bans
    {
        get
        {
            lock (_lock)
            {
                foreach (var over in _bans.Where(entry => entry.Value.Ban.Until <= Clock.GetUtcNow()).Select(entry => entry.Key).ToList())
                    _bans.Remove(over);
                _hasBans = _bans.Count > 0;
                return [.. _bans.Values.Select(entry => entry.Ban)];
            }
        }
    }

    /// <summary>Entries of all tables.</summary>
    internal int Entries
    {
        get
        {
            lock (_lock)
                return _addresses.Count + _accounts.Count + _known.Count + _bans.Count;
        }
    }

    /// <summary>The ban that shuts out every account of an address; null when there is none, or some account is known there.</summary>
    public FtpBan? BanOf(IPAddress address)
    {
        if (!_hasBans)
            return null;
        lock (_lock)
        {
            var subscriber = address.Subscriber();
            return FindBan(subscriber) is { } found && (found.IsForAll || !HasKnown(subscriber)) ? found.Ban : null;
        }
    }

    /// <summary>Bans an address by hand: all of its accounts.</summary>
    public FtpBan Ban(IPAddress address, TimeSpan duration, string reason)
    {
        lock (_lock)
            return AddBan(address, duration, reason, isForAll: true);
    }

    /// <summary>Ends a ban, and forgets the failures that led to it.</summary>
    public bool Unban(IPAddress address)
    {
        lock (_lock)
        {
            _addresses.Remove(address.Subscriber());
            return _bans.Remove(address.Subscriber());
        }
    }

    /// <summary>Asked before a password is checked. <see cref="SignInVerdict.Check"/> must be followed by <see cref="Leave"/>.</summary>
    /// <returns>The verdict, how long to wait before the check, and whether the address has failed before.</returns>
    public (SignInVerdict Verdict, TimeSpan Wait, bool HasFailed) Enter(FtpSignIn attempt)
    {
        var (account, address) = (Key(attempt.UserName), attempt.Client.Address.Subscriber());
        lock (_lock)
        {
            var isKnown = FindKnown(account, address) is not null;
            if (FindBan(address) is { } banned && (banned.IsForAll || !isKnown))
                return (SignInVerdict.Banned, TimeSpan.Zero, true);

            var record = _addresses.Use(address, NewCount);
            var failures = record.Failures;
            if (!isKnown && record.Pending >= (failures == 0 || options.BanAfter == 0 ? MostAtOnce : Math.Max(1, (int)(options.BanAfter - failures))))
                return (SignInVerdict.Busy, TimeSpan.Zero, failures > 0);

            record.Pending++;
            if (isKnown)
                return (SignInVerdict.Check, TimeSpan.Zero, false);
            var atAccount = _accounts.TryGet(account, out var others) ? Least(others.Wait, options.MaxAccountDelay) : TimeSpan.Zero;
            return (SignInVerdict.Check, atAccount > record.Wait ? atAccount : record.Wait, failures > 0);
        }
    }

    /// <summary>The check is over.</summary>
    public void Leave(FtpSignIn attempt)
    {
        lock (_lock)
        {
            if (_addresses.TryGet(attempt.Client.Address.Subscriber(), out var record) && record.Pending > 0)
                record.Pending--;
        }
    }

    /// <summary>The password was wrong.</summary>
    /// <returns>How long the answer is held back, and the ban that it led to.</returns>
    public (TimeSpan Delay, FtpBan? Ban) Failed(FtpSignIn attempt)
    {
        var (account, address) = (Key(attempt.UserName), attempt.Client.Address.Subscriber());
        lock (_lock)
        {
            if (FindKnown(account, address) is { } known && ++known.Failures >= FailuresOfAKnown && _known.TryGet(address, out var here))
            {
                here.Remove(account);
                if (here.Count == 0)
                    _known.Remove(address);
            }

            var record = _addresses.Use(address, NewCount);
            var delay = record.Add(account, options.FailedSignInDelay, options.MaxSignInDelay);
            _accounts.Use(account, NewCount).Add(account, options.FailedSignInDelay, options.MaxAccountDelay);

            // Just short of the number counts: with time going by between two failures it is never quite a whole one.
            if (options.BanAfter == 0 || record.Failures <= options.BanAfter - 1 || FindBan(address) is not null)
                return (delay, null);
            return (delay, AddBan(address, options.BanTime, $"{options.BanAfter} failed sign-ins", isForAll: false));
        }
    }

    /// <summary>The password was right.</summary>
    public void Succeeded(FtpSignIn attempt)
    {
        var (account, address) = (Key(attempt.UserName), attempt.Client.Address.Subscriber());
        lock (_lock)
        {
            _accounts.Remove(account);
            if (_addresses.TryGet(address, out var record))
                record.Forgive(account);
            var here = _known.Use(address, () => new Dictionary<string, Known>(StringComparer.Ordinal));
            if (here.Count >= MostKnownAtAnAddress)
                here.Clear(); // they are known again at their next sign-in
            here[account] = new Known(Clock.GetTimestamp());
        }
    }

    // What is longer shares the delay of others that begin alike: a name made up to fill the table costs no more than this.
    private static string Key(string account) => account.Length <= LongestKey ? account : account[..LongestKey];

    private static TimeSpan Least(TimeSpan first, TimeSpan second) => first < second ? first : second;

    private FailureCount NewCount() => new(Clock, options.FailedSignInDecay);

    private Known? FindKnown(string account, IPAddress address) =>
        _known.TryGet(address, out var here) && here.TryGetValue(account, out var known) && Clock.GetElapsedTime(known.At) < KnownFor ? known : null;

    private bool HasKnown(IPAddress address) =>
        _known.TryGet(address, out var here) && here.Values.Any(known => Clock.GetElapsedTime(known.At) < KnownFor);

    private (FtpBan Ban, bool IsForAll)? FindBan(IPAddress subscriber) =>
        _bans.TryGetValue(subscriber, out var found) && found.Ban.Until > Clock.GetUtcNow() ? found : null;

    private FtpBan AddBan(IPAddress address, TimeSpan duration, string reason, bool isForAll)
    {
        var now = Clock.GetUtcNow();
        if (_bans.Count >= MostEntries)
            _bans.Remove(_bans.MinBy(entry => entry.Value.Ban.Until).Key);
        var ban = new FtpBan(address.SubscriberNetwork(), now, now + duration, reason);
        _bans[address.Subscriber()] = (ban, isForAll);
        _hasBans = true;
        return ban;
    }

    private sealed class Known(long at)
    {
        public long At { get; } = at;

        public int Failures { get; set; }
    }
}
