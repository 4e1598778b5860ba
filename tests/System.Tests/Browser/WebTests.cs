using System.Globalization;
using System.Text;
using ActorLogArchive.SystemTests.Nodes;
using ActorLogArchive.SystemTests.Pipeline;
using Microsoft.Playwright;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>What a person does with the web UI, in a real browser before a real archive and a real agent.</summary>
public sealed class WebTests
{
    private const string WordLine = "2024-07-23T11:13:25 ERROR worker-3 pendulum left its hinge";

    [Fact]
    public async Task An_agent_is_watched_while_it_is_killed_and_started_again()
    {
        WebSession.RequireBrowser();
        await using var archive = await TestArchive.StartAsync("agent01");
        await using var web = await WebSession.SignInAsync(archive);
        var chip = web.Page.Locator("tr[data-agent=agent01] .chip");
        await WebSession.ShowsAsync(chip, "Never seen");

        var agent = archive.StartAgent("agent01");
        await WebSession.ShowsAsync(chip, "Online");
        await WatchAsync(web.Page);

        await agent.KillAsync();
        await WebSession.ShowsAsync(chip, "Unreachable");
        archive.StartAgent("agent01");
        await WebSession.ShowsAsync(chip, "Online");
        await Assertions.Expect(chip).ToHaveAttributeAsync("title", "in the cluster and reporting", new() { Timeout = WebSession.Patience });

        // The page was never loaded again: what it noted is still there.
        // Between the two it may be silent for a moment: missing reports can be noticed before missing heartbeats.
        var seen = await web.Page.EvaluateAsync<string[]>("() => window.seenChips");
        Assert.Equal(["Online", "Unreachable", "Online"], seen.Where(text => text != "Silent"));
    }

    [Fact]
    public async Task A_file_is_read_downloaded_and_found_by_a_word_and_a_new_account_gets_it_by_lftp()
    {
        WebSession.RequireBrowser();
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        var file = Path.Combine(logs, "PhysicalWorldSimulator", "20240723", "PWS_UI_20240723_111325_1.txt");
        SampleLogs.Write(file, LogWithTheWordInLine(217));
        SampleLogs.Write(Path.Combine(logs, "empty.log"), []);
        var run = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(run.ExitCode == 0, run.Output);
        await using var web = await WebSession.SignInAsync(archive);

        await web.GoToAsync("Files");
        foreach (var folder in new[] { "agent01", "PhysicalWorldSimulator", "20240723" })
        {
            await web.Page.ClickAsync($".files-table a[title='{folder}']");
        }

        await web.Page.ClickAsync(".files-table a[title='PWS_UI_20240723_111325_1.txt']");
        await Assertions.Expect(web.Page.Locator("#L1 .lt")).ToContainTextAsync("step 1 took", new() { Timeout = WebSession.Patience });
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Last line" }).ClickAsync();
        await Assertions.Expect(web.Page.Locator("#L5000 .lt")).ToContainTextAsync("step 5000 took", new() { Timeout = WebSession.Patience });

        var download = await web.Page.RunAndWaitForDownloadAsync(() => web.Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        Assert.Equal("PWS_UI_20240723_111325_1.txt", download.SuggestedFilename);
        AssertSame(file, await download.PathAsync());

        await web.GoToAsync("Search");
        await web.Page.GetByLabel("Text in files").FillAsync("pendulum");
        await web.Page.GetByRole(AriaRole.Radio, new() { Name = "Word" }).ClickAsync();
        await web.Page.Locator("form.search-form").GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        var hits = web.Page.Locator(".hit a.line");
        await Assertions.Expect(hits).ToHaveCountAsync(1, new() { Timeout = WebSession.Patience });
        await hits.ClickAsync();
        await WebSession.ShowsAsync(web.Page.Locator("#L217.here .lt"), WordLine);

        await AddAuditorAsync(web, "lftp-Secret-7");

        var copy = Path.Combine(archive.Folder, "copy.txt");
        var get = await Lftp.RunAsync(archive, "auditor", "lftp-Secret-7", $"get 'PhysicalWorldSimulator/20240723/{Path.GetFileName(file)}' -o '{copy}'");
        Assert.True(get.ExitCode == 0, get.Output);
        AssertSame(file, copy);
        var put = await Lftp.RunAsync(archive, "auditor", "lftp-Secret-7", $"put '{copy}' -o refused.txt");
        Assert.True(put.ExitCode != 0 && put.Output.Contains("550", StringComparison.Ordinal), put.Output);
    }

    private static async Task AddAuditorAsync(WebSession web, string password)
    {
        await web.GoToAsync("Accounts");
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        var dialog = web.Page.Locator(".mud-dialog");
        var name = dialog.GetByLabel("Name", new() { Exact = true });

        // It gets the focus once the dialog is drawn: what is typed into another field before that would land in it.
        await Assertions.Expect(name).ToBeFocusedAsync(new() { Timeout = WebSession.Patience });
        await name.FillAsync("auditor");
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await dialog.GetByLabel("Home folder").FillAsync("/agent01");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Read only" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        await Assertions.Expect(web.Page.Locator("tr[data-account=auditor]")).ToContainTextAsync("/agent01", new() { Timeout = WebSession.Patience });
    }

    // Notes every text that the agent's chip shows from now on.
    private static Task WatchAsync(IPage page) => page.EvaluateAsync("""
        () => {
          window.seenChips = [];
          const note = () => {
            const text = document.querySelector('tr[data-agent=agent01] .chip')?.textContent ?? 'nothing';
            if (window.seenChips.at(-1) !== text) window.seenChips.push(text);
          };
          new MutationObserver(note).observe(document.body, { childList: true, characterData: true, subtree: true });
          note();
        }
        """);

    private static byte[] LogWithTheWordInLine(int line)
    {
        var text = new StringBuilder();
        for (var i = 1; i <= 5000; i++)
        {
            text.Append(i == line ? WordLine : string.Create(CultureInfo.InvariantCulture, $"2024-07-23T11:13:25 INFO  worker-{i % 8} step {i} took {i * 7 % 900} ms, pendulums at rest")).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void AssertSame(string expected, string actual) => Assert.Equal(File.ReadAllBytes(expected), File.ReadAllBytes(actual));
}
