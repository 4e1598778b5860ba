using System.Text.RegularExpressions;
using ActorLogArchive.SystemTests.Nodes;
using ActorLogArchive.Web.Tests.Browser;
using Microsoft.Playwright;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>A person in front of a real archive's web UI.</summary>
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
        var web = await OpenAsync(archive);
        await web.SignInAsync("admin", TestArchive.AdminPassword);
        return web;
    }

    /// <summary>A browser where nobody is signed in.</summary>
    public static async Task<WebSession> OpenAsync(TestArchive archive)
    {
        var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(archive.Http.BaseAddress!);
        page.SetDefaultTimeout(Patience);
        return new WebSession(chromium, page);
    }

    /// <summary>Signs in with a password that is enough.</summary>
    public async Task SignInAsync(string name, string password)
    {
        await SendPasswordAsync(name, password);
        await Page.WaitForFunctionAsync("() => !location.pathname.startsWith('/sign-in')");
    }

    /// <summary>Fills the sign-in page in and sends it, whatever comes then.</summary>
    public async Task SendPasswordAsync(string name, string password)
    {
        await Page.GotoAsync("/");
        await Page.FillAsync("#name", name);
        await Page.FillAsync("#password", password);
        await Page.ClickAsync("button[type=submit]");
    }

    public async Task SignOutAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Account", Exact = true }).ClickAsync();
        await Page.GetByText("Sign out", new() { Exact = true }).ClickAsync();
        await Page.WaitForSelectorAsync("#name");
    }

    /// <summary>Goes to a page by the menu.</summary>
    public Task GoToAsync(string name) =>
        Page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();

    /// <summary>Waits until an element shows a text, without touching the page.</summary>
    public static Task ShowsAsync(ILocator element, string text) => Assertions.Expect(element).ToHaveTextAsync(text, new() { Timeout = Patience });

    /// <inheritdoc cref="ShowsAsync(ILocator, string)"/>
    public static Task ShowsAsync(ILocator element, Regex text) => Assertions.Expect(element).ToHaveTextAsync(text, new() { Timeout = Patience });

    /// <summary>Looks up in the audit log's page what the administrator did, in this browser.</summary>
    public async Task ExpectAuditedAsync(string action, string subject, string detail = "")
    {
        await GoToAsync("Audit log");
        var row = Page.Locator("tr[data-audit]")
            .Filter(new() { Has = Page.GetByRole(AriaRole.Link, new() { Name = action, Exact = true }) })
            .Filter(new() { Has = Page.GetByRole(AriaRole.Link, new() { Name = subject, Exact = true }) })
            .Filter(new() { HasText = detail });
        await Assertions.Expect(row).ToHaveCountAsync(1, new() { Timeout = Patience });
        foreach (var (cell, text) in new[] { ("Who", "admin"), ("Who", "cookie"), ("Address", "127.0.0.1"), ("Outcome", "done") })
            await Assertions.Expect(row.Locator($"td[data-label={cell}]")).ToContainTextAsync(text);
    }

    public ValueTask DisposeAsync() => _chromium.DisposeAsync();
}
