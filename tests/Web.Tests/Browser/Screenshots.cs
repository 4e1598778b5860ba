using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.Playwright;

namespace ActorLogArchive.Web.Tests.Browser;

/// <summary>
/// Pictures of every page for a person to look at, written to the folder that <c>ALA_SCREENSHOTS</c> names; skipped without
/// it. <c>ALA_SCREENSHOT_SITE</c> and <c>ALA_ADMIN_PASSWORD</c> take a running archive instead of the samples.
/// </summary>
public sealed class Screenshots
{
    private static readonly (string Name, string Address)[] Pages =
    [
        ("agents", "/agents"),
        ("agent", "/agents/db-primary"),
        ("files", "/files/agent01/app"),
        ("view", "/view/agent01/app/service.log?line=2000&q=refused"),
        ("search", "/search?q=connection%20refused&kind=text"),
        ("names", "/search?files=*.log"),
        ("web-accounts", "/accounts/web"),
        ("account", "/account"),
        ("password", "/account/password"),
        ("audit", "/audit"),
        ("accounts", "/accounts"),
    ];

    [Fact]
    public async Task Every_page_in_three_sizes_and_two_themes()
    {
        var folder = Environment.GetEnvironmentVariable("ALA_SCREENSHOTS");
        if (folder is null)
            Assert.Skip("ALA_SCREENSHOTS names no folder");

        await using var site = await ArchiveSite.StartAsync();
        var address = Environment.GetEnvironmentVariable("ALA_SCREENSHOT_SITE") is { } other ? new Uri(other) : site.Address;
        await using var chromium = await Chromium.StartAsync();
        foreach (var (width, dark) in new[] { (1440, false), (1440, true), (900, false), (390, false), (390, true) })
        {
            var page = await chromium.PageAsync(address, width, width == 390 ? 844 : 900, dark);
            page.Console += (_, message) =>
            {
                if (message.Type == "error")
                    TestContext.Current.SendDiagnosticMessage(message.Text);
            };
            await page.GotoAsync("/sign-in");
            await Shot(page, folder, $"{width}-{(dark ? "dark" : "light")}-sign-in");
            await page.FillAsync("#name", "admin");
            await page.FillAsync("#password", Environment.GetEnvironmentVariable("ALA_ADMIN_PASSWORD") ?? FakeArchiveGateway.Password);
            await page.ClickAsync("button[type=submit]");
            await page.WaitForURLAsync("**/agents");
            foreach (var (name, at) in Pages)
            {
                await page.GotoAsync(at);
                await page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true]') && document.querySelector('main h1')");
                await page.WaitForTimeoutAsync(700);
                await Shot(page, folder, $"{width}-{(dark ? "dark" : "light")}-{name}");
            }

            await page.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
            await page.WaitForTimeoutAsync(600);
            await Shot(page, folder, $"{width}-{(dark ? "dark" : "light")}-dialog");
        }
    }

    private static Task Shot(IPage page, string folder, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
}
