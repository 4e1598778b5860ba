using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Health;
using ActorLogArchive.Web.Security;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Web.Tests.Health;

public sealed class AccountsCheckTests
{
    [Fact]
    public async Task The_archive_is_not_ready_before_its_accounts_are_read_nor_when_they_cannot_be_read_for_long()
    {
        var time = new FakeTimeProvider();
        var accounts = new RecoveringAccounts();
        using var directory = new WebAccountDirectory(accounts, time, NullLogger<WebAccountDirectory>.Instance);
        var check = new AccountsCheck(directory);

        await Assert.ThrowsAsync<ArchiveUnavailableException>(() => LookAsync(check));
        accounts.IsRecovered = true;
        Assert.True(await LookAsync(check));
        accounts.IsRecovered = false;
        Assert.True(await LookAsync(check));
        time.Advance(WebAccountDirectory.GoodFor);
        await Assert.ThrowsAsync<ArchiveUnavailableException>(() => LookAsync(check));
    }

    private static async Task<bool> LookAsync(AccountsCheck check) => (await check.LookAsync(TestContext.Current.CancellationToken)).Ready;

    private sealed class RecoveringAccounts : IWebAccounts
    {
        private readonly FakeArchiveGateway _accounts = new();

        public bool IsRecovered { get; set; }

        public Task<WebUsersProtocol.WebUserList> GetAsync(CancellationToken cancellationToken) =>
            IsRecovered ? ((IWebAccounts)_accounts).GetAsync(cancellationToken) : throw new ArchiveUnavailableException("The accounts are still being read.");

        public Task<WebOutcome> DoAsync(WebUsersProtocol.IWebCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<WebUsersProtocol.ApiToken?> CheckTokenAsync(string text, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
