using System.Text;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.Playwright;

namespace ActorLogArchive.Web.Tests.Browser;

/// <summary>
/// Pictures of every page, dialog and state for a person to look at, written to the folder that <c>ALA_SCREENSHOTS</c> names; skipped
/// without it. <c>ALA_SCREENSHOT_SIZES</c> names some of the sizes, as <c>390-dark,1440-light</c>.
/// </summary>
public sealed class Screenshots
{
    private const string Import =
        """{"sim-node-8":{"passwd":"a good password","perm":"elrw","home":"/sim-node-8"},"old node/":{"passwd":"","perm":"elr","home":"/"}}""";

    private static readonly (int Width, bool IsDark)[] Sizes = [(1440, false), (390, false), (390, true), (900, false), (1440, true), (900, true)];

    private static readonly (string Name, string Address)[] Pages =
    [
        ("agents", "/agents"),
        ("agents-filtered", "/agents?filter=e&sort=backlog&order=asc"),
        ("agents-no-match", "/agents?filter=zzz&state=Failing"),
        ("agent", "/agents/db-primary"),
        ("agent-left", "/agents/batch-3"),
        ("agent-account-only", "/agents/retired-9"),
        ("agent-unknown", "/agents/nobody"),
        ("files-root", "/files"),
        ("files", "/files/agent01/app"),
        ("files-many", "/files/web-frontend-02/jobs"),
        ("files-filters", "/files/agent01?filter=*.log&below=1&min=1"),
        ("files-details", "/files/agent01/app?file=service.log"),
        ("files-no-match", "/files/agent01/app?filter=zzz"),
        ("files-no-folder", "/files/none/such"),
        ("view", "/view/agent01/app/service.log?line=2000&q=refused"),
        ("view-binary", "/view/agent01/app/dump.bin"),
        ("view-empty", "/view/agent01/app/empty.log"),
        ("view-missing", "/view/agent01/app/none.log"),
        ("search-start", "/search"),
        ("search", "/search?q=connection%20refused&kind=text"),
        ("search-nothing", "/search?q=never%20written"),
        ("search-wrong", "/search?q=(&kind=regex"),
        ("names", "/search?files=*.log"),
        ("accounts", "/accounts"),
        ("web-accounts", "/accounts/web"),
        ("account", "/account"),
        ("password", "/account/password"),
        ("audit", "/audit"),
        ("audit-filtered", "/audit?action=file.download&outcome=done"),
        ("audit-no-match", "/audit?who=nobody"),
        ("not-found", "/no-such-page"),
        ("error", "/error"),
    ];

    [Fact]
    public async Task Every_page_in_three_sizes_and_two_themes()
    {
        var folder = Folder();
        var chosen = Environment.GetEnvironmentVariable("ALA_SCREENSHOT_SIZES")?.Split(',');
        await using var chromium = await Chromium.StartAsync();
        var tooWide = new List<string>();
        foreach (var (width, isDark) in Sizes)
        {
            var size = $"{width}-{(isDark ? "dark" : "light")}";
            if (chosen?.Contains(size) is false)
                continue;

            await using var site = await FilledAsync();
            var page = await chromium.PageAsync(site.Address, width, width == 390 ? 844 : 900, isDark);
            var camera = new Camera(page, folder, size, tooWide);
            await SignInAsync(page, camera);
            foreach (var (name, address) in Pages)
            {
                Samples.Fill(site.Gateway, DateTimeOffset.UtcNow);
                await camera.VisitAsync(address);
                await camera.ShotAsync(name);
            }

            await DialogsAsync(page, camera);
            await StatesAsync(page, camera, site);
            await SecondFactorAsync(chromium, site, page, camera);
        }

        Assert.True(tooWide.Count == 0, "wider than the screen: " + string.Join(", ", tooWide));
    }

    [Fact]
    public async Task The_picture_of_the_readme()
    {
        var folder = Folder();
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.Clear();
        SampleFleet.Fill(site.Gateway, DateTimeOffset.UtcNow);
        site.Catalog.Totals = SampleFleet.Totals(DateTimeOffset.UtcNow);
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(site.Address, 1440, 1000);
        var camera = new Camera(page, folder, "readme", []);
        await camera.VisitAsync("/sign-in");
        await EnterAsync(page, "admin", FakeArchiveGateway.Password);
        await page.WaitForURLAsync("**/agents");
        SampleFleet.Fill(site.Gateway, DateTimeOffset.UtcNow);
        await camera.VisitAsync("/agents");
        await camera.ShotAsync("agents", isWhole: false);
    }

    private static string Folder()
    {
        var folder = Environment.GetEnvironmentVariable("ALA_SCREENSHOTS");
        if (folder is null)
            Assert.Skip("ALA_SCREENSHOTS names no folder");
        return folder;
    }

