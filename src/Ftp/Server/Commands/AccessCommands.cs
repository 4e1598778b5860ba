using ActorLogArchive.Ftp.Server.Access;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>Signing in and out.</summary>
internal static class AccessCommands
{
    private const int MostRounds = 3;
    private const int LongestName = 128;

    private static readonly ServerReply NeedsPassword = new(331, "Password required.");
    private static readonly ServerReply NeedsUser = new(503, "USER first.");
    private static readonly ServerReply NoAccountNeeded = new(202, "ACCT is superfluous here.");
    private static readonly ServerReply HostAccepted = new(220, "This server answers to every name.");
    private static readonly ServerReply HostBeforeUser = new(503, "HOST comes before USER.");
    private static readonly ServerReply SignedIn = new(230, "Signed in.");
    private static readonly ServerReply SignedInByCertificate = new(232, "Signed in by certificate."); // RFC 4217, section 11.2
    private static readonly ServerReply TooManyAttempts = new(421, "Too many failed sign-ins.");
    private static readonly ServerReply TooManySessions = new(421, "Too many sessions of this account, try again later.");
    private static readonly ServerReply NotAvailable = new(421, "Sign-in is not possible now.");
    private static readonly ServerReply HomeNotAvailable = new(530, "The home directory is not available.");

    public static async ValueTask<CommandResult> UserAsync(CommandContext context, string argument)
    {
        if (MustSecureFirst(context))
            return Replies.TlsFirst;
        context.SignIn(null);
        var state = context.State.ForUser(argument);
        if (context.ClientCertificate is not null
            && await UntilUnchangedAsync(context, argument, () => SignInByCertificateAsync(context, argument, state)).ConfigureAwait(false) is { } result)
        {
            return result;
        }

        // Whether there is such an account is not told: the reply is the same.
        return new CommandResult(NeedsPassword, state);
    }

    public static async ValueTask<CommandResult> PassAsync(CommandContext context, string argument)
    {
        if (MustSecureFirst(context))
            return Replies.TlsFirst;
        if (context.State.UserName is not { } user)
            return NeedsUser;
        var attempt = new FtpSignIn(user, argument, context.Client);
        return (await UntilUnchangedAsync(context, user, () => SignInAsync(context, attempt)).ConfigureAwait(false))!.Value;
    }

    public static ValueTask<CommandResult> QuitAsync(CommandContext context, string argument) =>
        new CommandResult(Replies.ServiceClosing, CloseReason: "QUIT");

    /// <summary>ACCT (RFC 959, section 4.1.1), which the least server there may be has (RFC 1123, section 4.1.2.13): there are no accounts to charge.</summary>
    public static ValueTask<CommandResult> AccountAsync(CommandContext context, string argument) => new CommandResult(NoAccountNeeded);

    /// <summary>
    /// REIN: signs out, and all is as after connecting, but for two things. Refused sign-ins stay counted. And TLS stays,
    /// for data too: RFC 4217 would have the connection fall back to clear, which is what CCC is refused for.
    /// </summary>
    public static ValueTask<CommandResult> ReinitializeAsync(CommandContext context, string argument)
    {
        context.SignIn(null);
        context.Channel.Reset();
        var state = SessionState.Initial with
        {
            FailedSignIns = context.State.FailedSignIns,
            HasBufferSize = context.State.HasBufferSize,
            DataIsPrivate = context.State.DataIsPrivate,
        };
        return new CommandResult(new ServerReply(220, context.Services.Options.Greeting), state);
    }

    /// <summary>HOST (RFC 7151): there is one tree and one set of accounts, whatever name a client knows the server by.</summary>
    public static ValueTask<CommandResult> HostAsync(CommandContext context, string argument)
    {
        if (context.State.UserName is not null || context.Account is not null)
            return new CommandResult(HostBeforeUser);

        // An IPv6 address stands in brackets, as in a URL (section 3.1).
        var isName = argument is ['[', .. var address, ']'] ? Uri.CheckHostName(address) == UriHostNameType.IPv6 : Uri.CheckHostName(argument) is UriHostNameType.Dns or UriHostNameType.IPv4;
        return new CommandResult(isName ? HostAccepted : Replies.BadArgument);
    }

    private static bool MustSecureFirst(CommandContext context) => context.Services.Options.Tls is { RequireControl: true } && !context.IsSecure;

