using System.Text.RegularExpressions;
using System.Threading.Channels;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.Playwright;

namespace ActorLogArchive.Web.Tests.Browser;

/// <summary>Accounts, in a real browser: the first sign-in, the second factor, and pages that are open when an account changes.</summary>
public sealed class AccountsBrowserTests
{
    private const string Password = FakeArchiveGateway.Password + FakeArchiveGateway.Password;

    [Fact]
    public async Task The_first_sign_in_leads_through_the_choice_of_a_password()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.Do(new WebUsersProtocol.SetWebPassword("admin", Password, MustChange: true));
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "admin", "/files");

        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Choose your password");
        await page.FillAsync("#current", Password);
        await page.FillAsync("#next", "a password of my own");
        await page.FillAsync("#again", "a password of my own");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the password" }).ClickAsync();

        await Assertions.Expect(page).ToHaveURLAsync("/files");
        await Assertions.Expect(page.Locator(".files-table a[title='agent01']")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_second_factor_is_set_up_and_asked_for_at_the_next_sign_in()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("careful", WebRole.Viewer);
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "careful", "/account");

        await page.GetByRole(AriaRole.Button, new() { Name = "Set up…" }).ClickAsync();
        await Assertions.Expect(page.Locator("svg.qr")).ToBeVisibleAsync();
        var secret = (await page.Locator(".totp .secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await page.FillAsync("#on-code", Totp.Code(Totp.FromBase32(secret), Totp.StepOf(DateTimeOffset.UtcNow)));
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
        var codes = (await page.Locator(".shown-once .secret").InnerTextAsync()).Split('\n');
        Assert.Equal(WebSecrets.RecoveryCodes, codes.Length);

        var again = await SignedInAsync(chromium, site, "careful", "/agents", waitForPage: false);
        await again.FillAsync("#code", codes[0]);
        await again.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(again.Locator("tr[data-agent=agent01]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_open_page_follows_its_accounts_role_and_scope_and_ends_when_it_is_disabled()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("somebody", WebRole.Admin);
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "somebody", "/agents");
        var accounts = page.Locator("nav .nav-item", new() { HasText = "Accounts" });
        await Assertions.Expect(accounts).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("tr[data-agent=db-primary]")).ToBeVisibleAsync();

        site.Gateway.Do(new WebUsersProtocol.ChangeWebUser("somebody", "viewer", ["agent01"], null));
        await Assertions.Expect(accounts).ToHaveCountAsync(0, new() { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("tr[data-agent=db-primary]")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Assertions.Expect(page.Locator("tr[data-agent=agent01]")).ToBeVisibleAsync();

        site.Gateway.Do(new WebUsersProtocol.ChangeWebUser("somebody", null, null, true));
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/sign-in\\?returnUrl="));
    }

    [Fact]
    public async Task A_web_account_is_added_and_its_one_time_password_shown_once()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "admin", "/accounts/web", FakeArchiveGateway.Password);

        await page.GetByRole(AriaRole.Button, new() { Name = "Add web account" }).ClickAsync();
        var dialog = page.Locator(".mud-dialog");
        await Assertions.Expect(dialog.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("newcomer");
        await dialog.GetByLabel("Agents", new() { Exact = true }).FillAsync("agent01, db-primary");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        var password = await dialog.Locator(".secret").InnerTextAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "I have kept it" }).ClickAsync();

        await Assertions.Expect(page.Locator("tr[data-account=newcomer]")).ToContainTextAsync("agent01, db-primary");
        var account = await site.Gateway.CheckWebSignInAsync("newcomer", password, TestContext.Current.CancellationToken);
        Assert.True(account is { MustChangePassword: true, Role: "viewer" });
    }

    [Fact]
    public async Task A_dialog_has_the_focus_once_it_is_seen_and_takes_it_from_nobody_who_types_however_far_the_server()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(site.Address);
        await DelayAsync(page, TimeSpan.FromMilliseconds(300));
        await SignInAsync(page, "admin", "/accounts", FakeArchiveGateway.Password);
        var dialog = page.Locator(".mud-dialog");
        await Assertions.Expect(page.Locator("h1")).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        await dialog.GetByLabel("Name", new() { Exact = true }).WaitForAsync();
        await page.Keyboard.TypeAsync("newcomer");
        await Assertions.Expect(dialog.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("newcomer");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Add account" })).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Change agent01" }).ClickAsync();
        var limit = dialog.GetByLabel("Upload limit");
        await limit.ClickAsync();
        await limit.PressSequentiallyAsync("40 KiB/s", new() { Delay = 150 });
        await Assertions.Expect(limit).ToHaveValueAsync("40 KiB/s");
        await Assertions.Expect(limit).ToBeFocusedAsync();
    }

    /// <summary>Lets all that the page says to its server come later, in order.</summary>
    private static Task DelayAsync(IPage page, TimeSpan delay) => page.RouteWebSocketAsync(
        new Regex("/_blazor"),
        socket =>
        {
            var server = socket.ConnectToServer();
            var said = Channel.CreateUnbounded<(IWebSocketFrame Frame, Task Due)>();
            socket.OnMessage(frame => said.Writer.TryWrite((frame, Task.Delay(delay))));
            _ = Task.Run(async () =>
            {
                await foreach (var (frame, due) in said.Reader.ReadAllAsync())
                {
                    await due;
                    if (frame.Binary is { } bytes)
                        server.Send(bytes);
                    else
                        server.Send(frame.Text!);
                }
            });
        });

    private static async Task<IPage> SignedInAsync(Chromium chromium, ArchiveSite site, string name, string address, string password = Password, bool waitForPage = true)
    {
        var page = await chromium.PageAsync(site.Address);
        await SignInAsync(page, name, address, password, waitForPage);
        return page;
    }

    private static async Task SignInAsync(IPage page, string name, string address, string password, bool waitForPage = true)
    {
        await page.GotoAsync(address);
        await page.FillAsync("#name", name);
        await page.FillAsync("#password", password);
        await page.ClickAsync("button[type=submit]");
        if (waitForPage)
            await page.WaitForFunctionAsync("() => !location.pathname.startsWith('/sign-in')");
    }

    private static void RequireChromium()
    {
        if (Chromium.Executable is null)
            Assert.Skip("no Chromium on this machine");
    }
}
