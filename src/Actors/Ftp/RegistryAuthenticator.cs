using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>
/// Asks the registry of accounts who may come in. When it does not answer in time, or has too much to do, that is an
/// exception, which the server answers with 421 (try again) and not with 530 (wrong password).
/// </summary>
internal sealed class RegistryAuthenticator(IActorRef users, TimeSpan timeout) : IFtpAuthenticator
{
    /// <inheritdoc/>
    public async ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken) =>
        await users.Ask<FtpSignInResult>(new UsersProtocol.CheckFtpSignIn(attempt), timeout, cancellationToken).ConfigureAwait(false);
}
