using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Web.Tests.Browser;
using ActorLogArchive.Web.Tests.Fakes;
using ActorLogArchive.Web.Views;
using Microsoft.Playwright;

namespace ActorLogArchive.Web.Tests.Audit;

public sealed class AuditPageTests
{
    [Fact]
    public void A_view_of_the_log_comes_back_from_its_address()
    {
        var state = new AuditState("ann", "account", "a/b &c", "10.0.", AuditOutcome.Refused, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 2), 77);

        Assert.Equal("/audit?who=ann&action=account&subject=a%2Fb%20%26c&address=10.0.&outcome=refused&from=2026-11-01&to=2026-11-02&before=77", state.PageAddress);
        Assert.Equal(state, AuditState.Parse("ann", "account", "a/b &c", "10.0.", "refused", "2026-11-01", "2026-11-02", "77"));
        Assert.Equal(AuditState.Empty, AuditState.Parse("", null, " ", null, "1", "yesterday", null, "-3"));
    }

    [Fact]
    public void Days_are_those_of_the_reader()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var query = (AuditState.Empty with { From = new DateOnly(2026, 11, 1), To = new DateOnly(2026, 11, 1) }).Query(berlin);

        Assert.Equal(new DateTimeOffset(2026, 10, 31, 23, 0, 0, TimeSpan.Zero), query.From!.Value.ToUniversalTime());
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 23, 0, 0, TimeSpan.Zero), query.To!.Value.ToUniversalTime());
    }

    [Fact]
    public async Task The_page_follows_the_log_filters_by_link_and_form_and_gives_the_same_entries_as_a_file()
    {
        if (Chromium.Executable is null)
            Assert.Skip("chromium is not installed");
        await using var site = await ArchiveSite.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(site.Address);
        await page.GotoAsync("/audit");
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", FakeArchiveGateway.Password);
        await page.ClickAsync("button[type=submit]");
        var rows = page.Locator("tr[data-audit]");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows.First).ToContainTextAsync("sign-in");

        await site.Audit.RecordAsync(Entry("ann", AuditActions.AccountAdd, "agent07"));
        await site.Audit.RecordAsync(Entry("ben", AuditActions.FileDownload, "/agent01/<b>x</b>.log"));

        // Told until it is heard: the page subscribes a moment after it is drawn.
        await TellUntilAsync(site, async () => await rows.CountAsync() == 3);
        await Assertions.Expect(rows.First).ToContainTextAsync("/agent01/<b>x</b>.log");

        await rows.First.GetByText("ben").ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"/audit\?who=ben$"));
        var export = page.GetByRole(AriaRole.Link, new() { Name = "JSON lines" });
        Assert.Equal("/api/v1/audit/export?format=jsonl&who=ben", await export.GetAttributeAsync("href"));
        var download = await page.RunAndWaitForDownloadAsync(() => export.ClickAsync());
        Assert.Matches(@"^audit-\d{8}T\d{6}Z\.jsonl$", download.SuggestedFilename);

        await page.GetByRole(AriaRole.Link, new() { Name = "Clear" }).ClickAsync();
        await page.GetByLabel("Action").FillAsync("account");
        await page.GetByLabel("Action").PressAsync("Enter");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows.First).ToContainTextAsync("agent07");

        await page.GetByLabel("Who").FillAsync("nobody");
        await page.GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();
        await Assertions.Expect(page.GetByText("No entry matches")).ToBeVisibleAsync();
    }

    private static async Task TellUntilAsync(ArchiveSite site, Func<Task<bool>> condition)
    {
        using var bounded = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        while (!await condition())
        {
            site.Gateway.Publish(new BridgeProtocol.AuditGrew());
            await timer.WaitForNextTickAsync(bounded.Token);
        }
    }

    private static AuditEntry Entry(string who, string action, string subject) =>
        new(DateTimeOffset.UtcNow, who, AuditBy.Cookie, "10.20.0.4", action, subject, AuditOutcome.Done);
}
