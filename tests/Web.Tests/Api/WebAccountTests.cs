using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Api;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Tests.Fakes;

namespace ActorLogArchive.Web.Tests.Api;

/// <summary>Signing in with one-time passwords, second factors and tokens, and what happens to those who are in when their account changes.</summary>
public sealed partial class WebAccountTests
{
    private const string Password = FakeArchiveGateway.Password + FakeArchiveGateway.Password;
    private const string Next = "another long one";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_one_time_password_leads_to_the_page_where_it_is_changed_and_to_nothing_else()
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.Do(new WebUsersProtocol.AddWebUser("new", Password, "admin", [], MustChangePassword: true));
        using var browser = site.Browser(new CookieContainer());

        using var entered = await SignInAsync(browser, "new", Password);
        Assert.StartsWith("/account/password", entered.Headers.Location!.PathAndQuery(), StringComparison.Ordinal);
        foreach (var page in new[] { "/agents", "/files", "/accounts/web", "/account", "/not-found" })
        {
            using var answer = await browser.GetAsync(page, Stop);
            Assert.Equal((page, HttpStatusCode.Redirect), (page, answer.StatusCode));
            Assert.StartsWith("/account/password", answer.Headers.Location!.PathAndQuery(), StringComparison.Ordinal);
        }

        using var refused = await browser.GetAsync("/api/v1/agents", Stop);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.Contains("/api/v1/account/password", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        using var same = await ChangePasswordAsync(browser, Password, Password);
        Assert.Equal(HttpStatusCode.BadRequest, same.StatusCode);
        using var changed = await ChangePasswordAsync(browser, Password, Next);
        Assert.Equal(HttpStatusCode.Redirect, changed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/accounts/web", Stop)).StatusCode);
        using var script = site.Client("new", Next);
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("/api/v1/agents", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_script_changes_a_one_time_password_by_rest()
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.Do(new WebUsersProtocol.AddWebUser("new", Password, "viewer", [], MustChangePassword: true));
        using var first = site.Client("new", Password);

        Assert.Equal(HttpStatusCode.Forbidden, (await first.GetAsync("/api/v1/agents", Stop)).StatusCode);
        using var answer = await first.PostAsJsonAsync("/api/v1/account/password", new { current = Password, @new = Next }, Stop);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await first.GetAsync("/api/v1/agents", Stop)).StatusCode);
        using var then = site.Client("new", Next);
        Assert.Equal(HttpStatusCode.OK, (await then.GetAsync("/api/v1/agents", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_changed_role_scope_password_or_state_takes_effect_on_open_cookies()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var admin = site.SignedIn();
        site.Gateway.AddWeb("somebody", WebRole.Admin);
        using var browser = site.Browser(new CookieContainer());
        (await SignInAsync(browser, "somebody", Password)).Dispose();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/users", Stop)).StatusCode);

        await PatchAsync(admin, new { role = "viewer" });
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/api/v1/users", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/accounts", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/agents/db-primary", Stop)).StatusCode);

        await PatchAsync(admin, new { agents = new[] { "agent01" } });
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/api/v1/agents/db-primary", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/agents/agent01", Stop)).StatusCode);

        await PatchAsync(admin, new { disabled = true });
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/agents", Stop)).StatusCode);

        // Enabled again, it has to sign in again.
        await PatchAsync(admin, new { disabled = false });
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/agents", Stop)).StatusCode);

        (await SignInAsync(browser, "somebody", Password)).Dispose();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/agents", Stop)).StatusCode);
        using var reset = await admin.PostAsJsonAsync("/api/v1/web-users/somebody/password", new { }, Stop);
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/agents", Stop)).StatusCode);
    }

    [Fact]
    public async Task The_last_enabled_admin_stays()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var admin = site.SignedIn();

