using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>Signing in and out.</summary>
internal static class AccessCommands
{
    private static readonly ServerReply NeedsPassword = new(331, "Password required.");
    private static readonly ServerReply NeedsUser = new(503, "USER first.");
    private static readonly ServerReply SignedIn = new(230, "Signed in.");
    private static readonly ServerReply SignedInByCertificate = new(232, "Signed in by certificate."); // RFC 4217, section 11.2
    private static readonly ServerReply TooManyAttempts = new(421, "Too many failed sign-ins.");
    private static readonly ServerReply NotAvailable = new(421, "Sign-in is not possible now.");
    private static readonly ServerReply HomeNotAvailable = new(530, "The home directory is not available.");

    public static async ValueTask<CommandResult> UserAsync(CommandContext context, string argument)
    {
        if (MustSecureFirst(context))
            return Replies.TlsFirst;
        context.SignIn(null);
        var state = context.State.ForUser(argument);
        if (context.ClientCertificate is { } certificate
            && await context.Services.Authenticator.SignInByCertificateAsync(argument, certificate, context.Client, context.Lifetime).ConfigureAwait(false) is { } account)
        {
            return await LetInAsync(context, account, state, SignedInByCertificate).ConfigureAwait(false);
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

        FtpSignInResult result;
        try
        {
            result = await context.Services.Authenticator.SignInAsync(new FtpSignIn(user, argument, context.Client), context.Lifetime).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, user, $"the check failed: {failure.Message}"));
            return new CommandResult(NotAvailable, CloseReason: "sign-in could not be checked");
        }

        if (result.Account is not { } account)
            return await RefuseAsync(context, user, result.RefusalReason ?? "refused").ConfigureAwait(false);

        return await LetInAsync(context, account, context.State, SignedIn).ConfigureAwait(false);
    }

    public static ValueTask<CommandResult> QuitAsync(CommandContext context, string argument) =>
        new CommandResult(Replies.ServiceClosing, CloseReason: "QUIT");

    private static bool MustSecureFirst(CommandContext context) => context.Services.Options.Tls is { RequireControl: true } && !context.IsSecure;

    private static async ValueTask<CommandResult> LetInAsync(CommandContext context, FtpAccount account, SessionState state, ServerReply welcome)
    {
        context.SignIn(account);
        if (!await HomeIsThereAsync(context, account).ConfigureAwait(false))
        {
            context.SignIn(null);
            context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, account.Name, $"its home {account.Home} is not there"));
            return HomeNotAvailable;
        }

        context.Publish(new FtpSignedIn(context.Now, context.SessionId, context.Client, account.Name));
        return new CommandResult(welcome, state with { UserName = null, FailedSignIns = 0, Directory = account.Home });
    }

    private static async ValueTask<CommandResult> RefuseAsync(CommandContext context, string user, string reason)
    {
        var options = context.Services.Options;
        context.Publish(new FtpSignInRefused(context.Now, context.SessionId, context.Client, user, reason));
        await Task.Delay(options.FailedSignInDelay, options.TimeProvider, context.Lifetime).ConfigureAwait(false);

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
