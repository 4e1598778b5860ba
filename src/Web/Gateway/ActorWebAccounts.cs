using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using Akka.Hosting;

namespace ActorLogArchive.Web.Gateway;

/// <summary>Asks <see cref="UserRegistryActor"/>, as <see cref="ActorArchiveGateway"/> does.</summary>
public sealed class ActorWebAccounts(IRequiredActor<UserRegistryActor> users) : IWebAccounts
{
    private const string Part = "account registry";

    /// <inheritdoc/>
    public Task<WebUsersProtocol.WebUserList> GetAsync(CancellationToken cancellationToken) =>
        ActorArchiveGateway.AskAsync<UserRegistryActor, WebUsersProtocol.WebUserList>(users, WebUsersProtocol.GetWebUsers.Instance, Part, cancellationToken);

    /// <inheritdoc/>
    public async Task<WebOutcome> DoAsync(WebUsersProtocol.IWebCommand command, CancellationToken cancellationToken) =>
        await ActorArchiveGateway.AskAsync<UserRegistryActor, object>(users, command, Part, cancellationToken) switch
        {
            WebUsersProtocol.WebSaved saved => new WebOutcome(saved.Account, saved.Token, null),
            UsersProtocol.UserRejected rejected => new WebOutcome(null, null, rejected),
            var other => throw ActorArchiveGateway.Unexpected(Part, other),
        };

    /// <inheritdoc/>
    public async Task<WebUsersProtocol.ApiToken?> CheckTokenAsync(string text, CancellationToken cancellationToken) =>
        (await ActorArchiveGateway.AskAsync<UserRegistryActor, WebUsersProtocol.ApiTokenResult>(users, new WebUsersProtocol.CheckApiToken(text), Part, cancellationToken)).Token;
}
