using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Tests.Fakes;

namespace ActorLogArchive.Web.Tests.Api;

public sealed partial class SignInTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_address_is_answered_with_a_page()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        using var answer = await client.GetAsync("/no-such-page", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is no such page", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_gives_a_cookie_that_scripts_of_the_page_cannot_read_and_leads_back()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var browser = site.Browser(new CookieContainer());

        using var answer = await SignInAsync(browser, "admin", FakeArchiveGateway.Password, "/search?q=x");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.EndsWith("/search?q=x", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("ala-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/agents", Stop)).StatusCode);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example")]
    public async Task A_return_address_elsewhere_is_not_followed(string elsewhere)
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var browser = site.Browser(new CookieContainer());

        using var answer = await SignInAsync(browser, "admin", FakeArchiveGateway.Password, elsewhere);

        Assert.EndsWith("/agents", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", answer.Headers.Location.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_many_of_them_have_to_wait()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var browser = site.Browser(new CookieContainer());

        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await SignInAsync(browser, "admin", "wrong", "/")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await SignInAsync(browser, "admin", "wrong", "/")).StatusCode);
        var asked = site.Gateway.SignInsChecked;
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SignInAsync(browser, "admin", FakeArchiveGateway.Password, "/")).StatusCode);
        Assert.Equal(asked, site.Gateway.SignInsChecked);
    }

    [Fact]
    public async Task A_change_by_cookie_needs_the_token_and_works_with_it()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var browser = site.Browser(new CookieContainer());
        (await SignInAsync(browser, "admin", FakeArchiveGateway.Password, "/")).Dispose();

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.DeleteAsync("/api/v1/users/auditor", Stop)).StatusCode);

        var session = await browser.GetFromJsonAsync<Dictionary<string, string>>("/api/v1/session", Stop);
        browser.DefaultRequestHeaders.Add("X-Antiforgery-Token", session!["antiforgeryToken"]);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.DeleteAsync("/api/v1/users/auditor", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_checked_password_is_not_hashed_again_for_each_request()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();

        for (var i = 0; i < 5; i++)
            await client.GetStringAsync("/api/v1/agents", Stop);

        Assert.Equal(1, site.Gateway.SignInsChecked);
    }

    [Fact]
    public async Task A_person_who_signs_in_is_in_the_audit_log_although_a_program_used_the_account_a_moment_ago()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var program = site.SignedIn();
        await program.GetStringAsync("/api/v1/agents", Stop);

        for (var i = 0; i < 2; i++)
        {
            using var browser = site.Browser(new CookieContainer());
            (await SignInAsync(browser, "admin", FakeArchiveGateway.Password, "/")).Dispose();
        }

        Assert.Equal([AuditBy.Basic, AuditBy.Cookie, AuditBy.Cookie], site.Audit.Entries.Where(entry => entry.Outcome == AuditOutcome.Done).Select(entry => entry.By));
    }

    [Fact]
    public async Task A_part_that_does_not_answer_is_a_503_that_says_which()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();
        await client.GetStringAsync("/api/v1/agents", Stop);
        site.Gateway.Failure = "The agent overview did not answer within 5 seconds.";

        using var answer = await client.GetAsync("/api/v1/agents", Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("agent overview", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readiness_follows_the_ftp_server_and_the_catalog()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.Client();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/ready", Stop)).StatusCode);
        site.Gateway.Listening = false;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready", Stop)).StatusCode);
        site.Gateway.Listening = true;
        site.Catalog.Rebuilding = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_told_so()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();
        using var body = new StringContent("{ name: ", System.Text.Encoding.UTF8, "application/json");

        using var answer = await client.PostAsync("/api/v1/users", body, Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, string name, string password, string returnUrl)
    {
        var address = "/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl);
        var page = await browser.GetStringAsync(address, Stop);
        using var form = new FormUrlEncodedContent(
        [
            new("__RequestVerificationToken", TokenPattern().Match(page).Groups[1].Value),
            new("_handler", "sign-in"),
            new("Input.Name", name),
            new("Input.Password", password),
        ]);
        return await browser.PostAsync(address, form, Stop);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenPattern();
}