    /// <summary>
    /// A change of the account that comes before the session counts as the account's is not applied to it: then all begins
    /// again.
    /// </summary>
    private static async ValueTask<CommandResult?> UntilUnchangedAsync(CommandContext context, string user, Func<ValueTask<CommandResult?>> signIn)
    {
        try
        {
            for (var round = 0; round < MostRounds; round++)
            {
                var changes = context.Services.SignIns.Changes;
                var result = await signIn().ConfigureAwait(false);
                Interlocked.MemoryBarrier();
                if (context.Account is not { } account)
                    return result;
                if (context.Services.SignIns.Changes == changes)
                {
                    context.Publish(new FtpSignedIn(context.Now, context.SessionId, context.Client, account.Name));
                    return result;
                }

                context.SignIn(null);
            }

            return new CommandResult(NotAvailable, CloseReason: "accounts were changed again and again while it signed in");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            context.SignIn(null);
            context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, Named(user), $"the check failed: {failure.Message}"));
            return new CommandResult(NotAvailable, CloseReason: "sign-in could not be checked");
        }
    }

    private static async ValueTask<CommandResult?> SignInAsync(CommandContext context, FtpSignIn attempt)
    {
        var signIns = context.Services.SignIns;
        if (signIns.Recall(attempt) is { } recalled)
        {
            // Its home was there when the password was checked. If it is not, the authenticator may make it again.
            if (await Homes.IsThereAsync(context, recalled).ConfigureAwait(false))
                return LetIn(context, recalled, context.State, SignedIn);
            signIns.Forget(recalled.Name);
        }

        var outcome = await signIns.CheckAsync(attempt, context.Lifetime).ConfigureAwait(false);
        if (outcome.Account is not { } account)
            return await RefuseAsync(context, attempt.UserName, outcome).ConfigureAwait(false);
        return await LetInAsync(context, account, context.State, SignedIn).ConfigureAwait(false);
    }

    /// <summary>Null when the certificate is not enough, and the password is to be asked for.</summary>
    private static async ValueTask<CommandResult?> SignInByCertificateAsync(CommandContext context, string user, SessionState state)
    {
        var services = context.Services;
        var account = await services.Authenticator.SignInByCertificateAsync(user, context.ClientCertificate!, context.Client, context.Lifetime).ConfigureAwait(false);
        if (account is null || services.SignIns.WhyNot(account, context.Client) is not null)
            return null;
        return await LetInAsync(context, account, state, SignedInByCertificate).ConfigureAwait(false);
    }

    private static async ValueTask<CommandResult> LetInAsync(CommandContext context, FtpAccount account, SessionState state, ServerReply welcome) =>
        await Homes.IsThereAsync(context, account).ConfigureAwait(false)
            ? LetIn(context, account, state, welcome)
            : Undo(context, account.Name, $"its home {account.Home} is not there", HomeNotAvailable);

    private static CommandResult LetIn(CommandContext context, FtpAccount account, SessionState state, ServerReply welcome)
    {
        var sessions = context.SignIn(account);
        var most = account.MaxSessions > 0 ? account.MaxSessions : context.Services.Options.MaxSessionsPerAccount;
        return most > 0 && sessions > most
            ? Undo(context, account.Name, $"it has {most} sessions already", new CommandResult(TooManySessions, CloseReason: "too many sessions of the account"))
            : new CommandResult(welcome, state with { UserName = null, FailedSignIns = 0, Directory = account.Home });
    }

    private static CommandResult Undo(CommandContext context, string user, string reason, CommandResult result)
    {
        context.SignIn(null);
        context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, Named(user), reason));
        return result;
    }

    private static async ValueTask<CommandResult> RefuseAsync(CommandContext context, string user, SignInOutcome outcome)
    {
        var options = context.Services.Options;
        context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, Named(user), outcome.Reason!));
        if (outcome.Ban is { } ban)
            context.Publish(new FtpBanned(context.Now, context.SessionId, context.Client, ban));
        if (outcome.Ends is { } end)
            return new CommandResult(end, CloseReason: outcome.Reason);

        await Task.Delay(outcome.Delay, options.TimeProvider, context.Lifetime).ConfigureAwait(false);
        if (outcome.Ban is not null)
            return new CommandResult(Replies.Banned, CloseReason: "the address was banned");
        var failed = context.State.FailedSignIns + 1;
        return failed >= options.MaxSignInAttempts
            ? new CommandResult(TooManyAttempts, CloseReason: "too many failed sign-ins")
            : new CommandResult(Replies.SignInFailed, context.State with { UserName = null, FailedSignIns = failed });
    }

    // A stranger chooses it, and many events may wait: it takes no more than any real name would.
    private static string Named(string user) => user.Length <= LongestName ? user : user[..LongestName];
}
