using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server.Access;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>Signing in and out.</summary>
internal static class AccessCommands
{
    private const int MostRounds = 3;

    private static readonly ServerReply NeedsPassword = new(331, "Password required.");
    private static readonly ServerReply NeedsUser = new(503, "USER first.");
    private static readonly ServerReply SignedIn = new(230, "Signed in.");
    private static readonly ServerReply TooManyAttempts = new(421, "Too many failed sign-ins.");
    private static readonly ServerReply TooManySessions = new(421, "Too many sessions of this account, try again later.");
    private static readonly ServerReply NotAvailable = new(421, "Sign-in is not possible now.");
    private static readonly ServerReply HomeNotAvailable = new(530, "The home directory is not available.");

    public static ValueTask<CommandResult> UserAsync(CommandContext context, string argument)
    {
        // Whether there is such an account is not told: the reply is the same.
        context.SignIn(null);
        return new CommandResult(NeedsPassword, SessionState.Initial with { UserName = argument, FailedSignIns = context.State.FailedSignIns });
    }

    public static async ValueTask<CommandResult> PassAsync(CommandContext context, string argument)
    {
        if (context.State.UserName is not { } user)
            return NeedsUser;
        var attempt = new FtpSignIn(user, argument, context.Client);
        try
        {
            for (var round = 0; round < MostRounds; round++)
            {
                // A change that comes before the session counts as the account's is not applied to it: then all begins again.
                var changes = context.Services.SignIns.Changes;
                var result = await SignInAsync(context, attempt).ConfigureAwait(false);
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

            return new CommandResult(NotAvailable, CloseReason: "the account was changed again and again while it signed in");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, user, $"the check failed: {failure.Message}"));
            return new CommandResult(NotAvailable, CloseReason: "sign-in could not be checked");
        }
    }

    public static ValueTask<CommandResult> QuitAsync(CommandContext context, string argument) =>
        new CommandResult(Replies.ServiceClosing, CloseReason: "QUIT");

    private static async ValueTask<CommandResult> SignInAsync(CommandContext context, FtpSignIn attempt)
    {
        var signIns = context.Services.SignIns;
        var account = signIns.Recall(attempt);
        var isRecalled = account is not null;
        if (account is null)
        {
            var outcome = await signIns.CheckAsync(attempt, context.Lifetime).ConfigureAwait(false);
            account = outcome.Account;
            if (account is null)
                return await RefuseAsync(context, attempt.UserName, outcome).ConfigureAwait(false);
        }

        var sessions = context.SignIn(account);
        var most = account.MaxSessions > 0 ? account.MaxSessions : context.Services.Options.MaxSessionsPerAccount;
        if (most > 0 && sessions > most)
            return Undo(context, attempt, $"it has {most} sessions already", new CommandResult(TooManySessions, CloseReason: "too many sessions of the account"));
        if (!await HomeIsThereAsync(context, account).ConfigureAwait(false))
        {
            if (isRecalled)
            {
                // It was there when the password was checked. Checked anew, the authenticator may make it again.
                context.SignIn(null);
                signIns.Forget(account.Name);
                return await SignInAsync(context, attempt).ConfigureAwait(false);
            }

            return Undo(context, attempt, $"its home {account.Home} is not there", HomeNotAvailable);
        }

        return new CommandResult(SignedIn, context.State with { UserName = null, FailedSignIns = 0, Directory = account.Home });
    }

    private static CommandResult Undo(CommandContext context, FtpSignIn attempt, string reason, CommandResult result)
    {
        context.SignIn(null);
        context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, attempt.UserName, reason));
        return result;
    }

    private static async ValueTask<CommandResult> RefuseAsync(CommandContext context, string user, SignInOutcome outcome)
    {
        var options = context.Services.Options;
        context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, user, outcome.Reason!));
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

    /// <summary>Makes the home at the first sign-in, when the account may make folders or files.</summary>
    private static async ValueTask<bool> HomeIsThereAsync(CommandContext context, FtpAccount account)
    {
        try
        {
            if (await context.Storage.GetEntryAsync(account.Home, context.Lifetime).ConfigureAwait(false) is { } entry)
                return entry.IsDirectory;
            if ((account.Permissions & (FtpPermissions.MakeDirectory | FtpPermissions.Write)) == 0)
                return false;
            await MakeWithParentsAsync(context, account.Home).ConfigureAwait(false);
            return true;
        }
        catch (FtpStorageException)
        {
            return false; // a link in its place, no space: told to the observer by the caller
        }
    }

    private static async ValueTask MakeWithParentsAsync(CommandContext context, FtpPath folder)
    {
        if (!folder.IsRoot && await context.Storage.GetEntryAsync(folder.Parent, context.Lifetime).ConfigureAwait(false) is null)
            await MakeWithParentsAsync(context, folder.Parent).ConfigureAwait(false);
        try
        {
            await context.Storage.CreateDirectoryAsync(folder, context.Lifetime).ConfigureAwait(false);
        }
        catch (FtpStorageException exists) when (exists.Error == FtpStorageError.AlreadyExists)
        {
            // Another session of the same account signed in at the same moment.
        }

        context.Unflushed.Add(folder);
    }
}
