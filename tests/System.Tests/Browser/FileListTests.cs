using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>The list of files: folders as zip, the keyboard, and a long folder.</summary>
[Collection(nameof(SharedArchive))]
public sealed partial class FileListTests(SharedArchive shared)
{
    private const string ToEnd = "list => { list.scrollTop = list.scrollHeight; }";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_downloaded_as_zip_holds_its_files_byte_for_byte()
    {
        WebSession.RequireBrowser();
        await using var web = await WebSession.SignInAsync(shared.Archive);
        await web.GoToAsync("Files");
        await Row(web, SharedArchive.Agent).ClickAsync();
        await Row(web, "tree").ClickAsync();

        // Not that of the folder above, which may be on the page still.
        var link = web.Page.Locator("a[href$='tree']", new() { HasTextRegex = DownloadFolder() });
        var download = await web.Page.RunAndWaitForDownloadAsync(() => link.ClickAsync());

        Assert.Equal("agent01-tree.zip", download.SuggestedFilename);
        await using var zip = await ZipFile.OpenReadAsync(await download.PathAsync(), Stop);
        var tree = Path.Combine(shared.Archive.LogFolder(SharedArchive.Agent), "tree");
        var files = Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories).ToDictionary(file => "tree/" + NameInZip(Path.GetRelativePath(tree, file)));
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        foreach (var entry in zip.Entries)
        {
            using var content = new MemoryStream();
            await using (var stream = await entry.OpenAsync(Stop))
                await stream.CopyToAsync(content, Stop);
            var archived = await File.ReadAllBytesAsync(files[entry.FullName], Stop);
            Assert.True(content.ToArray().SequenceEqual(archived), $"{entry.FullName} differs");
        }

