using System.Net;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Users;

public sealed class UserRegistryActorSpecs : ArchiveSpec
{
    private static readonly PasswordCost Cheap = new(64, 1, 1);
    private static readonly UsersProtocol.AddUser Agent01 = new("agent01", "secret", null, "elradfmwMT", 0, 0);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private int _firstStarts;

    private UserRegistryOptions Options => new()
    {
        AdminPassword = "admin-secret",
        Cost = Cheap,
        TimeProvider = _time,
        OnFirstStart = () => Interlocked.Increment(ref _firstStarts),
    };

    [Fact]
    public async Task The_first_start_takes_in_the_file_and_makes_the_web_administrator()
    {
        var users = Start(Options with { FirstAccounts = UsersFile.Parse("""{"admin": {"passwd": "p1", "perm": "elradfmwM"}, "agent01": {"passwd": "p2", "perm": "elr"}}""", "f") });

        Assert.Equal(["admin /", "agent01 /agent01"], (await Accounts(users)).Select(user => $"{user.Name} {user.Home}"));
        Assert.Equal(("admin", "admin"), await WebSignIn(users, "admin", "admin-secret") is { } admin ? (admin.Name, admin.Role) : default);
        Assert.Null(await WebSignIn(users, "admin", "p1"));
        Assert.NotNull((await FtpSignIn(users, "agent01", "p2")).Account);
        Assert.Equal(1, _firstStarts);
    }

    [Fact]
    public async Task A_given_password_of_the_first_start_stays() =>
        Assert.False((await WebSignIn(Start(Options), "admin", "admin-secret"))!.MustChangePassword);

    [Fact]
    public async Task A_generated_password_of_the_first_start_has_to_be_changed()
    {
        var generated = Start(Options with { AdminMustChangePassword = true });
        Assert.True((await WebSignIn(generated, "admin", "admin-secret"))!.MustChangePassword);
        Assert.IsType<WebUsersProtocol.WebSaved>(await Ask(generated, new WebUsersProtocol.SetWebPassword("admin", "of their own", MustChange: false)));
        Assert.Null(await WebSignIn(generated, "admin", "admin-secret"));
        Assert.False((await WebSignIn(generated, "admin", "of their own"))!.MustChangePassword);
    }

    [Fact]
    public async Task A_disabled_web_account_does_not_come_in_although_its_password_was_verified_a_moment_ago()
    {
        var users = Start(Options);
        Assert.IsType<WebUsersProtocol.WebSaved>(await Ask(users, new WebUsersProtocol.AddWebUser("ops", "long enough", "operator", [], false)));
        Assert.NotNull(await WebSignIn(users, "ops", "long enough"));

        Assert.IsType<WebUsersProtocol.WebSaved>(await Ask(users, new WebUsersProtocol.ChangeWebUser("ops", null, null, true)));

        Assert.Null(await WebSignIn(users, "ops", "long enough"));
    }

    [Fact]
    public async Task An_account_whose_password_is_known_as_a_hash_is_added_with_it()
    {
        var users = Start(Options);
        var hash = PasswordHash.Create("secret", Cheap);

        Assert.IsType<UsersProtocol.UserSaved>(await Ask(users, Agent01 with { Password = hash.Phc, KnownHash = hash }));

        Assert.NotNull((await FtpSignIn(users, "agent01", "secret")).Account);
        Assert.Null((await FtpSignIn(users, "agent01", hash.Phc)).Account);
    }

    [Fact]
    public async Task An_added_account_signs_in_with_its_password_only()
    {
        var users = Start(Options);
        Assert.IsType<UsersProtocol.UserSaved>(await Ask(users, Agent01));

        Assert.Equal("/agent01", (await FtpSignIn(users, "agent01", "secret")).Account!.Home.Value);
        Assert.Equal("wrong password", (await FtpSignIn(users, "agent01", "Secret")).RefusalReason);
        Assert.Equal("unknown account", (await FtpSignIn(users, "agent02", "secret")).RefusalReason);
        Assert.Null((await FtpSignIn(users, "agent01", new string('x', 100_000))).Account);
    }

