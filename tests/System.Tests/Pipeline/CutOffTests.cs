using System.Net.Http.Json;
using System.Text.Json;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>An agent that is cut off, in each way there is: what the archive tells of it ten seconds later is the truth.</summary>
public sealed class CutOffTests
{
    private const string Agent = "agent01";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Truth = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_agent_that_is_stopped_in_its_tracks_is_silent_and_online_again_when_it_goes_on()
    {
        await using var archive = await TestArchive.StartAsync(Agent);
        await using var agent = archive.StartAgent(Agent);
        await OnlineAsync(archive, agent);

        agent.Suspend();
        var told = await ToldAsync(archive, ["silent", "unreachable"], agent);
        agent.Continue();

        Assert.Contains("has not", told.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("process is stopped", told.GetProperty("toDo").GetString(), StringComparison.Ordinal);
        await OnlineAsync(archive, agent);
        var history = await archive.Http.GetFromJsonAsync<JsonElement>($"/api/v1/agents/{Agent}/history?days=1", TestContext.Current.CancellationToken);
        Assert.Contains("silent", history.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("health").GetString()));
    }

    [Fact]
    public async Task An_agent_that_is_killed_is_not_online()
    {
        await using var archive = await TestArchive.StartAsync(Agent);
        await using var agent = archive.StartAgent(Agent);
        await OnlineAsync(archive, agent);

        await agent.KillAsync();

        Assert.NotEmpty((await ToldAsync(archive, ["silent", "unreachable"], agent)).GetProperty("toDo").GetString()!);
    }

