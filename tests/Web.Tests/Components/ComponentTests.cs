using System.Net;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Web.Components;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Hosting;
using ActorLogArchive.Web.Pages;
using ActorLogArchive.Web.Tests.Fakes;
using ActorLogArchive.Web.Views;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Services;

namespace ActorLogArchive.Web.Tests.Components;

public sealed class ComponentTests : IAsyncDisposable
{
    private readonly BunitContext _page = new();
    private readonly FakeArchiveGateway _gateway = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly string _root = Directory.CreateTempSubdirectory("ala-web-").FullName;
    private readonly DirectoryCatalog _catalog;

    public ComponentTests()
    {
        _catalog = new DirectoryCatalog(_root);
        _page.JSInterop.Mode = JSRuntimeMode.Loose;
        _page.Services.AddMudServices();
        _page.Services.AddSingleton<IArchiveGateway>(_gateway);
        _page.Services.AddSingleton<TimeProvider>(_clock);
        _page.Services.AddSingleton(new ArchiveContent(_catalog, new Search.LineReader(), new Search.ContentScanner(1)));
        _page.Services.AddScoped<LiveFeed>();
        _page.Services.Configure<ArchiveWebOptions>(options => (options.FtpPort, options.ClusterPort) = (2525, 4055));
        _page.SetRendererInfo(new RendererInfo("Server", true));
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Without_agents_the_page_says_how_one_is_started()
    {
        var page = _page.Render<AgentsPage>();

        page.WaitForAssertion(() => Assert.Contains("No agent has reported yet", page.Markup, StringComparison.Ordinal));
        Assert.Contains("log-archive.agent.cluster.seeds", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Connections_with_nothing_to_do_are_one_line()
    {
        var now = _clock.GetUtcNow();
        var report = Samples.Told(now).LastReport!;
        report = report with { Details = report.Details! with { Connections = [.. report.Details.Connections, .. Enumerable.Range(3, 10).Select(i => new ConnectionFigures(i, "Idle", now, 0, null, null, null))] } };

        var figures = _page.Render<AgentFigures>(parameters => parameters.Add(it => it.Report, report).Add(it => it.Now, now));

        var lines = figures.FindAll("ul").Last().Children.Select(line => string.Join(' ', line.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(["1: uploading for 12 s", "2: backing off for 5 s · 552 the quota is used up", "10 idle, ready for the next files"], lines);
    }

    [Theory]
    [InlineData(false, 12121)]
    [InlineData(true, 2525)]
    public async Task Settings_of_an_agent_are_shown_only_with_the_port_that_the_server_has(bool isDown, int port)
    {
        var told = new TaskCompletionSource<FtpServerProtocol.FtpServerStatus>();
        _gateway.FtpStatus = told.Task;
        var page = _page.Render<MudDialogProvider>();
        await page.InvokeAsync(() => _page.Services.GetRequiredService<IDialogService>()
            .ShowAsync<AgentSettingsDialog>("Agent", new DialogParameters<AgentSettingsDialog> { { dialog => dialog.Account, "agent01" }, { dialog => dialog.Password, "its password" } }));
        page.WaitForAssertion(() => Assert.Contains("Asking the FTP server for its port", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll(".secret"));

        if (isDown)
            told.SetException(new ArchiveUnavailableException("it does not answer"));
        else
            told.SetResult(new FtpServerProtocol.FtpServerStatus(true, new IPEndPoint(IPAddress.Loopback, port), null));

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".secret").Count));
        var shown = page.Find(".secret").TextContent;
        Assert.Contains($"port = {port}\n", shown, StringComparison.Ordinal);
        Assert.Contains(":4055\"]", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void When_the_agents_cannot_be_asked_the_page_says_why()
    {
        _gateway.Failure = "The agent overview did not answer within 5 seconds.";

        var page = _page.Render<AgentsPage>();

        page.WaitForAssertion(() => Assert.Contains("did not answer within 5 seconds", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_loaded_stays_and_is_marked_as_old_when_the_next_try_fails()
    {
        _gateway.Set(Samples.Agent("agent01", FleetProtocol.AgentHealth.Online, "fine", _clock.GetUtcNow()));
        var page = _page.Render<AgentsPage>();
        page.WaitForElement("tr[data-agent=agent01]");

        _gateway.Failure = "The agent overview did not answer within 5 seconds.";
        page.WaitForAssertion(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(11));
            Assert.Contains("As of 2026-11-23 12:00:00", page.Find(".stale").TextContent, StringComparison.Ordinal);
        });
        Assert.NotNull(page.Find("tr[data-agent=agent01]"));
    }

    [Fact]
    public async Task A_change_of_an_agent_arrives_by_itself()
    {
        var agent = Samples.Agent("agent01", FleetProtocol.AgentHealth.Online, "fine", _clock.GetUtcNow());
        _gateway.Set(agent);
        var page = _page.Render<AgentsPage>();
        page.WaitForAssertion(() => Assert.Equal("Online", page.Find("tr[data-agent=agent01] .chip").TextContent));
        page.WaitForAssertion(() => Assert.Equal(1, _gateway.Subscribers));

        _gateway.Set(agent with { Health = FleetProtocol.AgentHealth.Unreachable, Reason = "lost" });

        await UntilAsync(() => page.Find("tr[data-agent=agent01] .chip").TextContent == "Unreachable");
    }

    [Fact]
    public async Task Many_changes_are_drawn_twice_a_second_at_most()
    {
        var agent = Samples.Agent("agent01", FleetProtocol.AgentHealth.Online, "fine", _clock.GetUtcNow());
        _gateway.Set(agent);
        var page = _page.Render<AgentsPage>();
        page.WaitForAssertion(() => Assert.Equal(1, _gateway.Subscribers));
        page.WaitForElement("tr[data-agent=agent01]");
        // A part without parts of its own: it is drawn as often as the page.
        var tile = page.FindComponents<StatTile>()[1];
        var (drawn, from) = (tile.RenderCount, _clock.GetUtcNow());

        for (var i = 0; i < 200; i++)
            _gateway.Set(agent with { Reason = $"{i}" });
        await UntilAsync(() => _clock.GetUtcNow() - from >= TimeSpan.FromSeconds(5));

        Assert.InRange(tile.RenderCount - drawn, 1, 12);
    }

    [Fact]
    public void The_table_of_agents_is_filtered_by_text_and_by_state_and_sorted()
    {
        var now = _clock.GetUtcNow();
        foreach (var (id, health, backlog) in new[] { ("web1", FleetProtocol.AgentHealth.Online, 5_000L), ("web2", FleetProtocol.AgentHealth.Lagging, 90_000L), ("db1", FleetProtocol.AgentHealth.SilentFile, 0L) })
            _gateway.Set(Samples.Agent(id, health, "so", now, backlog));
        var page = _page.Render<AgentsPage>();
        page.WaitForElement("tr[data-agent=web1]");
        Assert.Equal(["db1", "web2", "web1"], Ids(page));

        page.Find("input[aria-label='Filter agents']").Input("WEB");
        Assert.Equal(["web2", "web1"], Ids(page));
        page.Find("input[aria-label='Filter agents']").Input("");
        page.FindAll("button.th-sort").Single(button => button.TextContent.StartsWith("At risk", StringComparison.Ordinal)).Click();
        Assert.Equal(["web2", "web1", "db1"], Ids(page));
        Assert.Equal("descending", page.FindAll("th").Single(head => head.TextContent.StartsWith("At risk", StringComparison.Ordinal)).GetAttribute("aria-sort"));
        page.FindAll("button.state").Single(button => button.TextContent.Contains("silent file", StringComparison.Ordinal)).Click();
        Assert.Equal(["db1"], Ids(page));
    }

    [Fact]
    public void The_page_of_an_agent_says_what_to_do_and_what_it_has_told()
    {
        var now = _clock.GetUtcNow();
        _gateway.Set(Samples.Told(now));
        _gateway.Timeline = [new FleetHistoryProtocol.TimelineSpan(now.AddDays(-3), now.AddDays(-1), FleetProtocol.AgentHealth.Online, "fine"), new FleetHistoryProtocol.TimelineSpan(now.AddDays(-1), now, FleetProtocol.AgentHealth.Failing, "over quota")];

        var page = _page.Render<AgentPage>(parameters => parameters.Add(agent => agent.Id, "db-primary"));

        page.WaitForAssertion(() => Assert.Contains("Raise the quota", page.Markup, StringComparison.Ordinal));
        Assert.Contains("over quota", page.Markup, StringComparison.Ordinal);
        Assert.Contains("postgresql/postgresql.log", page.Markup, StringComparison.Ordinal);
        Assert.Contains("3 attempts", page.Markup, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("svg.timeline rect").Count));
    }

    [Fact]
    public void An_action_shows_its_outcome_or_why_it_was_refused()
    {
        _gateway.Set(Samples.Agent("agent01", FleetProtocol.AgentHealth.Online, "fine", _clock.GetUtcNow()));
        var actions = _page.Render<AgentActions>(parameters => parameters.Add(action => action.AgentId, "agent01"));

        Button(actions, "Pause uploads").Click();
        actions.WaitForAssertion(() => Assert.Contains("Uploads are paused", actions.Find(".outcome").TextContent, StringComparison.Ordinal));
        actions.Find("input.path").Change("/var/log/a.log");
        actions.FindAll("form")[1].Submit();
        actions.WaitForAssertion(() => Assert.Contains("uploads are paused", actions.Find("[role=status]").TextContent, StringComparison.Ordinal));
        actions.Find("input[aria-label^=Bandwidth]").Change("a lot");
        actions.FindAll("form")[0].Submit();
        Assert.Contains("'a lot' is no bandwidth", actions.Find(".outcome").TextContent, StringComparison.Ordinal);

        _gateway.CommandRefusal = new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.TimedOut, "agent 'agent01' did not answer within 4 s");
        Button(actions, "Verify by size").Click();
        actions.WaitForAssertion(() => Assert.Contains("did not answer within 4 s", actions.Find(".bad-text").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void A_chart_is_drawn_with_breaks_where_nothing_was_measured()
    {
        var now = _clock.GetUtcNow();
        ChartPoint[] points = [new(now.AddMinutes(-30), 0), new(now.AddMinutes(-29), 100), new(now.AddMinutes(-10), 50), new(now, 25)];

        var shape = ChartShape.Of(points, now, TimeSpan.FromMinutes(15));

        Assert.Equal("M0 100L20 0M400 50L600 75", shape.Line);
        Assert.Equal((100, now.AddMinutes(-29)), (shape.Top, shape.Highest!.Value.At));
        Assert.Equal("", ChartShape.Of([], now, TimeSpan.FromMinutes(1)).Line);
        Assert.Equal("", ChartShape.Spark([0, 0]));
        Assert.Equal("0,19 60,1", ChartShape.Spark([0, 5]));
    }

    private static string[] Ids(IRenderedComponent<AgentsPage> page) => [.. page.FindAll("tr[data-agent]").Select(row => row.GetAttribute("data-agent")!)];

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<AgentActions> actions, string text) => actions.FindAll("button").Single(button => button.TextContent == text);

    // The page draws by its clock.
    private async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await look.WaitForNextTickAsync(deadline.Token);
        }
    }

    [Fact]
    public async Task A_page_that_is_gone_leaves_no_subscription()
    {
        var page = _page.Render<AgentsPage>();
        page.WaitForAssertion(() => Assert.Equal(1, _gateway.Subscribers));

        await _page.DisposeComponentsAsync();
        await _page.Services.GetRequiredService<LiveFeed>().DisposeAsync();

        Assert.Equal(0, _gateway.Subscribers);
    }

    [Fact]
    public void Markup_in_a_line_is_shown_as_text()
    {
        var lines = _page.Render<TextLines>(parameters => parameters
            .Add(lines => lines.Buffer, new LineBuffer(1, ["<script>alert(1)</script>"], 1, 25, false))
            .Add(lines => lines.Path, "/a/b.log")
            .Add(lines => lines.Find, "script"));

        Assert.Empty(lines.FindAll("script"));
        Assert.Equal("<script>alert(1)</script>", lines.Find(".lt").TextContent);
        Assert.Equal(2, lines.FindAll("mark").Count);
    }

    [Fact]
    public void A_placeholder_page_asks_the_archive_nothing()
    {
        _page.SetRendererInfo(new RendererInfo("Static", false));
        _gateway.Failure = "asked";

        var page = _page.Render<AgentsPage>();

        Assert.Empty(page.FindAll("[role=alert]"));
        Assert.NotEmpty(page.FindAll("[aria-busy=true]"));
    }
}
