using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Web.Components;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Pages;
using ActorLogArchive.Web.Tests.Fakes;
using ActorLogArchive.Web.Views;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;

namespace ActorLogArchive.Web.Tests.Components;

public sealed class FilesPageTests : IAsyncDisposable
{
    private readonly BunitContext _page = new();
    private readonly FakeArchiveGateway _gateway = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly string _root = Directory.CreateTempSubdirectory("ala-web-").FullName;
    private readonly DirectoryCatalog _catalog;

    public FilesPageTests()
    {
        _catalog = new DirectoryCatalog(_root);
        _page.JSInterop.Mode = JSRuntimeMode.Loose;
        _page.Services.AddMudServices();
        _page.Services.AddSingleton<IArchiveGateway>(_gateway);
        _page.Services.AddSingleton<TimeProvider>(_clock);
        _page.Services.AddSingleton<AntiforgeryStateProvider, NoToken>();
        _page.Services.AddSingleton(new ArchiveContent(_catalog, new Search.LineReader(), new Search.ContentScanner(1)));
        _page.Services.AddScoped<LiveFeed>();
        _page.SetRendererInfo(new RendererInfo("Server", true));
        Directory.CreateDirectory(Path.Combine(_root, "a", "sub"));
        File.WriteAllText(Path.Combine(_root, "a", "x.log"), "hello");
        File.WriteAllText(Path.Combine(_root, "a", "x.~20260101T000000Z~.log"), "older");
        File.WriteAllText(Path.Combine(_root, "a", "sub", "y.txt"), "below");
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeComponentsAsync();
        await _page.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void A_folder_lists_folders_then_files_with_their_marks()
    {
        var page = Show("/files/a");

        page.WaitForAssertion(() => Assert.Equal(["up", "sub", "x.log", "x.~20260101T000000Z~.log"], Names(page)));
        Assert.Contains("Verified", page.Find(".mark.verified").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains(page.FindAll(".mark"), mark => mark.TextContent == "version");
    }

    [Fact]
    public void The_address_narrows_the_list()
    {
        var page = Show("/files/a?filter=*.txt&below=1");

        page.WaitForAssertion(() => Assert.Equal(["up", "y.txt"], Names(page)));
        Assert.Equal("/a/sub", page.Find("a.where").TextContent);
    }

    [Fact]
    public void When_nothing_matches_the_page_says_where_else_to_look()
    {
        var page = Show("/files/a?filter=nothing");

        page.WaitForAssertion(() => Assert.Contains("Nothing matches", page.Markup, StringComparison.Ordinal));
        Assert.Contains(page.FindAll("a"), link => link.GetAttribute("href") == "/files?filter=nothing&below=1");
    }

    [Fact]
    public void What_is_chosen_is_in_the_form_that_asks_for_the_zip()
    {
        var page = Show("/files/a");
        page.WaitForElement("input[aria-label='Choose x.log']");

        page.Find("input[aria-label='Choose x.log']").Change(true);
        page.Find("input[aria-label='Choose folder sub']").Change(true);

        Assert.Equal(["/a/sub", "/a/x.log"], page.FindAll("form[action='/api/v1/files/zip'] input[name=path]").Select(input => input.GetAttribute("value")).Order());
    }

    [Fact]
    public void Details_show_hash_verification_and_versions()
    {
        var page = Show("/files/a?file=x.log");

        page.WaitForAssertion(() => Assert.Contains("XXH128", page.Find(".details").TextContent, StringComparison.Ordinal));
        Assert.Contains("x.~20260101T000000Z~.log", page.Find(".details .recent").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void While_the_catalog_is_compared_the_page_says_how_far_it_is()
    {
        _gateway.Catalog = _gateway.Catalog with { Reconciling = true, PendingFolders = 4, FoldersCompared = 6, FilesCompared = 1200, RowsCorrected = 2 };

        var page = Show("/files/a");

        page.WaitForAssertion(() => Assert.Contains("1,200 files in 6 folders compared, 4 folders to go, 2 entries corrected", page.Find(".catalog-bar").TextContent, StringComparison.Ordinal));
        Assert.Equal(("6", "10"), (page.Find("progress").GetAttribute("value"), page.Find("progress").GetAttribute("max")));
    }

    [Fact]
    public void The_button_has_the_catalog_rebuilt()
    {
        var page = Show("/files");
        page.WaitForElement(".catalog-foot button").Click();

        page.WaitForAssertion(() => Assert.True(page.Find(".catalog-foot button").HasAttribute("disabled")));
        Assert.True(_gateway.Catalog.Reconciling);
    }

    [Fact]
    public void A_folder_that_cannot_be_read_is_a_problem_that_can_be_tried_again()
    {
        _catalog.Failure = new IOException("disk I/O error");
        var page = Show("/files/a");
        page.WaitForAssertion(() => Assert.Contains("disk I/O error", page.Find(".files-list [role=alert]").TextContent, StringComparison.Ordinal));

        _catalog.Failure = null;
        page.Find(".files-list [role=alert] button").Click();

        page.WaitForAssertion(() => Assert.Contains("x.log", Names(page)));
    }

    private IRenderedComponent<FilesPage> Show(string address)
    {
        _page.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var path = address.Split('?')[0]["/files".Length..].TrimStart('/');
        return _page.Render<FilesPage>(parameters => parameters.Add(page => page.Path, path.Length == 0 ? null : path));
    }

    private static IEnumerable<string> Names(IRenderedComponent<FilesPage> page) => page.FindAll("tbody a.row-link").Select(link => link.TextContent.Trim());

    private sealed class NoToken : AntiforgeryStateProvider
    {
        public override AntiforgeryRequestToken? GetAntiforgeryToken() => new("token", "__RequestVerificationToken");
    }
}