    [Fact]
    public async Task An_agent_whose_cluster_port_is_blocked_is_not_online_and_goes_on_uploading()
    {
        await using var archive = await TestArchive.CreateAsync(Agent);
        await using var toArchive = new TcpGate(archive.ClusterPort);
        var agentPort = LoopbackPort.Free();
        await using var toAgent = new TcpGate(agentPort);
        await archive.StartArchiveAsync(more: [$"log-archive.archive.cluster.public-port={toArchive.Port}"]);
        var config = Path.Combine(archive.Folder, "agent.hocon");
        await File.WriteAllTextAsync(config, $"akka.remote.dot-netty.tcp.public-port = {toAgent.Port}", TestContext.Current.CancellationToken);
        await using var agent = archive.StartAgent(
            Agent, "--config", config, "--set", $"log-archive.agent.cluster.port={agentPort}", "--set", $"log-archive.agent.cluster.seeds=[\"127.0.0.1:{toArchive.Port}\"]");
        await OnlineAsync(archive, agent);

        toArchive.Freeze();
        toAgent.Freeze();
        await ToldAsync(archive, ["silent", "unreachable", "uploads-only"], agent);

        SampleLogs.Write(Path.Combine(archive.LogFolder(Agent), "after.log"), new byte[1000]);
        await TestArchive.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(archive.TreeOf(Agent), "after.log"))), Patience, () => agent.Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_whose_way_to_the_ftp_port_is_blocked_is_failing_although_it_reports(bool isDropped)
    {
        await using var archive = await TestArchive.StartAsync(Agent);
        await using var gate = new TcpGate(archive.FtpPort);
        await using var agent = archive.StartAgent(Agent, "--set", $"log-archive.agent.ftp.port={gate.Port}");
        SampleLogs.Write(Path.Combine(archive.LogFolder(Agent), "a.log"), new byte[1000]);
        await OnlineAsync(archive, agent);
        await TestArchive.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(archive.TreeOf(Agent), "a.log"))), Patience, () => agent.Output);

        // Nothing is to be sent: that nothing can be is found out all the same.
        if (isDropped)
            gate.Freeze();
        else
            gate.Shut();
        var told = await ToldAsync(archive, ["failing"], agent);

        Assert.Equal(isDropped ? "timeout" : "unreachable", told.GetProperty("cause").GetString());
        Assert.Contains("firewall", told.GetProperty("toDo").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_whose_quota_is_used_up_is_failing_until_there_is_room()
    {
        await using var archive = await TestArchive.StartAsync(Agent);
        await using var agent = archive.StartAgent(Agent);
        await OnlineAsync(archive, agent);
        await QuotaAsync(archive, 5000);

        SampleLogs.Write(Path.Combine(archive.LogFolder(Agent), "large.log"), new byte[20_000]);
        var told = await ToldAsync(archive, ["failing"], agent);

        Assert.Equal("over-quota", told.GetProperty("cause").GetString());
        Assert.Contains("Raise the quota", told.GetProperty("toDo").GetString(), StringComparison.Ordinal);
        Assert.Equal(20_000, told.GetProperty("backlogBytes").GetInt64());
        Assert.Equal("large.log", told.GetProperty("details").GetProperty("failures")[0].GetProperty("samplePath").GetString());
        await QuotaAsync(archive, 0);
        await OnlineAsync(archive, agent);
    }

    [Fact]
    public async Task An_agent_explains_a_file_and_compares_with_the_archive_when_asked_from_there()
    {
        await using var archive = await TestArchive.StartAsync(Agent, "agent02");
        var log = Path.Combine(archive.LogFolder(Agent), "a.log");
        SampleLogs.Write(log, new byte[1000]);
        await using var agent = archive.StartAgent(Agent);
        await OnlineAsync(archive, agent);
        await TestArchive.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(archive.TreeOf(Agent), "a.log"))), Patience, () => agent.Output);
        Assert.Equal("never-seen", await archive.HealthOfAsync("agent02"));

        JsonElement explained = default;
        await TestArchive.UntilAsync(
            async () =>
            {
                explained = await archive.Http.GetFromJsonAsync<JsonElement>($"/api/v1/agents/{Agent}/explain?path={Uri.EscapeDataString(log)}");
                return explained.GetProperty("standing").GetString() == "archived";
            },
            Patience,
            () => $"{explained}\n{agent.Output}");
        using (var begun = await archive.Http.PostAsJsonAsync($"/api/v1/agents/{Agent}/verification", new { full = true }, TestContext.Current.CancellationToken))
            Assert.Equal(System.Net.HttpStatusCode.Accepted, begun.StatusCode);
        JsonElement compared = default;
        await TestArchive.UntilAsync(
            async () =>
            {
                using var answer = await archive.Http.GetAsync($"/api/v1/agents/{Agent}/verification");
                compared = await answer.Content.ReadFromJsonAsync<JsonElement>();
                return answer.IsSuccessStatusCode && compared.GetProperty("endedAt").ValueKind == JsonValueKind.String;
            },
            Patience,
            () => $"{compared}\n{agent.Output}");
        Assert.Equal((1, 0), (compared.GetProperty("files").GetInt32(), compared.GetProperty("differences").GetInt32()));
    }

    private static async Task QuotaAsync(TestArchive archive, long bytes)
    {
        using var answer = await archive.Http.PatchAsJsonAsync($"/api/v1/users/{Agent}", new { quotaBytes = bytes });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_file_that_grew_steadily_and_has_stopped_is_told_although_its_agent_is_well()
    {
        await using var archive = await TestArchive.StartAsync(Agent);
        await using var agent = archive.StartAgent(Agent);
        await OnlineAsync(archive, agent);
        var log = Path.Combine(archive.LogFolder(Agent), "worker.log");
        var copy = new FileInfo(Path.Combine(archive.TreeOf(Agent), "worker.log"));

        // A line each half minute, from nine minutes ago on; each is archived before the next is written, so none goes by unseen.
        var at = DateTime.UtcNow - TimeSpan.FromMinutes(9);
        for (var line = 0; line < 9; line++)
        {
            using (var file = File.Open(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Write("a line of a program that works\n"u8);
                file.Flush();
                File.SetLastWriteTimeUtc(file.SafeFileHandle, at += TimeSpan.FromSeconds(30));
            }

            var length = new FileInfo(log).Length;
            await TestArchive.UntilAsync(() => Task.FromResult(LengthOf(copy) == length), Patience, () => agent.Output);
        }

        var told = await ToldAsync(archive, ["silent-file"], agent);

        Assert.Contains("worker.log used to grow at least every 30 s", told.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(told.GetProperty("toDo").GetString()!);
        await File.AppendAllTextAsync(log, "it works again\n", TestContext.Current.CancellationToken);
        await OnlineAsync(archive, agent);
    }

    private static long LengthOf(FileInfo file)
    {
        file.Refresh();
        return file.Exists ? file.Length : -1;
    }

    private static Task OnlineAsync(TestArchive archive, NodeProcess agent) =>
        TestArchive.UntilAsync(async () => await archive.HealthOfAsync(Agent) == "online", Patience, () => agent.Output);

    private static async Task<JsonElement> ToldAsync(TestArchive archive, string[] healths, NodeProcess agent)
    {
        JsonElement told = default;
        await TestArchive.UntilAsync(
            async () =>
            {
                told = await archive.Http.GetFromJsonAsync<JsonElement>($"/api/v1/agents/{Agent}", TestContext.Current.CancellationToken);
                return healths.Contains(told.GetProperty("health").GetString());
            },
            Truth,
            () => $"{told}\n{agent.Output}");
        return told;
    }
}
