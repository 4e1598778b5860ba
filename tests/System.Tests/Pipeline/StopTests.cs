using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLogArchive.SystemTests.Browser;
using ActorLogArchive.SystemTests.Nodes;
using Microsoft.Playwright;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>An archive that is asked to stop (SIGTERM) while it is used.</summary>
public sealed class StopTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_ends_streams_in_good_order_and_leaves_an_upload_to_be_resumed()
    {
        if (!File.Exists("/usr/bin/curl"))
            ForeignTool.SkipForWantOf("curl");
        await using var archive = await TestArchive.StartAsync("agent01");
        (await archive.Http.PatchAsJsonAsync("/api/v1/users/agent01", new { uploadLimit = 300_000 }, Stop)).EnsureSuccessStatusCode();
        var source = Path.Combine(archive.Folder, "large.log");
        var content = new byte[6_000_000];
        new Random(11).NextBytes(content);
        await File.WriteAllBytesAsync(source, content, Stop);
        using var upload = Upload(archive, source);
        var arrived = new FileInfo(Path.Combine(archive.TreeOf("agent01"), "large.log"));
        await TestArchive.UntilAsync(() => Task.FromResult(Length(arrived) > 0), TimeSpan.FromSeconds(30), () => $"no byte arrived:\n{archive.ArchiveOutput}");
        using var stream = new StreamReader(await archive.Http.GetStreamAsync("/api/v1/events", Stop));
        Assert.StartsWith("retry:", await stream.ReadLineAsync(Stop), StringComparison.Ordinal);

        var stopping = Stopwatch.StartNew();
        var exitCode = await archive.StopArchiveAsync();

        Assert.Equal(0, exitCode);
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(20), $"it took {stopping.Elapsed}");
        Assert.Contains("event: stopping", await stream.ReadToEndAsync(Stop), StringComparison.Ordinal);
        await upload.WaitForExitAsync(Stop);
        Assert.NotEqual(0, upload.ExitCode);
        var part = await File.ReadAllBytesAsync(arrived.FullName, Stop);
        Assert.InRange(part.Length, 1, content.Length - 1);
        Assert.True(content.AsSpan(0, part.Length).SequenceEqual(part), "what arrived is not how the file begins");

        await archive.StartArchiveAsync();
        (await archive.Http.PatchAsJsonAsync("/api/v1/users/agent01", new { uploadLimit = 0 }, Stop)).EnsureSuccessStatusCode();
        using var rest = Upload(archive, source, "-C", "-");
        await rest.WaitForExitAsync(Stop);
        Assert.Equal(0, rest.ExitCode);
        var whole = await File.ReadAllBytesAsync(arrived.FullName, Stop);
        Assert.True(content.AsSpan().SequenceEqual(whole), "the resumed file differs");
        var audit = await archive.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?action=archive", Stop);
        Assert.Equal(
            ["archive.start", "archive.stop", "archive.start"],
            audit.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task An_open_page_says_that_the_archive_stops_and_comes_back_with_it()
    {
        WebSession.RequireBrowser();
        await using var archive = await TestArchive.StartAsync();
        await using var web = await WebSession.SignInAsync(archive);
        await Assertions.Expect(web.Page.Locator(".nav-foot .chip")).ToContainTextAsync("FTP on", new() { Timeout = WebSession.Patience });

        // Until the page is interactive, a link loads the next one as a whole, which then has yet to begin.
        await Assertions.Expect(web.Page.Locator(".starting")).ToHaveCountAsync(0, new() { Timeout = WebSession.Patience });

        // What a person has seen is not yet known to the archive; what it has answered is. The address changes before it answers.
        await web.GoToAsync("Files");
        await Assertions.Expect(web.Page.Locator("[data-browse]")).ToBeVisibleAsync(new() { Timeout = WebSession.Patience });
        await Assertions.Expect(web.Page.Locator(".starting")).ToHaveCountAsync(0, new() { Timeout = WebSession.Patience });

        var exitCode = await archive.StopArchiveAsync();

        Assert.Equal(0, exitCode);
        Assert.True(archive.ArchiveOutput.Contains("1 open pages are told", StringComparison.Ordinal), archive.ArchiveOutput);
        Assert.DoesNotContain("could not be told", archive.ArchiveOutput, StringComparison.Ordinal);
        await Assertions.Expect(web.Page.Locator(".stopping-notice")).ToContainTextAsync("is being stopped");
        await archive.StartArchiveAsync();
        await Assertions.Expect(web.Page.Locator(".stopping-notice")).ToHaveCountAsync(0, new() { Timeout = WebSession.Patience });
        await Assertions.Expect(web.Page.Locator(".nav-foot .chip")).ToContainTextAsync("FTP on", new() { Timeout = WebSession.Patience });
    }

    [Fact]
    public async Task What_a_person_does_at_a_page_is_in_the_audit_log_with_name_and_address()
    {
        WebSession.RequireBrowser();
        await using var archive = await TestArchive.StartAsync("agent01");
        await using var web = await WebSession.SignInAsync(archive);
        await web.GoToAsync("Accounts");
        await web.Page.ClickAsync("[aria-label='Remove agent01']");
        await web.Page.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Assertions.Expect(web.Page.Locator("[data-account=agent01]")).ToHaveCountAsync(0);

        await web.GoToAsync("Audit log");

        var row = web.Page.Locator("tr[data-audit]", new() { HasTextString = "account.remove" });
        await Assertions.Expect(row).ToContainTextAsync("admin");
        await Assertions.Expect(row).ToContainTextAsync("cookie");
        await Assertions.Expect(row).ToContainTextAsync("127.0.0.1");
        await Assertions.Expect(row).ToContainTextAsync("agent01");
        await Assertions.Expect(row).ToContainTextAsync("done");
    }

    private static Process Upload(TestArchive archive, string file, params string[] more)
    {
        var start = new ProcessStartInfo("/usr/bin/curl") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-sS", "--ftp-skip-pasv-ip", .. more, "-T", file, $"ftp://agent01:{TestArchive.AgentPassword}@127.0.0.1:{archive.FtpPort}/large.log"])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static long Length(FileInfo file)
    {
        file.Refresh();
        return file.Exists ? file.Length : 0;
    }
}
