namespace ActorLogArchive.Ftp.Server.Access;

/// <summary>Failed sign-ins of an address, or at an account: forgotten one by one as time goes by.</summary>
internal sealed class FailureCount(TimeProvider clock, TimeSpan decay)
{
    private double _failures;
    private long _at;
    private long _waitFrom;
    private TimeSpan _wait;
    private string? _lastAccount;
    private double _ofLastAccount;

    /// <summary>Sign-ins being checked now.</summary>
    public int Pending { get; set; }

    /// <summary>Failures not yet forgotten.</summary>
    public double Failures
    {
        get
        {
            var now = clock.GetTimestamp();
            if (_failures > 0)
                _failures = Math.Max(0, _failures - (clock.GetElapsedTime(_at, now) / decay));
            _at = now;
            return _failures;
        }
    }

    /// <summary>How long the next one has to wait.</summary>
    public TimeSpan Wait => _wait > TimeSpan.Zero && clock.GetElapsedTime(_waitFrom) is var gone && gone < _wait ? _wait - gone : TimeSpan.Zero;

    /// <summary>Counts a failure; from now on the next one waits twice as long as after the one before.</summary>
    /// <returns>How long.</returns>
    public TimeSpan Add(string account, TimeSpan first, TimeSpan longest)
    {
        _failures = Failures + 1;
        (_lastAccount, _ofLastAccount) = (account, account == _lastAccount ? _ofLastAccount + 1 : 1);
        _waitFrom = clock.GetTimestamp();
        var doubled = first * Math.Pow(2, Math.Min(30, _failures - 1));
        return _wait = doubled < longest ? doubled : longest;
    }

    /// <summary>
    /// Forgets the last failures, if they were at this account: who mistyped a password and then gave it. Guesses at others' stay,
    /// or an attacker could wipe them out by signing in to an account of its own now and then.
    /// </summary>
    public void Forgive(string account)
    {
        if (_lastAccount != account)
            return;
        _failures = Math.Max(0, Failures - _ofLastAccount);
        (_lastAccount, _ofLastAccount, _wait) = (null, 0, TimeSpan.Zero);
    }
}
