using ActorLogArchive.SystemTests.Nodes;
using ActorLogArchive.Web.Tests.Browser;
using Microsoft.Playwright;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>An administrator in front of a real archive's web UI, signed in.</summary>
internal sealed class WebSession : IAsyncDisposable
{
    /// <summary>For what the archive shows by itself, on a slow machine too.</summary>
    public const float Patience = 60_000;

    private readonly Chromium _chromium;

    private WebSession(Chromium chromium, IPage page) => (_chromium, Page) = (chromium, page);

    public IPage Page { get; }

    /// <summary>Ends the test where there is no browser.</summary>
    public static void RequireBrowser()
    {
        if (Chromium.Executable is null)
        {
            ForeignTool.SkipForWantOf("chromium");
        }
    }

    public static async Task<WebSession> SignInAsync(TestArchive archive)
    {
        var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(archive.Http.BaseAddress!);
        page.SetDefaultTimeout(Patience);
        await page.GotoAsync("/");
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", TestArchive.AdminPassword);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForFunctionAsync("() => !location.pathname.startsWith('/sign-in')");
        return new WebSession(chromium, page);
    }

    /// <summary>Goes to a page by the menu.</summary>
    public Task GoToAsync(string name) =>
        Page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();

    /// <summary>Waits until an element shows a text, without touching the page.</summary>
    public static Task ShowsAsync(ILocator element, string text) => Assertions.Expect(element).ToHaveTextAsync(text, new() { Timeout = Patience });

    public ValueTask DisposeAsync() => _chromium.DisposeAsync();
}
