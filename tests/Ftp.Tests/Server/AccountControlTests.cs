using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Server;

public class AccountControlTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disabled_account_leaves_at_once_and_comes_back_when_enabled()
    {
        await using var server = await TestServer.StartAsync();
        using var idle = await server.SignInAsync();
        using var busy = await server.SignInAsync();
        using var data = await busy.OpenDataAsync();
        await busy.CommandAsync("STOR f", 150);

        Assert.True(server.Accounts.Enable("agent01", false));
        Assert.Equal("421 Closed: account disabled.", await idle.ReplyAsync());
        await busy.ExpectAsync(421);
        Assert.Equal("account disabled", (await server.EventAsync<FtpTransferAborted>()).Reason);
        Assert.Equal("530 Sign-in incorrect.", await server.FailAsync("agent01", TestServer.Password));

        Assert.True(server.Accounts.Enable("agent01", true));
        using var back = await server.SignInAsync();
        Assert.False(server.Accounts.Enable("nobody", true));
    }

    [Fact]
    public async Task A_removed_account_leaves_at_once()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        Assert.True(server.Accounts.Remove("agent01"));
        Assert.Equal("421 Closed: account removed.", await client.ReplyAsync());
        Assert.Equal("530 Sign-in incorrect.", await server.FailAsync("agent01", TestServer.Password));
        Assert.False(server.Accounts.Remove("agent01"));
    }

    [Fact]
    public async Task An_account_leaves_when_it_expires()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        server.Accounts.Change("agent01", account => account with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(1) });
        Assert.Equal("421 Closed: account expired.", await client.ReplyAsync());
        Assert.Equal("530 Sign-in incorrect.", await server.FailAsync("agent01", TestServer.Password));
    }

    [Fact]
    public async Task A_new_password_ends_the_old_one_at_once_and_no_session()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        Assert.True(server.Accounts.SetPassword("agent01", "other"));
        Assert.StartsWith("530", await server.FailAsync("agent01", TestServer.Password), StringComparison.Ordinal);
        Assert.StartsWith("230", await server.FailAsync("agent01", "other"), StringComparison.Ordinal);
        await client.CommandAsync("NOOP", 200);
    }

    [Fact]
    public async Task One_call_withdraws_a_permission_from_a_running_transfer()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 150);
        server.Accounts.Change("agent01", account => account with { Permissions = FtpPermissions.List });
        await client.ExpectAsync(426);
        await client.CommandAsync("DELE f", 550);
    }

    [Fact]
    public async Task One_call_changes_the_rate_of_a_running_transfer()
    {
        await using var server = await TestServer.StartAsync(account: TestServer.Account with { UploadLimit = 1000 });
        using var client = await server.SignInAsync();
        var storing = client.StoreAsync("STOR f", new byte[1_000_000]);
        await TestServer.UntilAsync(() => server.Server.Sessions[0].BytesReceived > 0);
        Assert.False(storing.IsCompleted);
        server.Accounts.Change("agent01", account => account with { UploadLimit = 0 });
        await storing.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact]
    public async Task One_call_moves_the_home_of_an_open_session()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MKD inner", 257);
        server.Accounts.Change("agent01", account => account with { Home = FtpPath.Parse("/agent01/inner") });
        await client.CommandAsync("CWD /agent01", 550);
        Assert.StartsWith("257 \"/agent01/inner\"", await client.CommandAsync("PWD", 257), StringComparison.Ordinal);
    }

    [Fact]
    public void Accounts_are_added_once_found_and_listed()
    {
        var accounts = new AccountTableAuthenticator();
        var told = new List<FtpAccountChange>();
        accounts.AccountChanged += told.Add;
        Assert.True(accounts.Add(TestServer.Account, "a"));
        Assert.False(accounts.Add(TestServer.Account, "b"));
        Assert.Equal(TestServer.Account, accounts.Find("agent01"));
        Assert.Equal([TestServer.Account], accounts.Accounts);
        Assert.True(accounts.Change("agent01", account => account with { Name = "other", QuotaFiles = 7 }));
        Assert.Equal(("agent01", 7), (accounts.Find("agent01")!.Name, accounts.Find("agent01")!.QuotaFiles));
        accounts.Remove("agent01");
        Assert.Equal([TestServer.Account, TestServer.Account with { QuotaFiles = 7 }, null], told.Select(change => change.Account));
    }

    [Fact]
    public async Task A_change_in_the_middle_of_a_sign_in_is_not_missed()
    {
        var accounts = new ChangingAuthenticator();
        await using var server = new FtpServer(
            new FtpServerOptions { Listen = new(System.Net.IPAddress.Loopback, 0), FailedSignInDelay = TimeSpan.Zero }, accounts, new MemoryStorage());
        await server.StartAsync(Token);
        using var client = await RawFtpClient.ConnectAsync(server.LocalEndPoint.Port);
        await client.ExpectAsync(220);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync("PASS secret", 530);
        Assert.Equal(2, accounts.Checks);
    }

    /// <summary>Its account is disabled after it was found and before that is answered.</summary>
    private sealed class ChangingAuthenticator : IFtpAccountSource
    {
        private FtpAccount _account = TestServer.Account with { Home = FtpPath.Root };

        public event Action<FtpAccountChange>? AccountChanged;

        public int Checks { get; private set; }

        public ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken)
        {
            var found = _account;
            if (Checks++ == 0)
            {
                _account = _account with { IsEnabled = false };
                AccountChanged?.Invoke(new FtpAccountChange("agent01", _account));
            }

            return ValueTask.FromResult(FtpSignInResult.Accepted(found));
        }
    }
}
