using ActorLogArchive.Actors.Users;

namespace ActorLogArchive.Actors.Tests.Users;

public sealed class UserRegistryStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PasswordHash Hash = PasswordHash.Unmatchable(new PasswordCost(64, 1, 1));
    private static readonly UsersProtocol.AddUser Add = new("agent01", "secret", null, "elr", 0, 0);

    [Fact]
    public void An_added_account_has_its_own_folder_as_home_and_canonical_letters()
    {
        var state = Run(UserRegistryState.Empty, Add with { Permissions = "rle" });

        var account = state.FtpUsers["agent01"].Account;
        Assert.Equal(new UsersProtocol.UserAccount("agent01", "/agent01", "elr", 0, 0, Now, Now), account);
        Assert.Equal("/agent01", state.FtpUsers["agent01"].ToFtpAccount().Home.Value);
    }

    public static TheoryData<string, UsersProtocol.AddUser> Wrong => new()
    {
        { "name 'a b'", Add with { Name = "a b" } },
        { "name is empty", Add with { Name = "" } },
        { "name '..'", Add with { Name = ".." } },
        { "name 'aaaaaaaa", Add with { Name = new string('a', 65) } },
        { "name 'a\n'", Add with { Name = "a\n" } },
        { "password is empty", Add with { Password = "" } },
        { "password has 1025 characters; allowed are 1 to 1024", Add with { Password = new string('x', 1025) } },
        { "unknown permission letter 'x'", Add with { Permissions = "elx" } },
        { "home 'relative'", Add with { Home = "relative" } },
        { "home '/../etc'", Add with { Home = "/../etc" } },
        { "upload limit -1", Add with { UploadLimit = -1 } },
        { "download limit -5", Add with { DownloadLimit = -5 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_value_is_named_with_what_is_allowed(string expected, UsersProtocol.AddUser command)
    {
        var decision = UserRegistryState.Decide(UserRegistryState.Empty, command, Hash, Now);

        Assert.Equal(UsersProtocol.RejectionCause.Invalid, decision.Rejection!.Cause);
        Assert.Contains(expected, decision.Rejection.Reason, StringComparison.Ordinal);
        Assert.Contains("allowed", decision.Rejection.Reason, StringComparison.Ordinal);
        Assert.Empty(decision.Events);
    }

    [Fact]
    public void A_taken_name_is_refused()
    {
        var state = Run(UserRegistryState.Empty, Add);

        Assert.Equal(UsersProtocol.RejectionCause.Exists, UserRegistryState.Decide(state, Add, Hash, Now).Rejection!.Cause);
    }

    [Fact]
    public void A_change_keeps_what_it_does_not_name()
    {
        var state = Run(UserRegistryState.Empty, Add);

        var changed = Run(state, new UsersProtocol.ChangeUser("agent01", null, null, null, 1000, null), Now.AddHours(1));

        Assert.Equal(state.FtpUsers["agent01"].Account with { UploadLimit = 1000, ChangedAt = Now.AddHours(1) }, changed.FtpUsers["agent01"].Account);
        Assert.Equal(Hash, changed.FtpUsers["agent01"].Password);
    }

    [Fact]
    public void A_change_to_what_it_is_already_leaves_no_event()
    {
        var state = Run(UserRegistryState.Empty, Add);

        var decision = UserRegistryState.Decide(state, new UsersProtocol.ChangeUser("agent01", null, "/agent01", "elr", 0, 0), null, Now);

        Assert.Null(decision.Rejection);
        Assert.Empty(decision.Events);
    }

    [Fact]
    public void A_removed_account_is_gone_and_its_name_is_free()
    {
        var state = Run(Run(UserRegistryState.Empty, Add), new UsersProtocol.RemoveUser("agent01"));

        Assert.Empty(state.FtpUsers);
        Assert.Null(UserRegistryState.Check(state, Add));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_account_that_is_not_there_cannot_be_changed_or_removed(bool remove)
    {
        object command = remove ? new UsersProtocol.RemoveUser("nobody") : new UsersProtocol.ChangeUser("nobody", null, null, "e", null, null);

        Assert.Equal(UsersProtocol.RejectionCause.NotFound, UserRegistryState.Decide(UserRegistryState.Empty, command, null, Now).Rejection!.Cause);
    }

    [Fact]
    public void No_text_form_shows_a_password()
    {
        const string Secret = "hunter2-hunter2";
        object[] all =
        [
            Add with { Password = Secret },
            new UsersProtocol.ChangeUser("a", Secret, null, null, null, null),
            new UsersProtocol.CheckWebSignIn("a", Secret),
            new UsersProtocol.CheckFtpSignIn(new ActorLogArchive.Ftp.Server.FtpSignIn("a", Secret, new System.Net.IPEndPoint(0, 0))),
            new UsersFileAccount("a", Secret, null, "/", "e", 0, 0),
            new UserRegistryOptions { AdminPassword = Secret },
        ];

        Assert.All(all, value => Assert.DoesNotContain(Secret, value.ToString(), StringComparison.Ordinal));
    }

    private static UserRegistryState Run(UserRegistryState state, object command, DateTimeOffset? now = null) =>
        UserRegistryState.Decide(state, command, command is UsersProtocol.AddUser ? Hash : null, now ?? Now).Events.Aggregate(state, UserRegistryState.Apply);
}
