using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Web.Gateway;

/// <summary>
/// The registry of web accounts and tokens, bare: who may ask for what is decided by <see cref="Security.WebAccountDesk"/>, which pages and routes use.
/// Every call ends within a bounded time, or with an <see cref="ArchiveUnavailableException"/>.
/// </summary>
public interface IWebAccounts
{
    /// <summary>All accounts and tokens.</summary>
    Task<WebUsersProtocol.WebUserList> GetAsync(CancellationToken cancellationToken);

    /// <summary>Carries a command out.</summary>
    Task<WebOutcome> DoAsync(WebUsersProtocol.IWebCommand command, CancellationToken cancellationToken);

    /// <summary>The token of a text; null when it lets nobody in.</summary>
    Task<WebUsersProtocol.ApiToken?> CheckTokenAsync(string text, CancellationToken cancellationToken);
}

/// <summary>How a command on web accounts ended: what it was about as it is now, or the refusal.</summary>
public sealed record WebOutcome(UsersProtocol.WebAccount? Account, WebUsersProtocol.ApiToken? Token, UsersProtocol.UserRejected? Rejection);