    private static async Task<ArchiveSite> FilledAsync()
    {
        var site = await ArchiveSite.StartAsync();
        var now = DateTimeOffset.UtcNow;
        site.Gateway.Set(SampleFleet.AccountOnly("retired-9", now));
        site.Gateway.Catalog = site.Gateway.Catalog with { StartedAt = now.AddHours(-30), EndedAt = now.AddHours(-30).AddSeconds(3) };
        site.Gateway.AddWeb("operator.anna", WebRole.Operator, "agent01", "db-primary", "web-frontend-02");
        site.Gateway.AddWeb("careful", WebRole.Viewer);
        site.Gateway.AddWeb("left.us", WebRole.Viewer);
        site.Gateway.Do(new WebUsersProtocol.ChangeWebUser("left.us", null, null, true));
        site.Gateway.Do(new WebUsersProtocol.SetWebPassword("operator.anna", FakeArchiveGateway.Password + FakeArchiveGateway.Password, MustChange: true));
        foreach (var (name, expires) in new[] { ("nightly export", now.AddDays(60)), ("dashboard", (DateTimeOffset?)null) })
        {
            var token = WebSecrets.NewToken();
            site.Gateway.Do(new WebUsersProtocol.MakeToken(token.Id, token.Hash, "admin", name, "viewer", [], expires));
        }

        foreach (var entry in new AuditEntry[]
        {
            new(now.AddHours(-3), "admin", "cookie", "10.20.0.5", "account.add", "web-frontend-02", AuditOutcome.Done, "home /web-frontend-02, permissions elrafmwMT"),
            new(now.AddMinutes(-50), "", "ftp", "203.0.113.77", "sign-in", "root", AuditOutcome.Refused, "wrong name or password, 9 times within a minute"),
            new(now.AddMinutes(-49), "", "ftp", "203.0.113.77", "ban.set", "203.0.113.77", AuditOutcome.Done, "10 failed sign-ins"),
            new(now.AddMinutes(-20), "operator.anna", "cookie", "10.20.0.6", "file.download", "/agent01/Logs/PhysicalWorldSimulator/20240723/PWS_UI_20240723_111325_1.txt", AuditOutcome.Done, "48,211 bytes"),
            new(now.AddMinutes(-12), "operator.anna", "token", "10.20.0.6", "zip.download", "/web-frontend-02/jobs", AuditOutcome.Aborted),
            new(now.AddMinutes(-9), "admin", "cookie", "10.20.0.5", "agent.command", "db-primary", AuditOutcome.Failed, "the agent did not answer within 5 seconds"),
        })
            await site.Audit.RecordAsync(entry);
        return site;
    }

    private static async Task SignInAsync(IPage page, Camera camera)
    {
        await camera.VisitAsync("/sign-in");
        await camera.ShotAsync("sign-in");
        await EnterAsync(page, "admin", "wrong");
        await page.WaitForSelectorAsync(".form-problem");
        await camera.ShotAsync("sign-in-refused");
        await EnterAsync(page, "admin", FakeArchiveGateway.Password);
        await page.WaitForURLAsync("**/agents");
    }

    private static async Task EnterAsync(IPage page, string name, string password)
    {
        await page.FillAsync("#name", name);
        await page.FillAsync("#password", password);
        await page.ClickAsync("button[type=submit]");
    }

