using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

public sealed class VerifyTests
{
    [Fact]
    public async Task Verify_tells_each_difference_between_node_and_archive()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        SampleLogs.WriteTree(logs, files: 60, seed: 11);
        foreach (var name in new[] { "lost.log", "short.log", "long.log", "other.log", "gone.log", "gone-lost.log" })
            SampleLogs.Write(Path.Combine(logs, "sub folder", name), "twelve bytes"u8.ToArray());
        Assert.Equal(0, (await archive.RunAgentAsync("agent01", "--once")).ExitCode);
        File.Delete(Path.Combine(logs, "sub folder", "gone.log"));
        File.Delete(Path.Combine(logs, "sub folder", "gone-lost.log"));

        foreach (var arguments in new string[][] { ["verify"], ["verify", "--full"] })
        {
            var (exitCode, output) = await archive.RunAgentAsync("agent01", arguments);
            Assert.True(exitCode == 0, output);
            Assert.Contains("2 files that are gone from the node by size: nothing differs", output, StringComparison.Ordinal);
        }

        var tree = Path.Combine(archive.TreeOf("agent01"), "sub folder");
        File.Delete(Path.Combine(tree, "lost.log"));
        File.Delete(Path.Combine(tree, "gone-lost.log"));
        await File.WriteAllTextAsync(Path.Combine(tree, "short.log"), "twelve", TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(Path.Combine(tree, "long.log"), "more", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(tree, "other.log"), "TWELVE BYTES", TestContext.Current.CancellationToken);

        var bySize = await archive.RunAgentAsync("agent01", "verify");
        var byContent = await archive.RunAgentAsync("agent01", "verify", "--full");

        string[] expected = ["missing 12 gone-lost.log", "longer 4 long.log", "missing 12 lost.log", "shorter 6 short.log"];
        Assert.Equal((1, 1), (bySize.ExitCode, byContent.ExitCode));
        Assert.Equal(expected, Differences(bySize.Output));
        Assert.Equal([.. expected[..3], "differs 12 other.log", expected[3]], Differences(byContent.Output));
    }

    [Fact]
    public async Task Verify_beside_a_running_agent_counts_what_is_pending_as_no_difference()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        SampleLogs.Write(Path.Combine(logs, "a.log"), "first\n"u8.ToArray());
        await using var agent = archive.StartAgent("agent01", "--set", "log-archive.agent.settle=1h");
        await TestArchive.UntilAsync(
            async () => (await archive.RunAgentAsync("agent01", "verify", "--set", "log-archive.agent.settle=1h")) is { ExitCode: 0 } verified && verified.Output.Contains("1 file pending", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            () => agent.Output);

        var (exitCode, output) = await archive.RunAgentAsync("agent01", "verify");

        Assert.True(exitCode == 0, output);
        Assert.Equal(["pending 6 a.log"], Differences(output));
    }

    private static string[] Differences(string output) =>
    [
        .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Contains(".log: ", StringComparison.Ordinal))
            .Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)])
            .Select(line => $"{line[..12].TrimEnd()} {line[13..25].Trim()} {Path.GetFileName(line[26..])}")
            .Order(StringComparer.Ordinal)
            .OrderBy(line => line[(line.LastIndexOf(' ') + 1)..], StringComparer.Ordinal),
    ];
}
