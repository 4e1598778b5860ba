using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace ActorLogArchive.Bench.Fleet;

/// <summary>The front page in a real browser: when a change of one agent is drawn, and how long the page was busy at a stretch.</summary>
internal sealed class PageWatch : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IPage _page;

    private PageWatch(IPlaywright playwright, IBrowser browser, IPage page) => (_playwright, _browser, _page) = (playwright, browser, page);

    /// <summary>Signs in and opens the page.</summary>
    public static async Task<PageWatch> OpenAsync(int webPort, string password)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-gpu"] });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = $"http://127.0.0.1:{webPort}", ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        page.SetDefaultTimeout(60_000);
        await page.GotoAsync("/sign-in");
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", password);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync("**/agents");
        return new PageWatch(playwright, browser, page);
    }

    /// <summary>Begins to note when the state of an agent changes on the page.</summary>
    public async Task BeginAsync(string agent)
    {
        await _page.WaitForSelectorAsync($"tr[data-agent={agent}] .chip");
        await _page.EvaluateAsync(
            """
            agent => {
              window.seen = [];
              window.busy = [];
              let last = null;
              const look = () => {
                const text = document.querySelector(`tr[data-agent=${agent}] .chip`)?.textContent ?? null;
                if (text !== null && text !== last) { last = text; window.seen.push({ at: Date.now(), text }); }
              };
              look();
              new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
              new PerformanceObserver(list => list.getEntries().forEach(entry => window.busy.push(entry.duration))).observe({ entryTypes: ["longtask"] });
            }
            """,
            agent);
    }

    /// <summary>What was drawn, and when; and how long the page was busy at a stretch of 50 ms and more.</summary>
    public async Task<(IReadOnlyList<(long At, string Text)> Seen, IReadOnlyList<double> Busy)> EndAsync(string? picture)
    {
        var told = await _page.EvaluateAsync<JsonElement>("() => ({ seen: window.seen, busy: window.busy })");
        if (picture is not null)
        {
            await _page.ScreenshotAsync(new PageScreenshotOptions { Path = picture });
        }

        return (
            [.. told.GetProperty("seen").EnumerateArray().Select(item => ((long)item.GetProperty("at").GetDouble(), item.GetProperty("text").GetString()!))],
            [.. told.GetProperty("busy").EnumerateArray().Select(item => item.GetDouble())]);
    }

    /// <summary>Agents that the page counts.</summary>
    public async Task<string> CountAsync() => (await _page.TextContentAsync(".table-head [role=status]"))?.Trim() ?? "";

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
