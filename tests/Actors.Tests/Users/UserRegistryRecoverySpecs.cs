using System.Net;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Users;

/// <summary>Accounts over restarts, on a real SQLite journal, hosted as the archive hosts them.</summary>
public sealed class UserRegistryRecoverySpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Accounts_survive_a_restart_and_the_file_is_not_taken_in_again()
    {
        await Run("first", async users =>
        {
            await users.Ask<UsersProtocol.UserSaved>(new UsersProtocol.AddUser("agent02", "two", "/shared", "elr", 7, 8), Patience);
            await users.Ask<UsersProtocol.UserRemoved>(new UsersProtocol.RemoveUser("agent01"), Patience);
            await users.Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent02", "three", null, null, null, 9), Patience);
        });

        await Run("second", async users =>
        {
            var list = await users.Ask<UsersProtocol.UserList>(UsersProtocol.GetUsers.Instance, Patience);
            var account = Assert.Single(list.Users);
            Assert.Equal(("agent02", "/shared", "elr", 7L, 9L), (account.Name, account.Home, account.Permissions, account.UploadLimit, account.DownloadLimit));
            Assert.NotNull((await SignIn(users, "agent02", "three")).Account);
            Assert.Null((await SignIn(users, "agent02", "two")).Account);
            Assert.NotNull((await users.Ask<UsersProtocol.WebSignInResult>(new UsersProtocol.CheckWebSignIn("admin", "first"), Patience)).Account);
            Assert.Null((await users.Ask<UsersProtocol.WebSignInResult>(new UsersProtocol.CheckWebSignIn("admin", "second"), Patience)).Account);
        });
    }

    [Fact]
    public async Task Web_accounts_second_factors_and_tokens_survive_a_restart_and_used_codes_stay_used()
    {
        var (secret, token) = (Totp.NewSecret(), WebSecrets.NewToken());
        string code = "";
        await Run("first", async users =>
        {
            await users.Ask<WebUsersProtocol.WebSaved>(new WebUsersProtocol.AddWebUser("ops", "long enough", "operator", ["agent01"], false), Patience);
            await users.Ask<WebUsersProtocol.WebSaved>(new WebUsersProtocol.MakeToken(token.Id, token.Hash, "ops", "export", "viewer", [], null), Patience);
            Assert.NotNull((await users.Ask<WebUsersProtocol.ApiTokenResult>(new WebUsersProtocol.CheckApiToken(token.Text), Patience)).Token);

            // The use of the token is noted without anyone waiting for it; it is on disk when what came after it is.
            code = Totp.Code(Totp.FromBase32(secret), Totp.StepOf(DateTimeOffset.UtcNow));
            await users.Ask<WebUsersProtocol.WebSaved>(new WebUsersProtocol.EnableTotp("ops", secret, ["aa"], code), Patience);
        });

        await Run("second", async users =>
        {
            var list = await users.Ask<WebUsersProtocol.WebUserList>(WebUsersProtocol.GetWebUsers.Instance, Patience);
            Assert.Equal(["admin", "ops"], list.Accounts.Select(account => account.Name));
            Assert.Equal(("operator", true, 1, "agent01"), (list.Accounts[1].Role, list.Accounts[1].HasTotp, list.Accounts[1].RecoveryCodesLeft, list.Accounts[1].Agents.Single()));
            Assert.NotNull(Assert.Single(list.Tokens).LastUsedAt);
            Assert.NotNull((await users.Ask<UsersProtocol.WebSignInResult>(new UsersProtocol.CheckWebSignIn("ops", "long enough"), Patience)).Account);
            Assert.NotNull((await users.Ask<WebUsersProtocol.ApiTokenResult>(new WebUsersProtocol.CheckApiToken(token.Text), Patience)).Token);
            Assert.IsType<UsersProtocol.UserRejected>(await users.Ask<object>(new WebUsersProtocol.UseCode("ops", code), Patience));
        });
    }

    [Fact]
    public async Task No_password_reaches_the_disk()
    {
        await Run("clear-text-of-admin", users => users.Ask<UsersProtocol.UserSaved>(new UsersProtocol.AddUser("x", "clear-text-of-x", null, "e", 0, 0), Patience));

        var content = string.Concat(Directory.GetFiles(_folder.Path).Select(file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.Contains("$argon2id$", content, StringComparison.Ordinal);
        Assert.DoesNotContain("clear-text", content, StringComparison.Ordinal);
    }

    private async Task Run(string adminPassword, Func<IActorRef, Task> act)
    {
        var options = new UserRegistryOptions
        {
            AdminPassword = adminPassword,
            Cost = new PasswordCost(64, 1, 1),
            FirstAccounts = UsersFile.Parse("""{"agent01": {"passwd": "one", "perm": "elr"}}""", "f"),
        };
        await using var system = await HostedSystem.StartAsync(_folder.Path, akka => akka.WithUserRegistry(options));
        await act(system.Get<UserRegistryActor>());
    }

    private static Task<FtpSignInResult> SignIn(IActorRef users, string name, string password) =>
        users.Ask<FtpSignInResult>(new UsersProtocol.CheckFtpSignIn(new FtpSignIn(name, password, new IPEndPoint(IPAddress.Loopback, 1))), Patience);
}
