using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActorLogArchive.SystemTests.Nodes;
using ActorLogArchive.SystemTests.Pipeline;
using Microsoft.Playwright;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>FTP accounts made and changed at the page, and what clients find then; all of it is in the audit log under the name of who did it.</summary>
[Collection(nameof(SharedArchive))]
public sealed partial class FtpAccountTests(SharedArchive shared)
{
    private const int Slow = 40 * 1024;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_added_at_the_page_serves_lftp_and_an_agent_with_the_settings_that_are_shown()
    {
        WebSession.RequireBrowser();
        var archive = shared.Archive;
        await using var web = await WebSession.SignInAsync(archive);
        await web.GoToAsync("Accounts");
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        var form = Dialog(web, "Add account");
        await form.GetByLabel("Name", new() { Exact = true }).FillAsync("collector");
        await form.GetByRole(AriaRole.Button, new() { Name = "Generate" }).ClickAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "Add account" }).ClickAsync();
        var shown = Dialog(web, "Agent of collector").Locator(".secret");
        var (settings, command) = (await shown.Nth(0).InnerTextAsync(), await shown.Nth(1).InnerTextAsync());
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await web.GoToAsync("Files");
        var folder = web.Page.Locator(".files-table a[title=collector]");
        await Assertions.Expect(web.Page.Locator($".files-table a[title={SharedArchive.Agent}]")).ToBeVisibleAsync();
        await Assertions.Expect(folder).ToHaveCountAsync(0);

        var logs = archive.LogFolder("collector");
        var file = Path.Combine(archive.Folder, "by-hand.log");
        SampleLogs.Write(file, "put there by hand\n"u8.ToArray());
        var password = Regex.Match(command, "ALA_FTP_PASSWORD='([^']+)' ").Groups[1].Value;
        var put = await Lftp.RunAsync(
            archive, "collector", password, $"put '{file}'", Regex.Match(settings, "host = \"(.+)\"").Groups[1].Value, int.Parse(Regex.Match(settings, @"\bport = (\d+)").Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.True(put.ExitCode == 0, put.Output);

        // The page was open all the time, and is told.
        await folder.ClickAsync();
        await web.Page.Locator(".files-table a[title='by-hand.log']").ClickAsync();
        await WebSession.ShowsAsync(web.Page.Locator("#L1 .lt"), "put there by hand");

        SampleLogs.Write(Path.Combine(logs, "app.log"), "sent by the agent\n"u8.ToArray());
        var conf = Path.Combine(archive.Folder, "agent.conf");
        await File.WriteAllTextAsync(conf, settings.Replace("/var/log/app", logs, StringComparison.Ordinal), Stop);
        var agent = await NodeProcess.RunAsync(
            BuiltPrograms.Dll("src", "AgentNode"),
            ["run", "--config", conf, "--once", "--set", $"log-archive.agent.data-dir={Path.Combine(archive.Folder, "agents", "collector")}"],
            new Dictionary<string, string> { ["ALA_FTP_PASSWORD"] = password });
        Assert.True(agent.ExitCode == 0, agent.Output);
        Assert.Equal("sent by the agent\n", await File.ReadAllTextAsync(Path.Combine(archive.TreeOf("collector"), "app.log"), Stop));
        await web.ExpectAuditedAsync("account.add", "collector");
    }

    [Fact]
    public async Task A_limit_lifted_at_the_page_lets_a_running_upload_go()
    {
        WebSession.RequireBrowser();
        if (!File.Exists("/usr/bin/curl"))
            ForeignTool.SkipForWantOf("curl");
        var archive = shared.Archive;
        using var added = await archive.Http.PostAsJsonAsync("/api/v1/users", new { name = "hurried", password = TestArchive.AgentPassword, permissions = "elrafmwMT" }, Stop);
        added.EnsureSuccessStatusCode();
        var content = new byte[12_000_000];
        new Random(3).NextBytes(content);
        var source = Path.Combine(archive.Folder, "hurried.log");
        await File.WriteAllBytesAsync(source, content, Stop);
        await using var web = await WebSession.SignInAsync(archive);
        await web.GoToAsync("Accounts");
        await ChangeUploadLimitAsync(web, "40 KiB/s");
        await WebSession.ShowsAsync(web.Page.Locator("tr[data-account=hurried] td[data-label='Upload limit']"), "40.0 KiB/s");

        using var upload = Process.Start("/usr/bin/curl", ["-sS", "--ftp-skip-pasv-ip", "-T", source, $"ftp://hurried:{TestArchive.AgentPassword}@127.0.0.1:{archive.FtpPort}/large.log"]);
        try
        {
            var session = web.Page.Locator("tr", new() { HasText = "STOR large.log" }).Locator("td.num").First;
            await Assertions.Expect(session).ToHaveTextAsync(LimitedRate(), new() { Timeout = WebSession.Patience });
            var arrived = new FileInfo(Path.Combine(archive.TreeOf("hurried"), "large.log"));
            var wouldTake = TimeSpan.FromSeconds((content.Length - arrived.Length) / (double)Slow);
            Assert.True(wouldTake > TimeSpan.FromMinutes(2), $"the rest would come within {wouldTake} anyway");
            await ChangeUploadLimitAsync(web, "");
            await WebSession.ShowsAsync(web.Page.Locator("tr[data-account=hurried] td[data-label='Upload limit']"), "unlimited");
            await TestArchive.UntilAsync(() => Task.FromResult(upload.HasExited), TimeSpan.FromSeconds(30), () => $"only {new FileInfo(arrived.FullName).Length} bytes have arrived");

            Assert.Equal(0, upload.ExitCode);
            var whole = await File.ReadAllBytesAsync(arrived.FullName, Stop);
            Assert.True(content.AsSpan().SequenceEqual(whole), "what arrived differs");
        }
        finally
        {
            upload.Kill();
        }

        await web.ExpectAuditedAsync("account.change", "hurried", $"upload limit {Slow}");
        await web.ExpectAuditedAsync("account.change", "hurried", "upload limit 0");
    }

    [Fact]
    public async Task Accounts_of_the_older_systems_file_are_shown_first_then_added_and_let_their_agents_in()
    {
        WebSession.RequireBrowser();
        var archive = shared.Archive;
        var file = Path.Combine(archive.Folder, "userRecord.json");
        await File.WriteAllTextAsync(
            file,
            """{"station7": {"passwd": "of the older system", "perm": "elradfmwM"}, "agent01": {"passwd": "another", "perm": "elr"}, "station8": {"passwd": "without letters"}}""",
            Stop);
        await using var web = await WebSession.SignInAsync(archive);
        await web.GoToAsync("Accounts");
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Import…" }).ClickAsync();
        var dialog = Dialog(web, "Import accounts");

        var choice = dialog.Locator("input[type=file]");
        await Assertions.Expect(choice).ToBeEnabledAsync();
        await choice.SetInputFilesAsync(file);
        await Assertions.Expect(dialog).ToContainTextAsync("1 account will be added");
        await Assertions.Expect(dialog).ToContainTextAsync("2 accounts refused");
        await Assertions.Expect(dialog.Locator("li", new() { HasText = "agent01" })).ToContainTextAsync("there is an account 'agent01' already");
        await Assertions.Expect(dialog.Locator("li", new() { HasText = "station8" })).ToContainTextAsync("perm");
        Assert.DoesNotContain("station7", await archive.Http.GetStringAsync("/api/v1/users", Stop), StringComparison.Ordinal);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add them" }).ClickAsync();
        await Assertions.Expect(dialog).ToContainTextAsync("1 account added");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(web.Page.Locator("tr[data-account=station7]")).ToContainTextAsync("/station7");

        var put = await Lftp.RunAsync(archive, "station7", "of the older system", $"put '{file}'");
        Assert.True(put.ExitCode == 0, put.Output);
        Assert.True(File.Exists(Path.Combine(archive.TreeOf("station7"), "userRecord.json")));
        var untouched = await Lftp.RunAsync(archive, SharedArchive.Agent, TestArchive.AgentPassword, "cls");
        Assert.True(untouched.ExitCode == 0, untouched.Output);
        await web.ExpectAuditedAsync("account.add", "station7");
    }

    private static async Task ChangeUploadLimitAsync(WebSession web, string limit)
    {
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Change hurried" }).ClickAsync();
        var form = Dialog(web, "Change hurried");
        await form.GetByLabel("Upload limit").FillAsync(limit);
        await form.GetByRole(AriaRole.Button, new() { Name = "Save changes" }).ClickAsync();
        await Assertions.Expect(form).ToHaveCountAsync(0);
    }

    private static ILocator Dialog(WebSession web, string title) => web.Page.Locator(".mud-dialog", new() { HasText = title });

    // A few more or less, as the rate is measured over a moment.
    [GeneratedRegex(@"^[34]\d(\.\d)? KiB/s$")]
    private static partial Regex LimitedRate();
}
