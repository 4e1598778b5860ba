using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using static ActorLogArchive.Actors.Users.UsersProtocol;
using static ActorLogArchive.Actors.Users.Web.WebUsersProtocol;

namespace ActorLogArchive.Actors.Tests.Users.Web;

public sealed class WebUsersStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PasswordHash Hash = PasswordHash.Create("secret", new PasswordCost(8, 1, 1));

    private WebUsersState _state = WebUsersState.Apply(WebUsersState.Empty, new UserEvents.WebUserAdded("admin", "admin", Hash, Now.AddDays(-1)));

    [Fact]
    public void An_account_of_an_old_journal_is_an_admin_of_all_agents_that_need_not_change_its_password()
    {
        var admin = _state.Users["admin"].Account;

        Assert.Equal(("admin", false, false, false), (admin.Role, admin.IsDisabled, admin.MustChangePassword, admin.HasTotp));
        Assert.Empty(admin.Agents);
        Assert.NotEmpty(admin.Stamp);
    }

    [Fact]
    public void The_last_enabled_admin_is_neither_removed_nor_disabled_nor_made_less()
    {
        Do(new AddWebUser("second", "long enough", "admin", [], false));
        Do(new ChangeWebUser("second", null, null, true));

        foreach (var command in new IWebCommand[] { new RemoveWebUser("admin"), new ChangeWebUser("admin", null, null, true), new ChangeWebUser("admin", "operator", null, null) })
            Assert.Equal(RejectionCause.Conflict, Decide(command).Rejection?.Cause);

        Do(new ChangeWebUser("second", null, null, false));
        Do(new RemoveWebUser("admin"));
        Assert.Equal(["second"], _state.Users.Keys);
    }

    [Fact]
    public void The_stamp_changes_with_password_and_state_and_not_with_role_and_agents()
    {
        Do(new AddWebUser("somebody", "long enough", "viewer", [], false));
        var stamp = _state.Users["somebody"].Account.Stamp;

        Do(new ChangeWebUser("somebody", "operator", ["agent01"], null));
        Assert.Equal(stamp, _state.Users["somebody"].Account.Stamp);
        Do(new SetWebPassword("somebody", "another one", false), Now.AddMinutes(1));
        var afterPassword = _state.Users["somebody"].Account.Stamp;
        Assert.NotEqual(stamp, afterPassword);
        Do(new ChangeWebUser("somebody", null, null, true), Now.AddMinutes(2));
        Do(new ChangeWebUser("somebody", null, null, false), Now.AddMinutes(3));
        Assert.NotEqual(afterPassword, _state.Users["somebody"].Account.Stamp);
    }

    [Theory]
    [InlineData("", "long enough", "viewer", "agent01", "name is empty")]
    [InlineData("somebody", "short", "viewer", "agent01", "password has 5 characters")]
    [InlineData("somebody", "long enough", "boss", "agent01", "role 'boss'")]
    [InlineData("somebody", "long enough", "viewer", "../agent", "agent '../agent'")]
    [InlineData("somebody", "long enough", "admin", "agent01", "an admin can change every scope")]
    public void A_value_that_is_not_acceptable_is_named(string name, string password, string role, string agent, string reason) =>
        Assert.StartsWith(reason, Decide(new AddWebUser(name, password, role, [agent], false)).Rejection?.Reason, StringComparison.Ordinal);

    [Fact]
    public void An_unchanged_account_costs_no_event() => Assert.Empty(Decide(new ChangeWebUser("admin", "admin", [], false)).Events);

    [Fact]
    public void A_recovery_code_is_good_once_however_it_is_typed()
    {
        var secret = Totp.NewSecret();
        var codes = WebSecrets.NewRecoveryCodes();
        Do(new EnableTotp("admin", secret, [.. codes.Select(WebSecrets.HashOfCode)], Totp.Code(Totp.FromBase32(secret), Totp.StepOf(Now))));
        Assert.Equal((true, 10), (_state.Users["admin"].Account.HasTotp, _state.Users["admin"].Account.RecoveryCodesLeft));

        Do(new UseCode("admin", codes[3].ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal)));
        Assert.Equal(9, _state.Users["admin"].Account.RecoveryCodesLeft);
        Assert.NotNull(Decide(new UseCode("admin", codes[3])).Rejection);

        Do(new DisableTotp("admin"));
        Assert.False(_state.Users["admin"].Account.HasTotp);
        Assert.NotNull(Decide(new UseCode("admin", codes[4])).Rejection);
    }

    [Fact]
    public void A_second_factor_needs_a_code_of_its_secret_to_begin() =>
        Assert.StartsWith("code does not fit", Decide(new EnableTotp("admin", Totp.NewSecret(), [], "000000")).Rejection?.Reason, StringComparison.Ordinal);

    [Fact]
    public void A_token_is_found_by_its_text_alone_until_it_expires_or_its_owner_may_not_come_in()
    {
        Do(new AddWebUser("somebody", "long enough", "viewer", [], false));
        var made = WebSecrets.NewToken();
        Do(new MakeToken(made.Id, made.Hash, "somebody", "export", "viewer", [], Now.AddDays(1)));

        Assert.Equal("export", WebUsersState.Find(_state, made.Text, Now)?.Name);
        Assert.Null(WebUsersState.Find(_state, made.Text + "x", Now));
        Assert.Null(WebUsersState.Find(_state, $"ala_{made.Id}_", Now));
        Assert.Null(WebUsersState.Find(_state, made.Text, Now.AddDays(1)));
        Do(new ChangeWebUser("somebody", null, null, true));
        Assert.Null(WebUsersState.Find(_state, made.Text, Now));
        Do(new RemoveWebUser("somebody"));
        Assert.Empty(_state.Tokens);
    }

    private UserDecision Decide(IWebCommand command, DateTimeOffset? now = null) =>
        WebUsersState.Decide(_state, command, command.NewPassword is null ? null : Hash, now ?? Now);

    private void Do(IWebCommand command, DateTimeOffset? now = null)
    {
        var decision = Decide(command, now);
        Assert.Null(decision.Rejection);
        _state = decision.Events.Aggregate(_state, WebUsersState.Apply);
    }
}