        await web.ExpectAuditedAsync("zip.download", "/agent01/tree");
    }

    [Fact]
    public async Task The_keys_that_the_help_names_do_what_it_says()
    {
        WebSession.RequireBrowser();
        await using var web = await WebSession.SignInAsync(shared.Archive);
        await web.GoToAsync("Files");
        await Row(web, SharedArchive.Agent).ClickAsync();
        await Assertions.Expect(Row(web, "many")).ToBeVisibleAsync();
        await PressAsync(web, "?");
        var help = web.Page.Locator("dialog.keys");
        await Assertions.Expect(help).ToBeVisibleAsync();
        Assert.Equal(["↑ ↓", "Home End", "Enter", "Backspace", "Space", "i", "/", "?"], await help.Locator("dt").EvaluateAllAsync<string[]>("all => all.map(dt => [...dt.children].map(key => key.textContent).join(' '))"));
        // The key right after the closing is not lost. The rows of an agent's folder: up, many, tree.
        await PressAsync(web, "Escape", "ArrowDown");
        await Assertions.Expect(help).ToBeHiddenAsync();
        await Assertions.Expect(web.Page.Locator("[data-up]")).ToBeFocusedAsync();
        foreach (var row in new[] { Row(web, "many"), Row(web, "tree") })
        {
            await PressAsync(web, "ArrowDown");
            await Assertions.Expect(row).ToBeFocusedAsync();
        }

        await PressAsync(web, "ArrowUp");
        await Assertions.Expect(Row(web, "many")).ToBeFocusedAsync();
        await PressAsync(web, "End");
        await Assertions.Expect(Row(web, "tree")).ToBeFocusedAsync();
        await PressAsync(web, "Home");
        await Assertions.Expect(web.Page.Locator("[data-up]")).ToBeFocusedAsync();
        await PressAsync(web, "End", "Enter");
        await AtAsync(web, "/files/agent01/tree");

        var last = Row(web, "one-byte.log");
        await Assertions.Expect(last).ToBeVisibleAsync();
        await PressAsync(web, "End");
        await Assertions.Expect(last).ToBeFocusedAsync();
        await PressAsync(web, "i");
        var details = web.Page.Locator("section.details");
        await Assertions.Expect(details).ToContainTextAsync("/agent01/tree/one-byte.log");
        await Assertions.Expect(details).ToContainTextAsync("1 byte");
        await PressAsync(web, " ");
        await WebSession.ShowsAsync(web.Page.Locator(".chosen-bar [role=status]"), "1 chosen");
        await Assertions.Expect(web.Page.Locator("tr.chosen .row-link")).ToHaveAttributeAsync("title", "one-byte.log");

        await PressAsync(web, "/");
        await Assertions.Expect(web.Page.Locator("[data-filter]")).ToBeFocusedAsync();
        await web.Page.Keyboard.TypeAsync("empty");
        await Assertions.Expect(last).ToHaveCountAsync(0);
        await Assertions.Expect(Row(web, "empty.log")).ToBeVisibleAsync();
        await PressAsync(web, "Escape");
        await Assertions.Expect(web.Page.Locator("[data-filter]")).Not.ToBeFocusedAsync();
        await PressAsync(web, "Backspace");
        await AtAsync(web, "/files/agent01");
        await Assertions.Expect(Row(web, "tree")).ToBeVisibleAsync();
        await PressAsync(web, "End", "Enter");
        await Assertions.Expect(last).ToBeVisibleAsync();
        await PressAsync(web, "End", "Enter");
        await AtAsync(web, "/view/agent01/tree/one-byte.log");
        await WebSession.ShowsAsync(web.Page.Locator("#L1 .lt"), "x");
    }

    [Fact]
    public async Task A_folder_of_five_thousand_files_is_scrolled_to_its_end_and_back()
    {
        WebSession.RequireBrowser();
        await using var web = await WebSession.SignInAsync(shared.Archive);
        await web.GoToAsync("Files");
        await Row(web, SharedArchive.Agent).ClickAsync();
        await Row(web, "many").ClickAsync();
        var (first, last) = (Row(web, SharedArchive.NameOf(1)), Row(web, SharedArchive.NameOf(SharedArchive.Many)));
        await Assertions.Expect(first).ToBeInViewportAsync();
        await WebSession.ShowsAsync(web.Page.Locator(".list-foot"), new Regex(@"^\s*5,000 files here"));
        await Assertions.Expect(last).ToHaveCountAsync(0);
        var list = web.Page.Locator("[data-list].list-box");

        await list.EvaluateAsync(ToEnd);
        await Assertions.Expect(last).ToBeInViewportAsync(new() { Timeout = WebSession.Patience });
        Assert.True(await web.Page.Locator(".files-table tr").CountAsync() < 500, "all rows are drawn");
        await list.EvaluateAsync("list => { list.scrollTop = list.scrollHeight / 2; }");
        await Assertions.Expect(Row(web, SharedArchive.NameOf(SharedArchive.Many / 2))).ToBeInViewportAsync(new() { Timeout = WebSession.Patience });

        // The same by the keyboard, and on from there.
        await PressAsync(web, "Home");
        await Assertions.Expect(web.Page.Locator("[data-up]")).ToBeFocusedAsync();
        await PressAsync(web, "End");
        await Assertions.Expect(last).ToBeFocusedAsync(new() { Timeout = WebSession.Patience });
        await PressAsync(web, "ArrowUp");
        await Assertions.Expect(Row(web, SharedArchive.NameOf(SharedArchive.Many - 1))).ToBeFocusedAsync();
        await PressAsync(web, "ArrowDown", "Enter");
        await WebSession.ShowsAsync(web.Page.Locator("#L1 .lt"), "worker 5000 is at rest");

        // With the folder of each file below its name rows are higher.
        await web.Page.GotoAsync("/files/agent01?below=1&filter=worker");
        await Assertions.Expect(first).ToBeInViewportAsync(new() { Timeout = WebSession.Patience });
        await list.EvaluateAsync(ToEnd);
        await Assertions.Expect(last).ToBeInViewportAsync(new() { Timeout = WebSession.Patience });
    }

    private static ILocator Row(WebSession web, string name) => web.Page.Locator($".files-table a.row-link[title='{name}']");

    private static Task AtAsync(WebSession web, string path) => web.Page.WaitForFunctionAsync("path => location.pathname === path", path);

    private static async Task PressAsync(WebSession web, params string[] keys)
    {
        foreach (var key in keys)
            await web.Page.Keyboard.PressAsync(key);
    }

    // What another system would take for a separator, and what a terminal would obey.
    private static string NameInZip(string path) => string.Concat(path.Select(c => c == '\\' || char.IsControl(c) ? '_' : c));

    [GeneratedRegex(@"^Download folder \(")]
    private static partial Regex DownloadFolder();
}
