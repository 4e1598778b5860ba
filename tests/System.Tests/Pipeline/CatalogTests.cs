using System.Net;
using System.Text.Json;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>Whether catalog and tree agree, for a reader and for <c>check</c>, whatever happens to the archive.</summary>
public sealed class CatalogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_killed_during_uploads_shows_the_tree_as_it_is_from_its_first_answer_on()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        SampleLogs.WriteTree(logs, files: 1500, seed: 41);
        await using var agent = archive.StartAgent("agent01");
        var tree = archive.TreeOf("agent01");
        for (var kill = 1; kill <= 3; kill++)
        {
            var target = kill * 250;
            await TestArchive.UntilAsync(() => Task.FromResult(Count(tree) >= target), TimeSpan.FromMinutes(2), () => $"{Count(tree)} of {target} files arrived:\n{agent.Output}");
            await archive.KillArchiveAsync();
            await archive.StartArchiveAsync();

            // Uploads go on, so the disk is looked at before and after: what was there before the question must be in the answer.
            foreach (var folder in Directory.EnumerateDirectories(tree, "*", SearchOption.AllDirectories).Take(5).Append(tree))
            {
                var before = Names(folder);
                var told = await ListAsync(archive, folder == tree ? "/agent01" : "/agent01/" + Path.GetRelativePath(tree, folder));
                Assert.Subset(told, before);
                Assert.Subset(Names(folder), told);
            }
        }

        await TestArchive.UntilAsync(
            () => Task.FromResult(Trees.Differences(logs, tree).Count == 0), TimeSpan.FromMinutes(2), () => $"{string.Join('\n', Trees.Differences(logs, tree).Take(5))}\n{agent.Output}");
        var beside = await archive.CheckAsync("--full");
        Assert.Equal(0, await agent.StopAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, await archive.StopArchiveAsync());
        var alone = await archive.CheckAsync("--full");

        Assert.True(beside.ExitCode == 0, beside.Output);
        Assert.True(alone.ExitCode == 0, alone.Output);
        Assert.Contains("catalog and files agree", alone.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_names_what_is_missing_differs_and_is_unknown_and_a_rebuild_mends_it()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        foreach (var name in (string[])["gone.log", "flipped.log", "kept.log"])
            SampleLogs.Write(Path.Combine(logs, name), "some bytes\n"u8.ToArray());
        var run = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(run.ExitCode == 0, run.Output);
        var clean = await archive.CheckAsync("--full");

        File.Delete(Path.Combine(archive.TreeOf("agent01"), "gone.log"));
        await File.WriteAllTextAsync(Path.Combine(archive.TreeOf("agent01"), "unknown.log"), "nobody told", Cancel);
        var flipped = Path.Combine(archive.TreeOf("agent01"), "flipped.log");
        var time = File.GetLastWriteTimeUtc(flipped);
        await File.WriteAllTextAsync(flipped, "Some bytes\n", Cancel);
        File.SetLastWriteTimeUtc(flipped, time);
        var quick = await archive.CheckAsync();
        var full = await archive.CheckAsync("--full");

        using var begun = await archive.Http.PostAsync("/api/v1/catalog/rebuild", null, Cancel);
        await TestArchive.UntilAsync(
            async () => (await archive.CheckAsync()).ExitCode == 0, TimeSpan.FromMinutes(1), () => "the rebuild mends nothing");

        Assert.True(clean.ExitCode == 0, clean.Output);
        Assert.Equal(1, quick.ExitCode);
        Assert.Contains("missing  /agent01/gone.log", quick.Output, StringComparison.Ordinal);
        Assert.Contains("unknown  /agent01/unknown.log", quick.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("flipped.log", quick.Output, StringComparison.Ordinal);
        Assert.Contains("differs  /agent01/flipped.log (XXH128 is", full.Output, StringComparison.Ordinal);
        Assert.Equal(202, (int)begun.StatusCode);
    }

    [Fact]
    public async Task What_an_agent_archived_is_verified_with_its_time_and_known_whole_when_it_grew()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var log = Path.Combine(archive.LogFolder("agent01"), "app.log");
        SampleLogs.Write(log, "first\n"u8.ToArray());
        Assert.Equal(0, (await archive.RunAgentAsync("agent01", "--once")).ExitCode);
        await File.AppendAllTextAsync(log, "second\n", Cancel);
        Assert.Equal(0, (await archive.RunAgentAsync("agent01", "--once")).ExitCode);
        var whole = await archive.CheckAsync("--full");

        using var file = JsonDocument.Parse(await archive.Http.GetStringAsync("/api/v1/files/metadata?path=/agent01/app.log", Cancel));

        Assert.Equal((13, 13), (file.RootElement.GetProperty("size").GetInt32(), file.RootElement.GetProperty("verifiedSize").GetInt32()));
        Assert.True(DateTimeOffset.UtcNow - file.RootElement.GetProperty("verified").GetDateTimeOffset() < TimeSpan.FromMinutes(5));
        Assert.Contains("13 bytes compared by size and hash: catalog and files agree", whole.Output, StringComparison.Ordinal);

        // Not only its size is known of what came behind.
        var archived = Path.Combine(archive.TreeOf("agent01"), "app.log");
        await File.WriteAllTextAsync(archived, "first\nsecONd\n", Cancel);
        var damaged = await archive.CheckAsync("--full");
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("differs  /agent01/app.log (CRC-64 of the bytes from 6 to 13", damaged.Output, StringComparison.Ordinal);
    }

    private static async Task<HashSet<string>> ListAsync(TestArchive archive, string path)
    {
        var names = new HashSet<string>();
        for (var skip = 0; ; skip += 1000)
        {
            using var page = JsonDocument.Parse(await AnswerAsync(archive, $"/api/v1/files?take=1000&skip={skip}&path={Uri.EscapeDataString(path)}"));
            var files = page.RootElement.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("name").GetString()!).ToList();
            names.UnionWith(files.Where(name => !name.Contains(".~", StringComparison.Ordinal)));
            if (files.Count < 1000)
                return names;
        }
    }

    // Just started, the accounts may not be read yet: then nobody is let in, and nothing is told.
    private static async Task<string> AnswerAsync(TestArchive archive, string address)
    {
        var text = "";
        await TestArchive.UntilAsync(
            async () =>
            {
                using var answer = await archive.Http.GetAsync(address, Cancel);
                text = await answer.Content.ReadAsStringAsync(Cancel);
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {text}");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            TimeSpan.FromMinutes(1),
            () => $"{address} is not answered: {text}\n{archive.ArchiveOutput}");
        return text;
    }

    // A version that turns out to be the beginning of what is uploaded anew gets its name back at once.
    private static HashSet<string> Names(string folder) => [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Where(name => !name.Contains(".~", StringComparison.Ordinal))];

    private static int Count(string folder) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count() : 0;
}
