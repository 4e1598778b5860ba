using System.Net;
using System.Net.Http.Json;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>What <c>explain</c> answers an operator, of a running agent and by the command itself.</summary>
public sealed class ExplainTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_a_rule_keeps_out_is_told_by_which_one_and_what_to_change()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        var config = Path.Combine(archive.Folder, "agent.hocon");
        await File.WriteAllTextAsync(config, $$"""
            log-archive.agent {
              logs = [{ path = "{{logs}}", include = ["**/*.log"], exclude = ["**/debug-*"] }, { path = "{{logs}}-slow", settle = 1h }]
              scan-interval = 1s
              max-file-size = 1MB
              ignore-older-than = 30d
              max-depth = 2
            }
            """, Stop);
        SampleLogs.Write(Path.Combine(logs, "app.log"), "archived\n"u8.ToArray());
        SampleLogs.Write(Path.Combine(logs, "notes.txt"), "no pattern\n"u8.ToArray());
        SampleLogs.Write(Path.Combine(logs, "debug-app.log"), "excluded\n"u8.ToArray());
        SampleLogs.Write(Path.Combine(logs, "a", "b", "c", "deep.log"), "too deep\n"u8.ToArray());
        SampleLogs.Write(Path.Combine(logs, "large.log"), new byte[2 << 20]);
        SampleLogs.Write(Path.Combine(logs, "old.log"), "old\n"u8.ToArray());
        File.SetLastWriteTimeUtc(Path.Combine(logs, "old.log"), DateTime.UtcNow.AddDays(-40));
        SampleLogs.Write(Path.Combine(logs + "-slow", "settling.log"), "not quiet yet\n"u8.ToArray());
        SampleLogs.Write(Path.Combine(archive.Folder, "elsewhere.log"), "not watched\n"u8.ToArray());
        File.CreateSymbolicLink(Path.Combine(logs, "dangling.log"), Path.Combine(logs, "nothing.log"));
        Directory.CreateSymbolicLink(Path.Combine(logs, "linked.log"), archive.Folder);
        await using var agent = archive.StartAgentWith("agent01", config);
        await TestArchive.UntilAsync(
            async () => (await archive.ExplainAsync("agent01", config, Path.Combine(logs, "app.log"))).ExitCode == 0, TimeSpan.FromSeconds(60), () => agent.Output);

        (string Path, int ExitCode, string Why, string? ToDo)[] expected =
        [
            ("app.log", 0, "it is archived: 9 bytes", null),
            ("notes.txt", 1, "include", "add a pattern that matches it"),
            ("debug-app.log", 1, "**/debug-*", "remove the exclude pattern"),
            ("a/b/c/deep.log", 1, "max-depth", "raise max-depth"),
            ("large.log", 1, "max-file-size", "raise max-file-size"),
            ("old.log", 1, "ignore-older-than", "raise ignore-older-than"),
            ("dangling.log", 1, "link", "make the link lead to a file"),
            ("linked.log", 1, "link", "add the folder behind the link"),
            ("linked.log/elsewhere.log", 1, "link", "add the folder behind the link"),
            ("../elsewhere.log", 1, "not", "add its folder to log-archive.agent.logs"),
            ("../agent01-slow/settling.log", 1, "settle = 60 min", "settle = 0s"),
            ("nothing.log", 1, "the ledger has never seen it", "check the spelling"),
        ];
        foreach (var (path, exitCode, why, toDo) in expected)
        {
            var told = await archive.ExplainAsync("agent01", config, Path.GetFullPath(Path.Combine(logs, path)));
            Assert.True(told.ExitCode == exitCode, $"{path} exits {told.ExitCode}: {told.Output}");
            Assert.Contains(why, told.Output.Split('\n')[0]);
            Assert.True(toDo is null ? !told.Output.Contains("to do:") : told.Output.Contains($"to do: {toDo}") || told.Output.Contains(toDo), $"{path}: {told.Output}");
        }
    }

    [Fact]
    public async Task A_file_that_the_archive_does_not_take_is_told_why_and_what_to_do_there()
    {
        // The last trouble is the end of the archive.
        (string Trouble, string Why, string ToDo)[] expected =
        [
            ("quota", "quota", "raise it on the archive"),
            ("permissions", "550", "needs the permissions"),
            ("disabled", "530", "check ftp.user and the password"),
            ("paused", "uploads are paused", "resume them from the archive"),
            ("down", "no connection to", "check that the archive runs at"),
        ];
        await using var archive = await TestArchive.StartAsync([.. expected.Index().Select(item => $"agent0{item.Index}")]);
        foreach (var (index, (trouble, why, toDo)) in expected.Index())
        {
            var agent = $"agent0{index}";
            var log = Path.Combine(archive.LogFolder(agent), "app.log");
            await using var process = archive.StartAgent(agent);
            await TestArchive.UntilAsync(async () => await archive.HealthOfAsync(agent) == "online", TimeSpan.FromSeconds(60), () => process.Output);
            await MakeAsync(archive, agent, trouble);
            SampleLogs.Write(log, new byte[100_000]);

            var (exitCode, told) = (0, "");
            await TestArchive.UntilAsync(
                async () =>
                {
                    (exitCode, told) = await archive.RunAgentAsync(agent, ["explain", log]);
                    return told.Split('\n')[0].Contains(why);
                },
                TimeSpan.FromSeconds(60),
                () => $"{trouble}: {told}\n{process.Output}");

            Assert.Equal((trouble, 1), (trouble, exitCode));
            Assert.Contains("100000 bytes are on this node only", told);
            Assert.Contains(toDo, told);
        }
    }

    [Fact]
    public async Task After_a_single_run_that_failed_the_reason_is_told_although_no_agent_runs()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var log = Path.Combine(archive.LogFolder("agent01"), "app.log");
        SampleLogs.Write(log, new byte[100_000]);
        await MakeAsync(archive, "agent01", "quota");
        var run = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(run.ExitCode == 1, run.Output);

        var (_, told) = await archive.RunAgentAsync("agent01", ["explain", log]);

        Assert.Contains("no agent is running", told);
        Assert.Contains("quota", told.Split('\n')[0]);
        Assert.Contains("raise it on the archive", told);
    }

    private static async Task MakeAsync(TestArchive archive, string agent, string trouble)
    {
        if (trouble == "down")
        {
            await archive.KillArchiveAsync();
            return;
        }

        // An agent that reports may not have joined the cluster yet, and a command goes through it: 503 until then.
        var refusal = "";
        await TestArchive.UntilAsync(
            async () =>
            {
                using var answer = trouble switch
                {
                    "quota" => await archive.Http.PatchAsJsonAsync($"/api/v1/users/{agent}", new { quotaBytes = 1000 }, Stop),
                    "permissions" => await archive.Http.PatchAsJsonAsync($"/api/v1/users/{agent}", new { permissions = "elr" }, Stop),
                    "disabled" => await archive.Http.PatchAsJsonAsync($"/api/v1/users/{agent}", new { disabled = true }, Stop),
                    _ => await archive.Http.PostAsJsonAsync($"/api/v1/agents/{agent}/commands", new { command = "pause" }, Stop),
                };
                refusal = await answer.Content.ReadAsStringAsync(Stop);
                Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.ServiceUnavailable, refusal);
                return answer.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(60),
            () => refusal);
    }
}
