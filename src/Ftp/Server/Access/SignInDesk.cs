namespace ActorLogArchive.Ftp.Server.Access;

/// <summary>How a sign-in ended.</summary>
/// <param name="Account">Who came in; null when refused.</param>
/// <param name="Reason">Why it was refused; told to the observer, never to the client.</param>
/// <param name="Delay">How long the refusal is held back.</param>
/// <param name="Ban">The ban that it led to.</param>
/// <param name="Ends">The reply with which the connection ends: the password was not even checked.</param>
internal sealed record SignInOutcome(FtpAccount? Account, string? Reason, TimeSpan Delay = default, FtpBan? Ban = null, ServerReply? Ends = null);

/// <summary>
/// Where passwords are checked: few at once, because each takes a core; guessing slowed down by <see cref="SignInGuard"/>;
/// and not again what was right a short while ago.
/// </summary>
internal sealed class SignInDesk
{
    private static readonly SignInOutcome Busy = new(null, "too many sign-ins at once", Ends: new ServerReply(421, "Too many sign-ins at this moment, try again later."));
    private static readonly SignInOutcome Banned = new(null, "the address is banned", Ends: Replies.Banned);

    private readonly FtpServerOptions _options;
    private readonly IFtpAuthenticator _authenticator;
    private readonly RememberedPasswords? _remembered;
    private readonly SemaphoreSlim _checks;
    private int _inLine;
    private long _changes;

    public SignInDesk(FtpServerOptions options, IFtpAuthenticator authenticator)
    {
        _options = options;
        _authenticator = authenticator;
        _checks = new SemaphoreSlim(options.PasswordChecksAtOnce);
        Guard = new SignInGuard(options);
        if (authenticator is IFtpAccountSource && options.PasswordsRememberedFor > TimeSpan.Zero)
            _remembered = new RememberedPasswords(options.PasswordsRememberedFor, options.TimeProvider);
    }

    public SignInGuard Guard { get; }

    /// <summary>Counts changes of accounts: a sign-in that sees another number at its end than at its start begins again.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>An account changed: what was remembered of it holds no more, nor what is being checked.</summary>
    public void Forget(string account)
    {
        Interlocked.Increment(ref _changes);
        _remembered?.Remove(account);
    }

    /// <summary>Why an account may not come in, or stay, although its password is right; null when it may.</summary>
    public string? WhyNot(FtpAccount account, System.Net.IPEndPoint client) =>
        !account.IsEnabled ? "account disabled"
        : account.ExpiresAt <= _options.TimeProvider.GetUtcNow() ? "account expired"
        : account.AllowedAddresses.Count > 0 && !account.AllowedAddresses.Includes(client.Address) ? "not allowed from this address"
        : null;

    /// <summary>The account, when its password was right a short while ago: costs next to nothing.</summary>
    public FtpAccount? Recall(FtpSignIn attempt) =>
        _remembered?.Find(attempt) is { } account && WhyNot(account, attempt.Client) is null ? account : null;

    /// <summary>Checks a password.</summary>
    public async ValueTask<SignInOutcome> CheckAsync(FtpSignIn attempt, CancellationToken cancellationToken)
    {
        var (verdict, wait, hasFailed) = Guard.Enter(attempt);
        if (verdict != SignInVerdict.Check)
            return verdict == SignInVerdict.Busy ? Busy : Banned;
        try
        {
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            var result = await CheckInTurnAsync(attempt, hasFailed, cancellationToken).ConfigureAwait(false);
            if (result is null)
                return Busy;
            if (result.Account is { } account && (WhyNot(account, attempt.Client) is not { } reason))
            {
                Guard.Succeeded(attempt);
                return new SignInOutcome(account, null);
            }

            // A right password of an account that may not come in looks like a wrong one.
            var (delay, ban) = Guard.Failed(attempt);
            var why = result.Account is { } shut ? WhyNot(shut, attempt.Client) : result.RefusalReason;
            return new SignInOutcome(null, why ?? "refused", delay, ban);
        }
        finally
        {
            Guard.Leave(attempt);
        }
    }

    /// <summary>Null when the line is full. Who failed before finds it full earlier, so that there is room for others.</summary>
    private async ValueTask<FtpSignInResult?> CheckInTurnAsync(FtpSignIn attempt, bool hasFailed, CancellationToken cancellationToken)
    {
        var places = _options.PasswordChecksAtOnce + (hasFailed ? _options.PasswordChecksWaiting / 2 : _options.PasswordChecksWaiting);
        if (Interlocked.Increment(ref _inLine) > places)
        {
            Interlocked.Decrement(ref _inLine);
            return null;
        }

        try
        {
            await _checks.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (Recall(attempt) is { } known)
                    return FtpSignInResult.Accepted(known); // another session of the account was checked meanwhile
                var changes = Changes;
                var result = await _authenticator.SignInAsync(attempt, cancellationToken).ConfigureAwait(false);
                if (result.Account is { } account)
                    Remember(attempt, account, changes);
                return result;
            }
            finally
            {
                _checks.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inLine);
        }
    }

    private void Remember(FtpSignIn attempt, FtpAccount account, long changes)
    {
        if (_remembered is null)
            return;
        _remembered.Add(attempt, account);

        // A change that came before this was kept has already forgotten what was kept then.
        Interlocked.MemoryBarrier();
        if (Changes != changes)
            _remembered.Remove(attempt.UserName);
    }
}
