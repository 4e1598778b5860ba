using System.Globalization;
using System.Text.RegularExpressions;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

public sealed partial class OnceTests
{
    [Fact]
    public async Task A_tree_ends_byte_identical_and_later_runs_send_only_what_is_new()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        SampleLogs.WriteTree(logs, files: 400, seed: 1);

        var first = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(first.ExitCode == 0, first.Output);
        Assert.Equal([], Trees.Differences(logs, archive.TreeOf("agent01")));
        Assert.Equal(SizeOf(logs), SentBy(first.Output));

        var second = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(second.ExitCode == 0, second.Output);
        Assert.Equal(0, SentBy(second.Output));

        var random = new Random(2);
        long added = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(logs, "Logs"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(10))
        {
            var more = SampleLogs.Lines(random, 3);
            await using var stream = new FileStream(file, FileMode.Append);
            await stream.WriteAsync(more, TestContext.Current.CancellationToken);
            added += more.Length;
        }

        for (var i = 0; i < 5; i++)
        {
            var content = SampleLogs.Lines(random, 10);
            SampleLogs.Write(Path.Combine(logs, "later", $"new-{i}.log"), content);
            added += content.Length;
        }

        var third = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(third.ExitCode == 0, third.Output);
        Assert.Equal(added, SentBy(third.Output));
        Assert.Equal([], Trees.Differences(logs, archive.TreeOf("agent01")));
    }

    [Fact]
    public async Task Renames_truncation_and_replacement_keep_every_byte_that_was_archived()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        var random = new Random(3);
        byte[] oldest = SampleLogs.Lines(random, 50), older = SampleLogs.Lines(random, 40), current = SampleLogs.Lines(random, 30), fresh = SampleLogs.Lines(random, 5);
        SampleLogs.Write(Path.Combine(logs, "app.log.1"), oldest);
        SampleLogs.Write(Path.Combine(logs, "app.log"), older);
        SampleLogs.Write(Path.Combine(logs, "truncated.log"), current);
        Assert.Equal(0, (await archive.RunAgentAsync("agent01", "--once")).ExitCode);

        File.Move(Path.Combine(logs, "app.log.1"), Path.Combine(logs, "app.log.2"));
        File.Move(Path.Combine(logs, "app.log"), Path.Combine(logs, "app.log.1"));
        SampleLogs.Write(Path.Combine(logs, "app.log"), fresh);
        SampleLogs.Write(Path.Combine(logs, "truncated.log"), fresh);
        var second = await archive.RunAgentAsync("agent01", "--once");

        Assert.True(second.ExitCode == 0, second.Output);
        Assert.Equal(2 * fresh.Length, SentBy(second.Output));
        var tree = archive.TreeOf("agent01");
        Assert.Equal(oldest, await File.ReadAllBytesAsync(Path.Combine(tree, "app.log.2"), TestContext.Current.CancellationToken));
        Assert.Equal(older, await File.ReadAllBytesAsync(Path.Combine(tree, "app.log.1"), TestContext.Current.CancellationToken));
        var version = Assert.Single(Directory.GetFiles(tree), file => VersionName().IsMatch(Path.GetFileName(file)));
        Assert.StartsWith("truncated.~", Path.GetFileName(version));
        Assert.Equal(current, await File.ReadAllBytesAsync(version, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_cannot_be_archived_is_named_and_ends_with_1()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        SampleLogs.Write(Path.Combine(archive.LogFolder("agent01"), "a.log"), "a\n"u8.ToArray());

        var refused = await archive.RunAgentAsync("agent01", "--once", "--set", "log-archive.agent.ftp.user=nobody");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("1 files left", refused.Output);
        Assert.Contains("nobody", refused.Output);
        Assert.DoesNotContain(TestArchive.AgentPassword, refused.Output);
    }

    [Theory]
    [InlineData("AgentNode", "log-archive.agent.ftp.port=0")]
    [InlineData("AgentNode", "log-archive.agent.logs=[{ path = /x, include = [\"a[\"] }]")]
    [InlineData("ArchiveNode", "log-archive.archive.web.bind=nowhere")]
    [InlineData("ArchiveNode", "log-archive.archive.web.bind=0.0.0.0")]
    public async Task A_bad_setting_ends_with_2_and_one_line(string project, string set)
    {
        var (exitCode, output) = await NodeProcess.RunAsync(BuiltPrograms.Dll("src", project), ["--set", set]);

        Assert.Equal(2, exitCode);
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(set[..set.IndexOf('=', StringComparison.Ordinal)], output);
    }

    private static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static long SentBy(string output) => long.Parse(SentBytes().Match(output).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) bytes sent")]
    private static partial Regex SentBytes();

    [GeneratedRegex(@"\.~\d{8}T\d{6}Z~")]
    private static partial Regex VersionName();
}
