using System.Net;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Access;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Server;

public class SignInTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unknown_account_a_wrong_password_and_a_disabled_account_cost_the_same_checks()
    {
        foreach (var (user, password) in ((string, string)[])[("agent01", "wrong"), ("nobody", "secret"), ("disabled", "secret")])
        {
            var accounts = new CountingAuthenticator();
            var desk = new SignInDesk(new FtpServerOptions { FailedSignInDelay = TimeSpan.Zero }, accounts);
            var outcome = await desk.CheckAsync(Attempt(user, password), Token);
            Assert.Null(outcome.Account);
            Assert.Equal(1, accounts.Checks);
        }
    }

    [Fact]
    public async Task A_right_password_is_not_checked_again_for_a_while_and_a_wrong_one_always_is()
    {
        var clock = new FakeTimeProvider();
        var accounts = new CountingAuthenticator();
        var desk = new SignInDesk(new FtpServerOptions { TimeProvider = clock, FailedSignInDelay = TimeSpan.Zero }, accounts);
        Assert.Null(desk.Recall(Attempt("agent01", "secret")));
        Assert.NotNull((await desk.CheckAsync(Attempt("agent01", "secret"), Token)).Account);
        Assert.Equal("agent01", desk.Recall(Attempt("agent01", "secret"))!.Name);
        Assert.Null(desk.Recall(Attempt("agent01", "Secret")));
        Assert.Null(desk.Recall(Attempt("agent0", "1secret")));

        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(desk.Recall(Attempt("agent01", "secret")));
        Assert.Equal(1, accounts.Checks);
    }

    [Fact]
    public async Task A_change_of_the_account_ends_what_was_remembered_also_of_a_check_that_runs()
    {
        var accounts = new CountingAuthenticator();
        var desk = new SignInDesk(new FtpServerOptions(), accounts);
        await desk.CheckAsync(Attempt("agent01", "secret"), Token);
        desk.Forget("agent01");
        Assert.Null(desk.Recall(Attempt("agent01", "secret")));

        accounts.DuringCheck = () => desk.Forget("agent01");
        await desk.CheckAsync(Attempt("agent01", "secret"), Token);
        Assert.Null(desk.Recall(Attempt("agent01", "secret")));
    }

    [Fact]
    public async Task Many_sign_ins_of_one_account_at_once_cost_one_check()
    {
        var accounts = new CountingAuthenticator { Gate = new SemaphoreSlim(0) };
        var desk = new SignInDesk(new FtpServerOptions { PasswordChecksAtOnce = 1 }, accounts);
        var all = Enumerable.Range(0, 10).Select(_ => desk.CheckAsync(Attempt("agent01", "secret"), Token).AsTask()).ToList();
        accounts.Gate.Release();
        Assert.All(await Task.WhenAll(all), outcome => Assert.NotNull(outcome.Account));
        Assert.Equal(1, accounts.Checks);
    }

    [Fact]
    public async Task Few_checks_run_at_once_few_wait_and_the_rest_is_told_to_come_later()
    {
        var accounts = new CountingAuthenticator { Gate = new SemaphoreSlim(0) };
        var desk = new SignInDesk(new FtpServerOptions { PasswordChecksAtOnce = 2, PasswordChecksWaiting = 3, FailedSignInDelay = TimeSpan.Zero }, accounts);
        var all = Enumerable.Range(1, 8).Select(number => desk.CheckAsync(Attempt($"user{number}", "guess", $"192.0.2.{number}"), Token).AsTask()).ToList();
        Assert.Equal(2, accounts.Running);
        Assert.All(all[5..], refused => Assert.Equal(421, refused.Result.Ends!.Code));
        Assert.All(all[..5], waiting => Assert.False(waiting.IsCompleted));
        accounts.Gate.Release(8);
        Assert.All(await Task.WhenAll(all[..5]), outcome => Assert.Null(outcome.Ends));
        Assert.Equal(2, accounts.MostRunning);
    }

    [Fact]
    public async Task An_attacker_is_banned_and_a_client_of_another_address_is_not()
    {
        await using var server = await TestServer.StartAsync(options => options with { BanAfter = 4 });
        for (var guess = 0; guess < 3; guess++)
            Assert.StartsWith("530", await server.FailAsync("agent01", $"guess{guess}", "127.0.0.9"), StringComparison.Ordinal);
        Assert.StartsWith("421", await server.FailAsync("agent01", "guess", "127.0.0.9"), StringComparison.Ordinal);

        Assert.Equal("421 Too many failed sign-ins from your address, try again later.", await server.FailAsync("agent01", TestServer.Password, "127.0.0.9"));
        using (await server.SignInAsync())
            Assert.Equal("127.0.0.9/32", Assert.Single(server.Server.Bans).Addresses.ToString());
        Assert.Equal(server.Server.Bans[0], (await server.EventAsync<FtpBanned>()).Ban);
        Assert.Equal("banned", (await server.EventAsync<FtpConnectionRefused>()).Reason);

        Assert.True(server.Server.Unban(IPAddress.Parse("127.0.0.9")));
        using var back = await server.SignInAsync(from: "127.0.0.9");
        server.Server.Ban(IPAddress.Parse("127.0.0.9"), TimeSpan.FromMinutes(1), "by hand");
        await back.ExpectAsync(421);
        await back.ExpectClosedAsync();
    }

    [Fact]
    public async Task Allow_and_deny_lists_hold_for_connections_and_for_accounts()
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            AllowedAddresses = Ranges("127.0.0.0/24"),
            DeniedAddresses = Ranges("127.0.0.66"),
        });
        server.Accounts.Set(TestServer.Account with { Name = "fixed", AllowedAddresses = Ranges("127.0.0.5") }, TestServer.Password);
        Assert.StartsWith("421", await server.FailAsync("agent01", TestServer.Password, "127.0.0.66"), StringComparison.Ordinal);
        Assert.StartsWith("421", await server.FailAsync("agent01", TestServer.Password, "127.0.1.1"), StringComparison.Ordinal);
        Assert.Equal("530 Sign-in incorrect.", await server.FailAsync("fixed", TestServer.Password, "127.0.0.6"));
        Assert.Equal("not allowed from this address", (await server.EventAsync<FtpSignInRefused>()).Reason);
        using var client = await server.SignInAsync("fixed", "127.0.0.5");

        server.Accounts.Change("fixed", account => account with { AllowedAddresses = Ranges("127.0.0.7") });
        await client.ExpectAsync(421);
    }

    private static FtpSignIn Attempt(string user, string password, string address = "192.0.2.1") => new(user, password, new IPEndPoint(IPAddress.Parse(address), 5000));

    private static IReadOnlyList<IPNetwork> Ranges(string text) => AddressRanges.TryParse(text, out var range) ? [range] : throw new FormatException(text);

    private sealed class CountingAuthenticator : IFtpAccountSource
    {
        private int _running;

        public event Action<FtpAccountChange>? AccountChanged { add { } remove { } }

        public int Checks { get; private set; }

        public int MostRunning { get; private set; }

        public int Running => _running;

        public SemaphoreSlim? Gate { get; init; }

        public Action? DuringCheck { get; set; }

        public async ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken)
        {
            lock (this)
            {
                Checks++;
                MostRunning = Math.Max(MostRunning, ++_running);
            }

            if (Gate is not null)
                await Gate.WaitAsync(cancellationToken);
            DuringCheck?.Invoke();
            Interlocked.Decrement(ref _running);
            return attempt.Password == "secret" && attempt.UserName is "agent01" or "disabled"
                ? FtpSignInResult.Accepted(TestServer.Account with { Name = attempt.UserName, IsEnabled = attempt.UserName != "disabled" })
                : FtpSignInResult.Refused("wrong");
        }
    }
}
