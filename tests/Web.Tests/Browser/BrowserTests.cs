using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.Playwright;

namespace ActorLogArchive.Web.Tests.Browser;

/// <summary>What a person does, in a real browser.</summary>
public sealed class BrowserTests
{
    [Fact]
    public async Task Signing_in_shows_the_agents_and_a_change_arrives_by_itself()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "/agents");
        var chip = page.Locator("tr[data-agent=agent01] .chip");
        await Assertions.Expect(chip).ToHaveTextAsync("Online");
        await Expect(() => site.Gateway.Subscribers > 0);

        site.Gateway.Set(Samples.Agent("agent01", FleetProtocol.AgentHealth.Unreachable, "its heartbeat stopped", DateTimeOffset.UtcNow));

        await Assertions.Expect(chip).ToHaveTextAsync("Unreachable");
    }

    [Fact]
    public async Task Filter_and_order_of_the_agents_are_in_the_address()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "/agents");
        await Expect(() => site.Gateway.Subscribers > 0);

        await page.GetByLabel("Filter agents").PressSequentiallyAsync("e", new() { Delay = 20 });
        await Assertions.Expect(page).ToHaveURLAsync("/agents?filter=e");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rate" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync("/agents?filter=e&sort=rate");
        await Assertions.Expect(page.Locator("th[aria-sort=descending]")).ToHaveTextAsync("Rate▼"); // only then a second click turns it round
        await page.GetByRole(AriaRole.Button, new() { Name = "Rate" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync("/agents?filter=e&sort=rate&order=asc");
        await page.GetByTitle("Show these only").Filter(new() { HasText = "online" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync("/agents?filter=e&state=Online&sort=rate&order=asc");

        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("tbody tr[data-agent]")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("tbody tr[data-agent]").First).ToHaveAttributeAsync("data-agent", "agent01");
        await Assertions.Expect(page.GetByLabel("Filter agents")).ToHaveValueAsync("e");
    }

    [Fact]
    public async Task A_file_is_reached_by_folders_and_read()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "/files");

        await page.ClickAsync(".files-table a:has-text('agent01')");
        await page.ClickAsync(".files-table a:has-text('app')");
        await page.ClickAsync(".files-table a[title='service.log']");

        await Assertions.Expect(page.Locator("#L1 .lt")).ToContainTextAsync("2026-11-23 06:00:00.000");
        await page.ClickAsync("button[aria-label='Last line']");
        await Assertions.Expect(page.Locator(".line.here .ln")).ToHaveAttributeAsync("data-n", "4084");
    }

    [Fact]
    public async Task A_search_leads_to_its_line()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "/search?q=SocketException&kind=word&agent=db-primary");

        var hit = page.Locator(".hit a.line").First;
        var text = await hit.Locator(".lt").InnerTextAsync();
        await hit.ClickAsync();

        await Assertions.Expect(page.Locator(".line.here .lt")).ToHaveTextAsync(text);
        await Assertions.Expect(page.Locator(".line.here mark")).ToHaveTextAsync("SocketException");
    }

    [Fact]
    public async Task A_file_with_a_hostile_name_opens_from_its_link()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "/files/agent01/app");

        await page.ClickAsync(".files-table a:has-text('100%41')");

        await Assertions.Expect(page.Locator("#L1 .lt")).ToHaveTextAsync("a line with <script>alert(1)</script>");
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#L2 .lt")).ToHaveTextAsync("second line");
    }

    [Fact]
    public async Task An_account_is_added_and_a_refusal_stands_at_its_field()
    {
        RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await SignedInAsync(chromium, site, "/accounts");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        var dialog = page.Locator(".mud-dialog");
        await Assertions.Expect(dialog.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("auditor");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Generate" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        await Assertions.Expect(dialog).ToContainTextAsync("there is an account 'auditor' already");

        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("agent09");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();

        await Assertions.Expect(page.Locator("tr[data-account=agent09]")).ToBeVisibleAsync();
    }

    private static async Task<IPage> SignedInAsync(Chromium chromium, ArchiveSite site, string address)
    {
        var page = await chromium.PageAsync(site.Address);
        await page.GotoAsync(address);
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", FakeArchiveGateway.Password);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForFunctionAsync("() => !location.pathname.startsWith('/sign-in')");
        return page;
    }

    private static async Task Expect(Func<bool> condition)
    {
        using var bounded = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!condition())
            await timer.WaitForNextTickAsync(bounded.Token);
    }

    internal static void RequireChromium()
    {
        if (Chromium.Executable is not null)
            return;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail("chromium is not installed");
        Assert.Skip("chromium is not installed");
    }
}