        Assert.Equal(HttpStatusCode.Conflict, (await admin.DeleteAsync("/api/v1/web-users/admin", Stop)).StatusCode);
        using var disabled = await admin.PatchAsJsonAsync("/api/v1/web-users/admin", new { disabled = true }, Stop);
        Assert.Equal(HttpStatusCode.Conflict, disabled.StatusCode);
        Assert.Contains("last enabled admin", await disabled.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_second_factor_the_form_asks_for_a_code_that_is_good_once_and_basic_is_told_to_use_a_token()
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("careful", WebRole.Viewer);
        var secret = Totp.NewSecret();

        // Both at once: a new half minute may begin while the test runs.
        var (code, nextCode) = (CodeOf(secret, 0), CodeOf(secret, 1));
        using (var script = site.Client("careful", Password))
        {
            using var enabled = await script.PostAsJsonAsync("/api/v1/account/totp", new { secret, code }, Stop);
            Assert.Equal(HttpStatusCode.OK, enabled.StatusCode);
            Assert.Equal(10, (await enabled.Content.ReadFromJsonAsync<RecoveryCodesModel>(Stop))!.RecoveryCodes.Count);

            using var basic = await script.GetAsync("/api/v1/agents", Stop);
            Assert.Equal(HttpStatusCode.Unauthorized, basic.StatusCode);
            Assert.Contains("Bearer ala_", await basic.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        using var browser = site.Browser(new CookieContainer());
        using var asked = await SignInAsync(browser, "careful", Password);
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        var form = await asked.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/agents", Stop)).StatusCode);

        // The code that switched it on is used up; the next one, of a clock that is a little ahead, is good.
        using var replayed = await EnterCodeAsync(browser, form, code);
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
        using var entered = await EnterCodeAsync(browser, form, nextCode);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/agents", Stop)).StatusCode);

        using var other = site.Browser(new CookieContainer());
        using var second = await SignInAsync(other, "careful", Password);
        using var again = await EnterCodeAsync(other, await second.Content.ReadAsStringAsync(Stop), nextCode);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task Wrong_codes_have_to_wait_and_a_right_password_between_buys_no_new_ones()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        site.Gateway.AddWeb("careful", WebRole.Viewer);
        var secret = Totp.NewSecret();
        site.Gateway.Do(new WebUsersProtocol.EnableTotp("careful", secret, [], CodeOf(secret, 0)));
        using var browser = site.Browser(new CookieContainer());

        var statuses = new List<HttpStatusCode>();
        using var first = await SignInAsync(browser, "careful", Password);
        var form = await first.Content.ReadAsStringAsync(Stop);
        for (var i = 0; i < 5; i++)
        {
            if (i == 3)
                (await SignInAsync(browser, "careful", Password)).Dispose();
            using var wrong = await EnterCodeAsync(browser, form, "000000");
            statuses.Add(wrong.StatusCode);
            if (wrong.StatusCode == HttpStatusCode.TooManyRequests)
                Assert.Contains("wait", await wrong.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task A_token_does_what_its_role_and_agents_allow_until_it_is_revoked()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var admin = site.SignedIn();
        using var made = await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "export", role = "viewer", agents = new[] { "agent01" } }, Stop);
        var token = await made.Content.ReadFromJsonAsync<MadeTokenModel>(Stop);
        using var script = site.Client();
        script.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token!.Token);

        Assert.StartsWith("ala_", token.Token, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("/api/v1/files/content?path=/agent01/app/service.log", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await script.GetAsync("/api/v1/files/content?path=/web-frontend-02/nginx/access.log", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await script.GetAsync("/api/v1/users", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await script.PostAsJsonAsync("/api/v1/tokens", new { name = "more", role = "viewer" }, Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await script.PostAsJsonAsync("/api/v1/account/password", new { current = "x", @new = Next }, Stop)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/v1/tokens/{token.Description.Id}", Stop)).StatusCode);
        using var refused = await script.GetAsync("/api/v1/agents", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("invalid_token", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_never_more_than_its_owner()
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("confined", WebRole.Viewer, "agent01");
        using var client = site.Client("confined", Password);

        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync("/api/v1/tokens", new { name = "t", role = "operator" }, Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync("/api/v1/tokens", new { name = "t", role = "viewer", agents = new[] { "db-primary" } }, Stop)).StatusCode);

        // Made while the owner could do more, it shrinks with the owner.
        site.Gateway.AddWeb("operator", WebRole.Operator);
        var made = WebSecrets.NewToken();
        site.Gateway.Do(new WebUsersProtocol.MakeToken(made.Id, made.Hash, "operator", "t", "operator", [], null));
        site.Gateway.Do(new WebUsersProtocol.ChangeWebUser("operator", "viewer", ["agent01"], null));
        using var script = site.Client();
        script.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", made.Text);
        Assert.Equal(HttpStatusCode.NotFound, (await script.GetAsync("/api/v1/agents/db-primary", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await script.DeleteAsync("/api/v1/sessions/17", Stop)).StatusCode);
    }

    [Fact]
    public async Task The_older_systems_accounts_are_taken_in_and_what_is_refused_says_why()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var admin = site.SignedIn();
        var file = new
        {
            admin = new { passwd = "short", perm = "elradfmwM" },
            agent = new { passwd = "long enough", perm = "elr" },
            auditor = new { passwd = "x", perm = "elr" },
            wrong = new { passwd = "x", perm = "elz" },
        };

        using var trial = await admin.PostAsJsonAsync("/api/v1/users/import?dryRun=true", file, Stop);
        var planned = await trial.Content.ReadFromJsonAsync<UsersImportResult>(Stop);
        Assert.DoesNotContain(await site.Gateway.GetUsersAsync(Stop), user => user.Name == "agent");
        using var import = await admin.PostAsJsonAsync("/api/v1/users/import", file, Stop);
        var done = await import.Content.ReadFromJsonAsync<UsersImportResult>(Stop);

        foreach (var result in new[] { planned, done })
        {
            Assert.Equal(["admin", "agent"], result!.Added.Select(user => user.Name));
            Assert.Equal(["auditor", "wrong"], result.Refused.Select(user => user.Name));
            Assert.Contains("already", result.Refused[0].Reason, StringComparison.Ordinal);
            Assert.Contains("'z'", result.Refused[1].Reason, StringComparison.Ordinal);
            Assert.Contains("fewer than 8", result.Added[0].Note, StringComparison.Ordinal);
        }

        Assert.Contains(await site.Gateway.GetUsersAsync(Stop), user => user is { Name: "agent", Permissions: "elr" });
    }

    [Fact]
    public void No_type_that_holds_a_secret_shows_it_as_text()
    {
        object[] types =
        [
            new NewWebUserModel("n", Next, "viewer"), new PasswordResetModel(Next), new OneTimePasswordModel("n", Next), new OwnPasswordModel(Next, Next),
            new MadeTokenModel(new TokenModel("i", "o", "n", "viewer", [], default, null, null), Next), new TotpSecretModel(Next, Next), new TotpCodeModel(Next, Next),
            new RecoveryCodesModel([Next]), new WebUsersProtocol.SetWebPassword("n", Next, false), new WebUsersProtocol.EnableTotp("n", Next, [], Next), new NewApiToken("i", Next, "h"),
        ];

        Assert.All(types, type => Assert.DoesNotContain(Next, type.ToString(), StringComparison.Ordinal));
    }

    private static string CodeOf(string secret, int stepsAhead) => Totp.Code(Totp.FromBase32(secret), Totp.StepOf(DateTimeOffset.UtcNow) + stepsAhead);

    private static async Task PatchAsync(HttpClient admin, object change)
    {
        using var answer = await admin.PatchAsJsonAsync("/api/v1/web-users/somebody", change, Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, string name, string password) =>
        await PostFormAsync(browser, "/sign-in", await browser.GetStringAsync("/sign-in", Stop), ("_handler", "sign-in"), ("Input.Name", name), ("Input.Password", password));

    private static Task<HttpResponseMessage> EnterCodeAsync(HttpClient browser, string form, string code) =>
        PostFormAsync(browser, "/sign-in", form, ("_handler", "second-factor"), ("Second.Ticket", TicketPattern().Match(form).Groups[1].Value), ("Second.Code", code));

    private static async Task<HttpResponseMessage> ChangePasswordAsync(HttpClient browser, string now, string next) =>
        await PostFormAsync(
            browser, "/account/password", await browser.GetStringAsync("/account/password", Stop), ("_handler", "password"), ("Input.Current", now), ("Input.Next", next), ("Input.Again", next));

    private static async Task<HttpResponseMessage> PostFormAsync(HttpClient browser, string address, string page, params (string Name, string Value)[] values)
    {
        using var form = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", TokenPattern().Match(page).Groups[1].Value), .. values.Select(value => new KeyValuePair<string, string>(value.Name, value.Value))]);
        return await browser.PostAsync(address, form, Stop);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenPattern();

    [GeneratedRegex("name=\"Second.Ticket\" value=\"([^\"]+)\"")]
    private static partial Regex TicketPattern();
}

internal static class Locations
{
    /// <summary>Path and query of a location that is absolute or not.</summary>
    public static string PathAndQuery(this Uri location) => location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString;
}