    [Fact]
    public async Task A_new_password_ends_the_old_one_at_once_although_it_was_verified_a_moment_ago()
    {
        var users = Start(Options);
        await Ask(users, Agent01);
        Assert.NotNull((await FtpSignIn(users, "agent01", "secret")).Account);

        await Ask(users, new UsersProtocol.ChangeUser("agent01", "other", null, null, null, null));

        Assert.Null((await FtpSignIn(users, "agent01", "secret")).Account);
        Assert.NotNull((await FtpSignIn(users, "agent01", "other")).Account);
    }

    [Fact]
    public async Task Changes_are_published_for_open_sessions()
    {
        var users = Start(Options);
        Sys.EventStream.Subscribe(TestActor, typeof(UsersProtocol.FtpAccountChanged));
        Sys.EventStream.Subscribe(TestActor, typeof(UsersProtocol.FtpAccountRemoved));
        await Ask(users, Agent01);
        await ExpectMsgAsync<UsersProtocol.FtpAccountChanged>(cancellationToken: Cancel);

        await Ask(users, new UsersProtocol.ChangeUser("agent01", null, null, "elr", 1000, 2000));
        var changed = await ExpectMsgAsync<UsersProtocol.FtpAccountChanged>(cancellationToken: Cancel);
        Assert.Equal((1000, 2000), (changed.Account.UploadLimit, changed.Account.DownloadLimit));

        await Ask(users, new UsersProtocol.RemoveUser("agent01"));
        Assert.Equal("agent01", (await ExpectMsgAsync<UsersProtocol.FtpAccountRemoved>(cancellationToken: Cancel)).Name);
        Assert.Equal("unknown account", (await FtpSignIn(users, "agent01", "secret")).RefusalReason);
    }

    [Fact]
    public async Task Many_equal_sign_ins_at_once_cost_one_hash()
    {
        var users = Start(Options with { HashesAtOnce = 1, HashesWaiting = 0 });
        await Ask(users, Agent01);

        // With no line to wait in, a second hash would be refused as busy.
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => FtpSignIn(users, "agent01", "secret")));

        Assert.All(results, result => Assert.NotNull(result.Account));
    }

    [Fact]
    public async Task A_full_line_refuses_as_busy_and_not_as_wrong()
    {
        var users = Start(Options with { HashesAtOnce = 1, HashesWaiting = 1, Cost = new PasswordCost(65536, 3, 1) });
        await Accounts(users);

        var answers = Enumerable.Range(0, 5).Select(number => FtpSignIn(users, "nobody", $"guess {number}")).ToList();

        var busy = await Assert.ThrowsAsync<UsersProtocol.SignInBusyException>(() => answers[4]);
        Assert.Contains("try again", busy.Message, StringComparison.Ordinal);
        Assert.Null((await answers[0]).Account);
    }

    [Fact]
    public async Task The_loser_of_two_equal_additions_is_refused()
    {
        var users = Start(Options);

        var replies = await Task.WhenAll(Ask(users, Agent01), Ask(users, Agent01));

        Assert.Single(replies.OfType<UsersProtocol.UserSaved>());
        Assert.Equal(UsersProtocol.RejectionCause.Exists, Assert.Single(replies.OfType<UsersProtocol.UserRejected>()).Cause);
    }

    private IActorRef Start(UserRegistryOptions options) => Sys.ActorOf(Props.Create(() => new UserRegistryActor(options)));

    private static Task<object> Ask(IActorRef users, object command) => users.Ask<object>(command, Patience);

    private static async Task<IReadOnlyList<UsersProtocol.UserAccount>> Accounts(IActorRef users) =>
        (await users.Ask<UsersProtocol.UserList>(UsersProtocol.GetUsers.Instance, Patience)).Users;

    private static Task<FtpSignInResult> FtpSignIn(IActorRef users, string name, string password) =>
        users.Ask<FtpSignInResult>(new UsersProtocol.CheckFtpSignIn(new FtpSignIn(name, password, new IPEndPoint(IPAddress.Loopback, 1))), Patience);

    private static async Task<UsersProtocol.WebAccount?> WebSignIn(IActorRef users, string name, string password) =>
        (await users.Ask<UsersProtocol.WebSignInResult>(new UsersProtocol.CheckWebSignIn(name, password), Patience)).Account;
}
