using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>An agent under a service manager: settings read again, notifications, the unit.</summary>
public sealed class ServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Settings_are_taken_over_on_SIGHUP_or_refused_with_the_reason_while_uploads_go_on()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        var second = Directory.CreateDirectory(Path.Combine(archive.Folder, "logs", "second")).FullName;
        SampleLogs.WriteTree(logs, files: 500, seed: 31);
        await File.WriteAllTextAsync(Path.Combine(second, "b.log"), "of the second folder\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(second, "b.tmp"), "left out\n", TestContext.Current.CancellationToken);
        var config = Path.Combine(archive.Folder, "agent.conf");
        var one = $$"""log-archive.agent { scan-interval = 1s, logs = [{ path = "{{logs}}" }] }""";
        await File.WriteAllTextAsync(config, one, TestContext.Current.CancellationToken);
        var agent = archive.StartAgentWith("agent01", config);
        await UntilAsync(() => Directory.Exists(archive.TreeOf("agent01")) && Directory.EnumerateFiles(archive.TreeOf("agent01"), "*", SearchOption.AllDirectories).Any(), agent);

        await File.WriteAllTextAsync(config, one.Replace("1s", "soon", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        agent.HangUp();
        await UntilAsync(() => agent.Output.Contains("the old settings stay: log-archive.agent.scan-interval", StringComparison.Ordinal), agent);

        await File.WriteAllTextAsync(config, one.Replace("{ scan", "{ cluster.port = 7, scan", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        agent.HangUp();
        await UntilAsync(() => agent.Output.Contains("log-archive.agent.cluster.port needs a restart", StringComparison.Ordinal), agent);

        // Noticed without a signal.
        var both = $$"""log-archive.agent { scan-interval = 1s, ftp.connections = 2, logs = [{ path = "{{logs}}" }, { path = "{{second}}", name = "second", exclude = ["**/*.tmp"] }] }""";
        await File.WriteAllTextAsync(config + ".new", both, TestContext.Current.CancellationToken);
        File.Move(config + ".new", config, overwrite: true);

        await UntilAsync(() => agent.Output.Contains("Settings applied: 2 folders", StringComparison.Ordinal), agent);
        await UntilAsync(() => File.Exists(Path.Combine(archive.TreeOf("agent01"), "second", "b.log")), agent);
        await UntilAsync(() => Trees.Differences(logs, archive.TreeOf("agent01")).All(difference => difference.Contains("second", StringComparison.Ordinal)), agent);
        Assert.False(File.Exists(Path.Combine(archive.TreeOf("agent01"), "second", "b.tmp")));
        Assert.Equal(0, await agent.StopAsync(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_service_manager_hears_when_the_agent_is_ready_alive_and_stopping(bool isAbstract)
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var name = isAbstract ? $"ala-notify-{Guid.NewGuid():N}" : Path.Combine(archive.Folder, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name : name));
        var told = new ConcurrentQueue<string>();
        var listening = Task.Run(() => Listen(manager, told), TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = isAbstract ? "@" + name : name, ["WATCHDOG_USEC"] = "1000000" };

        var agent = archive.StartAgentWith("agent01", config: null, environment);

        await UntilAsync(() => told.Count(text => text == "WATCHDOG=1") >= 3, agent);
        Assert.Equal("READY=1", told.First());
        Assert.Contains(told, text => text.StartsWith("STATUS=0 files archived, 0 pending", StringComparison.Ordinal));
        Assert.Equal(0, await agent.StopAsync(TimeSpan.FromSeconds(30)));
        await UntilAsync(() => told.Contains("STOPPING=1"), agent);
        manager.Close();
        await listening;
    }

    [Fact]
    public async Task The_unit_that_is_printed_starts_this_agent_and_shows_no_password()
    {
        var (exit, unit) = await NodeProcess.RunAsync(
            BuiltPrograms.Dll("src", "AgentNode"),
            ["--print-service", "--set", "log-archive.agent.data-dir=/var/lib/log archive", "--set", "log-archive.agent.ftp.password=very-secret", "--set", "log-archive.agent.ftp.user=a%b"]);

        Assert.Equal(0, exit);
        Assert.Contains("Type=notify", unit, StringComparison.Ordinal);
        Assert.Contains($"{BuiltPrograms.Dll("src", "AgentNode")} run --set \"log-archive.agent.data-dir=/var/lib/log archive\" --set log-archive.agent.ftp.user=a%%b", unit, StringComparison.Ordinal);
        Assert.Contains("ReadWritePaths=\"/var/lib/log archive\"", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", unit, StringComparison.Ordinal);
    }

    private static void Listen(Socket manager, ConcurrentQueue<string> told)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                told.Enqueue(Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer)));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The spec is over.
        }
    }

    private static Task UntilAsync(Func<bool> condition, NodeProcess agent) =>
        TestArchive.UntilAsync(() => Task.FromResult(condition()), Patience, () => $"it did not come to that:\n{agent.Output}");
}
