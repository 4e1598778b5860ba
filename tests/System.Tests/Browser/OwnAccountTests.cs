using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ActorLogArchive.SystemTests.Nodes;
using Microsoft.Playwright;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>What a person has to do with the own account: the first sign-in, the second factor, tokens.</summary>
[Collection(nameof(SharedArchive))]
public sealed partial class OwnAccountTests(SharedArchive shared)
{
    private const string Password = "a password of my own";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_password_that_the_first_start_prints_lets_in_and_is_changed_before_anything_else()
    {
        WebSession.RequireBrowser();
        await using var archive = await TestArchive.CreateAsync();
        archive.GivenAdminPassword = "";
        await archive.StartArchiveAsync();
        await TestArchive.UntilAsync(() => Task.FromResult(OneTime().IsMatch(archive.ArchiveOutput)), TimeSpan.FromSeconds(30), () => $"no password is told:\n{archive.ArchiveOutput}");
        var given = OneTime().Match(archive.ArchiveOutput).Groups[1].Value;
        await using var web = await WebSession.OpenAsync(archive);

        await web.SignInAsync("admin", given);
        await WebSession.ShowsAsync(web.Page.Locator("h1"), "Choose your password");
        await web.Page.GotoAsync("/accounts");
        await WebSession.ShowsAsync(web.Page.Locator("h1"), "Choose your password");
        await web.Page.FillAsync("#current", given);
        await web.Page.FillAsync("#next", Password);
        await web.Page.FillAsync("#again", Password);
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Change the password" }).ClickAsync();

        // Where the person wanted to go.
        await WebSession.ShowsAsync(web.Page.Locator("h1"), "FTP accounts");
        await web.SignOutAsync();
        await web.SendPasswordAsync("admin", given);
        await Assertions.Expect(web.Page.Locator(".form-problem")).ToContainTextAsync("Name or password is wrong");
        await web.SignInAsync("admin", Password);
        await WebSession.ShowsAsync(web.Page.Locator("h1"), "Agents");
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_and_takes_each_code_once_and_so_each_recovery_code()
    {
        WebSession.RequireBrowser();
        await using var web = await SignedInAsync("careful");
        await web.Page.GotoAsync("/account");
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Set up…" }).ClickAsync();
        await Assertions.Expect(web.Page.Locator("svg.qr")).ToBeVisibleAsync();
        var app = new Authenticator(await web.Page.Locator(".totp .secret").InnerTextAsync());
        await EnableAsync(web.Page, Wrong(app));
        await Assertions.Expect(web.Page.Locator(".form-problem")).ToBeVisibleAsync();
        var used = app.CodeAt(DateTimeOffset.UtcNow);
        await EnableAsync(web.Page, used);
        var recovery = (await web.Page.Locator(".shown-once .secret").InnerTextAsync()).Split('\n');
        Assert.Equal(10, recovery.Distinct().Count());
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "I have kept them" }).ClickAsync();
        await Assertions.Expect(web.Page.Locator("section[aria-label='Second factor']")).ToContainTextAsync("10 recovery codes are left");

        await web.SignOutAsync();
        await web.SendPasswordAsync("careful", Password);
        await SendCodeAsync(web.Page, Wrong(app));
        await ExpectWrongCodeAsync(web.Page);
        await SendCodeAsync(web.Page, used);
        await ExpectWrongCodeAsync(web.Page);

        // The next code, which a device that is ahead shows already: so the test need not wait for it.
        await SendCodeAsync(web.Page, app.CodeAt(DateTimeOffset.UtcNow.AddSeconds(30)));
        await WebSession.ShowsAsync(web.Page.Locator("h1"), "Agents");

        await web.SignOutAsync();
        await web.SendPasswordAsync("careful", Password);
        await SendCodeAsync(web.Page, recovery[3]);
        await WebSession.ShowsAsync(web.Page.Locator("h1"), "Agents");
        await web.Page.GotoAsync("/account");
        await Assertions.Expect(web.Page.Locator("section[aria-label='Second factor']")).ToContainTextAsync("9 recovery codes are left");

        await web.SignOutAsync();
        await web.SendPasswordAsync("careful", Password);
        await SendCodeAsync(web.Page, recovery[3]);
        await ExpectWrongCodeAsync(web.Page);
        await SendCodeAsync(web.Page, recovery[4]);
        await WebSession.ShowsAsync(web.Page.Locator("h1"), "Agents");
    }

    [Fact]
    public async Task A_token_is_shown_once_and_lets_a_script_in_until_it_is_revoked()
    {
        WebSession.RequireBrowser();
        await using var web = await WebSession.SignInAsync(shared.Archive);
        await web.Page.GotoAsync("/account");
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var dialog = web.Page.Locator(".mud-dialog");
        await dialog.GetByLabel("What it is for").FillAsync("nightly export");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Make the token" }).ClickAsync();
        var token = await dialog.Locator(".secret").InnerTextAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "I have kept it" }).ClickAsync();
        var row = web.Page.Locator("tr[data-token]", new() { HasText = "nightly export" });
        await Assertions.Expect(row.Locator("td[data-label=Role]")).ToHaveTextAsync("viewer");

        using var script = new HttpClient { BaseAddress = shared.Archive.Http.BaseAddress };
        script.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Contains(SharedArchive.Agent, await script.GetStringAsync("/api/v1/agents", Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(script, "/api/v1/users"));

        await web.Page.ReloadAsync();
        await Assertions.Expect(row).ToBeVisibleAsync();
        await Assertions.Expect(row.Locator("td[data-label='Last used']")).Not.ToHaveTextAsync("never", new() { Timeout = WebSession.Patience });
        Assert.DoesNotContain(token, await web.Page.ContentAsync(), StringComparison.Ordinal);
        await row.GetByRole(AriaRole.Button, new() { Name = "Revoke nightly export" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(script, "/api/v1/agents"));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address, Stop);
        return answer.StatusCode;
    }

    private async Task<WebSession> SignedInAsync(string name)
    {
        using var added = await shared.Archive.Http.PostAsJsonAsync("/api/v1/web-users", new { name, password = Password, role = "viewer", mustChangePassword = false }, Stop);
        added.EnsureSuccessStatusCode();
        var web = await WebSession.OpenAsync(shared.Archive);
        await web.SignInAsync(name, Password);
        return web;
    }

    private static async Task EnableAsync(IPage page, string code)
    {
        await page.FillAsync("#on-code", code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
    }

    private static async Task SendCodeAsync(IPage page, string code)
    {
        await page.FillAsync("#code", code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    // Each answer comes with an empty field: what is seen is not what was there before.
    private static async Task ExpectWrongCodeAsync(IPage page)
    {
        await Assertions.Expect(page.Locator("#code")).ToHaveValueAsync("");
        await Assertions.Expect(page.Locator(".form-problem")).ToContainTextAsync("The code is wrong or was used already");
    }

    // None of those that are good about now.
    private static string Wrong(Authenticator app)
    {
        var good = Enumerable.Range(-5, 11).Select(step => app.CodeAt(DateTimeOffset.UtcNow.AddSeconds(30 * step))).ToHashSet();
        return Enumerable.Range(0, 100).Select(number => $"{number * 7919:D6}").First(code => !good.Contains(code));
    }

    [GeneratedRegex(@"as admin with password (\S+) \(shown only now\)")]
    private static partial Regex OneTime();
}
