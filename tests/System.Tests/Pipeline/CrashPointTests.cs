using System.Globalization;
using System.Text.RegularExpressions;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>
/// A process dies by SIGKILL at each named step of an upload, on either side, and is started again. Before each crash the node
/// rotates, replaces, adds and grows files, so that every step comes about. After it the archive must hold each file byte for
/// byte, each replaced content as one version, and nothing else.
/// </summary>
public sealed partial class CrashPointTests
{
    private const int KilledBySignal = 128 + 9;

    private static readonly string[] AgentSteps =
    [
        "after-connect", "after-list", "before-mkdir", "after-mkdir", "before-compare", "after-compare", "before-rename",
        "after-rename", "before-send", "mid-data:2", "after-send:3", "before-flush", "after-flush", "before-outcome", "after-outcome",
    ];

    private static readonly string[] ArchiveSteps =
    [
        "before-mkdir", "after-mkdir", "before-rename", "after-rename", "before-open", "after-open", "mid-data:2", "before-complete", "after-complete", "before-mfmt",
        "before-fsync", "after-fsync", "before-catalog",
    ];

    [Fact]
    public async Task An_agent_that_dies_at_any_step_ends_with_every_file_once()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var node = new Node(archive.LogFolder("agent01"));
        await RunToTheEndAsync(archive, node, "at first");
        foreach (var step in AgentSteps)
        {
            node.GoOn();

            var (exitCode, output) = await archive.RunAgentToCrashAsync("agent01", $"agent.{step}", "--once", "--set", "log-archive.agent.ftp.connections=1");

            Assert.True(exitCode == KilledBySignal, $"not come to {step}:\n{output}");
            await RunToTheEndAsync(archive, node, step);
        }
    }

    [Fact]
    public async Task An_archive_that_dies_at_any_step_ends_with_every_file_once()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var node = new Node(archive.LogFolder("agent01"));
        await RunToTheEndAsync(archive, node, "at first");
        foreach (var step in ArchiveSteps)
        {
            node.GoOn();
            await archive.KillArchiveAsync();
            await archive.StartArchiveAsync($"archive.{step}");

            // It goes on with the next archive, or gives up before that one is ready: both happen to agents.
            var agent = archive.RunAgentAsync("agent01", "--once", "--set", "log-archive.agent.ftp.connections=1");
            await archive.ArchiveDeathAsync();
            await archive.StartArchiveAsync();
            await agent;
            await RunToTheEndAsync(archive, node, step);
        }
    }

    private static async Task RunToTheEndAsync(TestArchive archive, Node node, string step)
    {
        var (exitCode, output) = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(exitCode == 0, $"after {step}:\n{output}\n{archive.ArchiveOutput}");

        var tree = archive.TreeOf("agent01");
        var versions = Directory.EnumerateFiles(tree).Where(file => VersionStamp().IsMatch(Path.GetFileName(file))).ToList();
        Assert.Equal(node.Replaced.Order(StringComparer.Ordinal), versions.Select(File.ReadAllText).Order(StringComparer.Ordinal));
        Assert.All(versions, file => Assert.StartsWith("report.~", Path.GetFileName(file)));
        var extra = versions.Select(file => $"unknown: {Path.GetFileName(file)}");
        Assert.Equal([], Trees.Differences(node.Folder, tree).Except(extra).Select(difference => $"after {step}: {difference}"));
    }

    [GeneratedRegex(@"\.~\d{8}T\d{6}Z(-\d+)?~")]
    private static partial Regex VersionStamp();

    private sealed class Node(string folder)
    {
        private readonly Random _random = new(7);
        private int _round;
        private string? _report;

        public string Folder { get; } = folder;

        /// <summary>Contents that were archived and then replaced by others.</summary>
        public List<string> Replaced { get; } = [];

        /// <summary>What happens between two runs.</summary>
        public void GoOn()
        {
            _round++;
            for (var i = _round; i >= 0; i--)
            {
                if (File.Exists(Log(i)))
                    File.Move(Log(i), Log(i + 1));
            }

            File.WriteAllBytes(Log(0), SampleLogs.Lines(_random, 5));
            File.AppendAllText(Path.Combine(Folder, "growing.log"), $"round {_round}\n");
            SampleLogs.Write(Path.Combine(Folder, $"new-{_round}", "large.log"), SampleLogs.Lines(_random, 12_000));

            // Longer than before: only a comparison tells that it does not go on where it ended.
            if (_report is not null)
                Replaced.Add(_report);
            _report = string.Create(CultureInfo.InvariantCulture, $"report {_round} {new string('x', _round * 10)}\n");
            File.WriteAllText(Path.Combine(Folder, "report.txt"), _report);
        }

        private string Log(int number) => Path.Combine(Folder, number == 0 ? "app.log" : string.Create(CultureInfo.InvariantCulture, $"app.log.{number}"));
    }
}
