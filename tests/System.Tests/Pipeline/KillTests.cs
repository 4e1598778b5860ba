using System.Net;
using System.Net.Sockets;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

public sealed class KillTests
{
    [Fact]
    public async Task Agents_killed_at_random_moments_end_with_an_identical_tree_and_no_duplicates()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        SampleLogs.WriteTree(logs, files: 2000, seed: 11);
        var files = Directory.EnumerateFiles(logs, "*", SearchOption.AllDirectories).Count();
        var random = new Random(12);

        for (var kill = 0; kill < 5; kill++)
        {
            // Killed once a random share of what is left has arrived: in the middle of the work, whatever the machine's speed.
            var tree = archive.TreeOf("agent01");
            var target = Count(tree) + random.Next(1, Math.Max(2, (files - Count(tree)) / 3));
            await using var agent = archive.StartAgent("agent01", "--once");
            await TestArchive.UntilAsync(() => Task.FromResult(Count(tree) >= target || agent.HasExited), TimeSpan.FromMinutes(2), () => $"{Count(tree)} of {target} files arrived:\n{agent.Output}");
            await agent.KillAsync();
        }

        var last = await archive.RunAgentAsync("agent01", "--once");

        Assert.True(last.ExitCode == 0, last.Output);
        Assert.Equal([], Trees.Differences(logs, archive.TreeOf("agent01")));
    }

    [Fact]
    public async Task A_killed_archive_comes_back_to_its_agents_and_uploads_go_on()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        SampleLogs.WriteTree(logs, files: 50, seed: 21);
        var agent = archive.StartAgent("agent01");
        await UntilOnlineAsync(archive, agent, TimeSpan.FromSeconds(60));

        await archive.KillArchiveAsync();
        SampleLogs.Write(Path.Combine(logs, "while-down.log"), "written while the archive was down\n"u8.ToArray());
        await archive.StartArchiveAsync();

        await UntilOnlineAsync(archive, agent, TimeSpan.FromSeconds(30));
        await UntilSameAsync(archive, logs, agent);
        Assert.Equal(0, await agent.StopAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task An_archive_that_is_down_for_a_minute_is_tried_now_and_then_and_gets_all_that_happened_meanwhile()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        SampleLogs.WriteTree(logs, files: 50, seed: 31);
        SampleLogs.Write(Path.Combine(logs, "app.log"), "before\n"u8.ToArray());
        await using var agent = archive.StartAgent("agent01");
        await UntilSameAsync(archive, logs, agent);

        await archive.KillArchiveAsync();
        var attempts = 0;
        using (var port = new TcpListener(IPAddress.Loopback, archive.FtpPort))
        {
            port.Start();
            await File.AppendAllTextAsync(Path.Combine(logs, "app.log"), "while down\n", TestContext.Current.CancellationToken);
            File.Move(Path.Combine(logs, "app.log"), Path.Combine(logs, "app.log.1"));
            SampleLogs.Write(Path.Combine(logs, "app.log"), "after the rotation\n"u8.ToArray());
            SampleLogs.WriteTree(Path.Combine(logs, "new"), files: 50, seed: 32);
            using var minute = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            minute.CancelAfter(TimeSpan.FromMinutes(1));
            try
            {
                while (true)
                {
                    (await port.AcceptSocketAsync(minute.Token)).Dispose();
                    attempts++;
                }
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                // Back again.
            }
        }

        // Four connections, each waits up to max-backoff = 2 s, a quarter more or less.
        Assert.InRange(attempts, 10, 4 * 60);
        await archive.StartArchiveAsync();
        await UntilSameAsync(archive, logs, agent);
        Assert.Equal("before\nwhile down\n", await File.ReadAllTextAsync(Path.Combine(archive.TreeOf("agent01"), "app.log.1"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_killed_agent_is_shown_unreachable_and_online_again_after_its_start()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var agent = archive.StartAgent("agent01");
        await UntilOnlineAsync(archive, agent, TimeSpan.FromSeconds(60));

        await agent.KillAsync();
        await TestArchive.UntilAsync(async () => await archive.HealthOfAsync("agent01") == "unreachable", TimeSpan.FromSeconds(40), () => "never shown as unreachable");

        await UntilOnlineAsync(archive, archive.StartAgent("agent01"), TimeSpan.FromSeconds(60));
    }

    private static Task UntilSameAsync(TestArchive archive, string logs, NodeProcess agent) => TestArchive.UntilAsync(
        () => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0),
        TimeSpan.FromSeconds(60),
        () => $"{string.Join('\n', Trees.Differences(logs, archive.TreeOf("agent01")))}\n{agent.Output}");

    private static Task UntilOnlineAsync(TestArchive archive, NodeProcess agent, TimeSpan timeout) => TestArchive.UntilAsync(
        async () => await archive.HealthOfAsync("agent01") == "online",
        timeout,
        () => $"the agent is not online.\nAgent:\n{agent.Output}\nArchive:\n{archive.ArchiveOutput}");

    private static int Count(string folder) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count() : 0;
}