    private static async Task DialogsAsync(IPage page, Camera camera)
    {
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
        ILocator InDialog(string name) => page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

        await camera.VisitAsync("/accounts");
        await Button("Add account").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-account", isWhole: false);
        await InDialog("Add account").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-account-wrong", isWhole: false);
        await page.Locator(".mud-dialog .switch-line").ScrollIntoViewIfNeededAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-account-end", isWhole: false);
        await InDialog("Cancel").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });
        await Button("Change web-frontend-02").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-account-change", isWhole: false);
        await InDialog("Cancel").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });
        await Button("Agent settings of agent01").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-agent-settings", isWhole: false);
        await InDialog("Done").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });
        await Button("Import…").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-import", isWhole: false);
        await Assertions.Expect(page.Locator(".mud-dialog input[type=file]")).ToBeEnabledAsync();
        await page.SetInputFilesAsync(".mud-dialog input[type=file]", new FilePayload { Name = "userRecord.json", MimeType = "application/json", Buffer = Encoding.UTF8.GetBytes(Import) });
        await page.WaitForTimeoutAsync(500);
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-import-read", isWhole: false);
        await InDialog("Cancel").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });
        await Button("Remove auditor").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-remove", isWhole: false);
        await InDialog("Cancel").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });
        await Button("Close session 18").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-session-close", isWhole: false);
        await InDialog("Close session").ClickAsync();
        await camera.ShotAsync("session-close", isWhole: false);

        await camera.VisitAsync("/accounts/web");
        await Button("More for careful").ClickAsync();
        await camera.ShotAsync("menu-web-account", isWhole: false);
        await page.Keyboard.PressAsync("Escape");
        await camera.VisitAsync("/accounts/web");
        await Button("Add web account").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-web-account", isWhole: false);
        await page.Locator(".mud-dialog").GetByLabel("Name", new() { Exact = true }).FillAsync("newcomer");
        await InDialog("Add account").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog .secret");
        await camera.ShotAsync("dialog-web-account-added", isWhole: false);
        await InDialog("I have kept it").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });

        await camera.VisitAsync("/account");
        await Button("Make a token").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-token", isWhole: false);
        await page.Locator(".mud-dialog").GetByLabel("What it is for").FillAsync("weekly report");
        await InDialog("Make the token").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog .secret");
        await camera.ShotAsync("dialog-token-made", isWhole: false);
        await InDialog("I have kept it").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });

        await camera.VisitAsync("/agents/batch-3");
        await Button("Forget…").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog");
        await camera.ShotAsync("dialog-forget", isWhole: false);
        await InDialog("Cancel").ClickAsync();
        await page.WaitForSelectorAsync(".mud-dialog", new() { State = WaitForSelectorState.Detached });
        await camera.VisitAsync("/agents/agent01");
        await Button("Explain this file").ClickAsync();
        await page.FillAsync("input.path", "/var/log/app/service.log");
        await Button("Explain this file").ClickAsync();
        await page.WaitForSelectorAsync(".outcome");
        await camera.ShotAsync("agent-explained", isWhole: false);
    }

    private static async Task StatesAsync(IPage page, Camera camera, ArchiveSite site)
    {
        await camera.VisitAsync("/files/agent01/app");
        await page.CheckAsync("input[aria-label='Choose service.log']");
        await page.CheckAsync("input[aria-label='Choose dump.bin']");
        await camera.ShotAsync("files-chosen");
        if (await page.Locator("[data-open-keys]").IsVisibleAsync())
        {
            await page.ClickAsync("[data-open-keys]");
            await camera.ShotAsync("keys", isWhole: false);
        }

        await camera.VisitAsync("/agents");
        await page.GetByRole(AriaRole.Button, new() { Name = "Account", Exact = true }).ClickAsync();
        await camera.ShotAsync("menu-account", isWhole: false);
        await camera.VisitAsync("/search");
        if (await page.Locator(".bar-menu").IsVisibleAsync())
        {
            await page.ClickAsync(".bar-menu");
            await camera.ShotAsync("navigation", isWhole: false);
        }

        // Without its script a page stays as it is drawn at first.
        await page.RouteAsync("**/blazor.web*.js", route => route.AbortAsync());
        foreach (var (name, address) in new[] { ("agents", "/agents"), ("files", "/files/agent01"), ("audit", "/audit") })
        {
            await page.GotoAsync(address);
            await camera.ShotAsync("loading-" + name);
        }

        await page.UnrouteAsync("**/blazor.web*.js");
        await camera.VisitAsync("/agents");
        site.Gateway.Failure = "The agent overview did not answer within 5 seconds.";
        await page.WaitForSelectorAsync(".stale");
        await camera.ShotAsync("stale-agents");
        foreach (var (name, address) in new[] { ("agents", "/agents"), ("agent", "/agents/db-primary"), ("accounts", "/accounts") })
        {
            await camera.VisitAsync(address);
            await camera.ShotAsync("failed-" + name);
        }

        site.Gateway.Failure = null;
        site.Catalog.Failure = new InvalidOperationException("the database is locked");
        await camera.VisitAsync("/files/agent01");
        await camera.ShotAsync("failed-files");
        site.Catalog.Failure = null;
        site.Gateway.Clear();
        foreach (var (name, address) in new[] { ("agents", "/agents"), ("accounts", "/accounts") })
        {
            await camera.VisitAsync(address);
            await camera.ShotAsync("none-" + name);
        }
    }

    private static async Task SecondFactorAsync(Chromium chromium, ArchiveSite site, IPage page, Camera camera)
    {
        await camera.VisitAsync("/account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up…" }).ClickAsync();
        await page.WaitForSelectorAsync("svg.qr");
        await camera.ShotAsync("totp-setup");
        var secret = (await page.Locator(".totp .secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await page.FillAsync("#on-code", "000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
        await page.WaitForSelectorAsync(".form-problem");
        await camera.ShotAsync("totp-wrong");
        await page.FillAsync("#on-code", Totp.Code(Totp.FromBase32(secret), Totp.StepOf(DateTimeOffset.UtcNow)));
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
        await page.WaitForSelectorAsync(".shown-once .secret");
        await camera.ShotAsync("totp-codes");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have kept them" }).ClickAsync();
        await page.WaitForSelectorAsync("#off-code");
        await camera.ShotAsync("totp-on");

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/sign-in");
        await EnterAsync(page, "admin", FakeArchiveGateway.Password);
        await page.WaitForSelectorAsync("#code");
        await camera.ShotAsync("sign-in-code");
        await page.FillAsync("#code", "123456");
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync(".form-problem");
        await camera.ShotAsync("sign-in-code-wrong");
    }

    private sealed class Camera(IPage page, string folder, string size, List<string> tooWide)
    {
        public async Task VisitAsync(string address)
        {
            await page.GotoAsync(address);
            await page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true]') && document.querySelector('main h1, main [role=alert]') && !document.querySelector('.starting')");
        }

        public async Task ShotAsync(string name, bool isWhole = true)
        {
            await page.WaitForTimeoutAsync(400);
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{size}-{name}.png"), FullPage = isWhole });
            if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > window.innerWidth"))
                tooWide.Add($"{size}-{name}");
        }
    }
}
