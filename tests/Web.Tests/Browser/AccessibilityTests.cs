using ActorLogArchive.Web.Tests.Fakes;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace ActorLogArchive.Web.Tests.Browser;

/// <summary>What axe-core finds on the pages: names, roles and contrast; and that none is wider than its screen.</summary>
public sealed class AccessibilityTests
{
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private static readonly string[] Pages =
    [
        "/agents", "/agents/db-primary", "/files", "/files/agent01/app", "/files/agent01/app?file=service.log&filter=service&min=1", "/files/web-frontend-02/jobs", "/files/none",
        "/view/agent01/app/service.log?line=2000&q=refused", "/view/agent01/app/dump.bin", "/search?q=connection%20refused&kind=text", "/search?files=*.log", "/accounts", "/accounts/web", "/account", "/audit", "/agents?filter=zzz", "/no-such-page",
    ];

    [Theory]
    [InlineData(false, 1440)]
    [InlineData(true, 1440)]
    [InlineData(false, 390)]
    [InlineData(true, 390)]
    public async Task Axe_finds_nothing_serious_on_any_page(bool dark, int width)
    {
        BrowserTests.RequireChromium();
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(site.Address, width, 900, dark);
        var found = new List<string>();

        await page.GotoAsync("/sign-in");
        await AddAsync(page, "/sign-in", found);
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", FakeArchiveGateway.Password);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForFunctionAsync("() => !location.pathname.startsWith('/sign-in')");
        foreach (var address in Pages)
        {
            await page.GotoAsync(address);
            await page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true]') && document.querySelector('main h1') && !document.querySelector('.starting')");
            await AddAsync(page, address, found);
        }

        Assert.True(found.Count == 0, string.Join('\n', found));

        await page.EvaluateAsync("() => { document.documentElement.removeAttribute('lang'); document.body.append(document.createElement('button')); }");
        await AddAsync(page, "broken", found);
        Assert.Equal(["broken: button-name", "broken: html-has-lang"], found.Select(line => line.Split(" (")[0]).Order());
    }

    private static async Task AddAsync(IPage page, string address, List<string> found)
    {
        // A button fades in: half-way its contrast is not what it will be.
        await page.EvaluateAsync("() => Promise.all(document.getAnimations().filter(a => a.effect?.getComputedTiming().iterations !== Infinity).map(a => a.finished.catch(() => {})))");
        if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > window.innerWidth"))
            found.Add($"{address}: the page is wider than the screen");

        // In the page itself, which has no frames. Deque's own call opens another page for the results each time, which is more work than all the rules.
        await page.EvaluateAsync(Axe);
        found.AddRange((await page.EvaluateAsync<string[]>("""
            async () => (await axe.run({ resultTypes: ['violations'] })).violations
                .filter(violation => ['serious', 'critical'].includes(violation.impact))
                .flatMap(violation => violation.nodes.slice(0, 3).map(node => `${violation.id} (${violation.impact}): ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`))
            """)).Select(violation => $"{address}: {violation}"));
    }
}
