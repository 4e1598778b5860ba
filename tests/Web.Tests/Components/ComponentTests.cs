using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Web.Components;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Pages;
using ActorLogArchive.Web.Tests.Fakes;
using ActorLogArchive.Web.Views;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
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
    public void A_change_of_an_agent_arrives_by_itself()
    {
        var agent = Samples.Agent("agent01", FleetProtocol.AgentHealth.Online, "fine", _clock.GetUtcNow());
        _gateway.Set(agent);
        var page = _page.Render<AgentsPage>();
        page.WaitForAssertion(() => Assert.Equal("Online", page.Find("tr[data-agent=agent01] .chip").TextContent));
        page.WaitForAssertion(() => Assert.Equal(1, _gateway.Subscribers));

        _gateway.Set(agent with { Health = FleetProtocol.AgentHealth.Unreachable, Reason = "lost" });

        page.WaitForAssertion(() =>
        {
            _clock.Advance(LiveFeed.BatchWindow);
            Assert.Equal("Unreachable", page.Find("tr[data-agent=agent01] .chip").TextContent);
        });
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
