using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;

namespace ActorLogArchive.Web.Tests.Fakes;

/// <summary>Web accounts in memory, decided as the registry decides, with hashes that cost nothing.</summary>
internal sealed partial class FakeArchiveGateway : IWebAccounts
{
    private static readonly PasswordCost Cheap = new(8, 1, 1);

    private WebUsersState _web = WebUsersState.Apply(
        WebUsersState.Empty, new UserEvents.WebUserAdded("admin", "admin", PasswordHash.Create(Password, Cheap), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    /// <summary>The clock that codes and expiries are judged by.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Is called after <see cref="Do"/>: those who read the accounts each second need not be waited for.</summary>
    public Action? ChangedByDo { get; set; }

    /// <summary>Adds an account, or does anything else to them, past those who judge.</summary>
    public WebOutcome Do(WebUsersProtocol.IWebCommand command)
    {
        var outcome = Decide(command);
        ChangedByDo?.Invoke();
        return outcome;
    }

    private WebOutcome Decide(WebUsersProtocol.IWebCommand command)
    {
        lock (_lock)
        {
            var hash = command.NewPassword is { } password ? PasswordHash.Create(password, Cheap) : null;
            var decision = WebUsersState.Decide(_web, command, hash, Clock.GetUtcNow());
            if (decision.Rejection is { } rejection)
                return new WebOutcome(null, null, rejection);

            _web = decision.Events.Aggregate(_web, WebUsersState.Apply);
            var saved = WebUsersState.Answer(_web, command);
            return new WebOutcome(saved.Account, saved.Token, null);
        }
    }

    /// <summary>Adds an account with <see cref="Password"/> twice over, which is long enough.</summary>
    public void AddWeb(string name, WebRole role, params string[] agents) => Do(new WebUsersProtocol.AddWebUser(name, Password + Password, role.Name(), agents, false));

    public Task<WebUsersProtocol.WebUserList> GetAsync(CancellationToken cancellationToken) => Task.FromResult(_web.List);

    public Task<WebOutcome> DoAsync(WebUsersProtocol.IWebCommand command, CancellationToken cancellationToken) => Answer(Decide(command));

    public Task<WebUsersProtocol.ApiToken?> CheckTokenAsync(string text, CancellationToken cancellationToken) => Answer(WebUsersState.Find(_web, text, Clock.GetUtcNow()));
}
