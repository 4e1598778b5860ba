using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;
using Akka.Actor;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>
/// Asks the registry of accounts who may come in. When it does not answer in time, or has too much to do, that is an
/// exception, which the server answers with 421 (try again) and not with 530 (wrong password). Who comes in finds a home:
/// an account's folder is made at its first sign-in, whatever its permissions are.
/// </summary>
internal sealed class RegistryAuthenticator(IActorRef users, FtpAccountChanges changes, IFtpStorage storage, TimeSpan timeout) : IFtpAccountSource
{
    /// <inheritdoc/>
    public event Action<FtpAccountChange>? AccountChanged
    {
        add => changes.Changed += value;
        remove => changes.Changed -= value;
    }

    /// <inheritdoc/>
    public async ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken)
    {
        var result = await users.Ask<FtpSignInResult>(new UsersProtocol.CheckFtpSignIn(attempt), timeout, cancellationToken).ConfigureAwait(false);
        if (result.Account is { } account)
        {
            await MakeFolderAsync(account.Home, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    private async ValueTask MakeFolderAsync(FtpPath folder, CancellationToken cancellationToken)
    {
        if (folder.IsRoot || await storage.GetEntryAsync(folder, cancellationToken).ConfigureAwait(false) is not null)
        {
            return;
        }

        await MakeFolderAsync(folder.Parent, cancellationToken).ConfigureAwait(false);
        try
        {
            await storage.CreateDirectoryAsync(folder, cancellationToken).ConfigureAwait(false);
        }
        catch (FtpStorageException error) when (error.Error == FtpStorageError.AlreadyExists)
        {
            // Another connection of the account was quicker: the folder is there, which is all that is wanted.
        }
    }
}
