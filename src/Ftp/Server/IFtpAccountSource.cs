namespace ActorLogArchive.Ftp.Server;

/// <summary>A changed account; <paramref name="Account"/> is null when it was removed.</summary>
public sealed record FtpAccountChange(string Name, FtpAccount? Account);

/// <summary>
/// An authenticator that tells when an account changes. The server applies each change to open sessions before the event
/// returns: one that may no longer come in is closed, a transfer that it may no longer do is aborted, rates change. In
/// return for being told, the server does not check a password again that was right a short while ago
/// (<see cref="FtpServerOptions.PasswordsRememberedFor"/>).
/// </summary>
public interface IFtpAccountSource : IFtpAuthenticator
{
    /// <summary>Raised after an account was added, changed (its password included) or removed, once that holds for sign-ins.</summary>
    event Action<FtpAccountChange>? AccountChanged;
}
