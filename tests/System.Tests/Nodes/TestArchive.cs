using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.SystemTests.Nodes;

/// <summary>An archive node and agents around it, in a temporary folder.</summary>
internal sealed class TestArchive : IAsyncDisposable
{
    public const string AdminPassword = "an-Admin-secret-1";
    public const string AgentPassword = "an-Agent-secret-1";

    private readonly List<NodeProcess> _processes = [];
    private readonly HttpClient _http;
    private readonly HttpClient _stranger;
    private NodeProcess? _archive;

    private TestArchive()
    {
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{WebPort}"), Timeout = TimeSpan.FromSeconds(10) };
        _stranger = new HttpClient { BaseAddress = _http.BaseAddress, Timeout = _http.Timeout };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{AdminPassword}")));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("ala-system-").FullName;

    public int FtpPort { get; } = LoopbackPort.Free();

    public int WebPort { get; } = LoopbackPort.Free();

    public int ClusterPort { get; } = LoopbackPort.Free();

    /// <summary>Speaks as the administrator.</summary>
    public HttpClient Http => _http;

    /// <summary>Password of the administrator at the first start; with an empty one the archive makes one up.</summary>
    public string GivenAdminPassword { get; set; } = AdminPassword;

    /// <summary>The command that agents are started by; none in most tests.</summary>
    public IReadOnlyList<string> AgentsRunUnder { get; set; } = [];

    /// <summary>Ports for data; any free one in most tests.</summary>
    public string PassivePorts { get; set; } = "0";

    public string ArchiveOutput => _archive?.Output ?? "";

    /// <summary>Tree of an agent in the archive.</summary>
    public string TreeOf(string agent) => Path.Combine(Folder, "archive", "files", agent);

    /// <summary>A folder for a node's logs, made.</summary>
    public string LogFolder(string agent) => Directory.CreateDirectory(Path.Combine(Folder, "logs", agent)).FullName;

    public static async Task<TestArchive> StartAsync(params string[] agents)
    {
        var test = await CreateAsync(agents);
        await test.StartArchiveAsync();
        return test;
    }

    /// <summary>As <see cref="StartAsync"/>, with the archive still to be started.</summary>
    public static async Task<TestArchive> CreateAsync(params string[] agents)
    {
        var test = new TestArchive();
        var users = agents.ToDictionary(agent => agent, _ => new { passwd = AgentPassword, perm = "elrafmwT" });
        await File.WriteAllTextAsync(Path.Combine(test.Folder, "users.json"), JsonSerializer.Serialize(users));
        return test;
    }

    /// <summary>Starts the archive; <paramref name="crashAt"/> names a step at which it dies, <paramref name="more"/> are settings.</summary>
    public async Task StartArchiveAsync(string? crashAt = null, params string[] more)
    {
        _archive = Track(NodeProcess.Start(
            BuiltPrograms.Dll("src", "ArchiveNode"),
            [
                "--set", $"log-archive.archive.data-dir={Path.Combine(Folder, "archive")}",
                "--set", $"log-archive.archive.users-file={Path.Combine(Folder, "users.json")}",
                "--set", "log-archive.archive.ftp.bind=127.0.0.1",
                "--set", $"log-archive.archive.ftp.port={FtpPort}",
                "--set", $"log-archive.archive.ftp.passive-ports={PassivePorts}",
                "--set", $"log-archive.archive.web.port={WebPort}",
                "--set", $"log-archive.archive.cluster.port={ClusterPort}",
                .. more.SelectMany(setting => new[] { "--set", setting }),
            ],
            new Dictionary<string, string> { ["ALA_ADMIN_PASSWORD"] = GivenAdminPassword, ["ALA_CRASH_AT"] = crashAt ?? "" }));
        await UntilAsync(IsReadyAsync, TimeSpan.FromSeconds(60), () => $"the archive is not ready:\n{ArchiveOutput}");
    }

    /// <summary>Runs <c>check</c> on the archive's data, beside it or after its end.</summary>
    public Task<(int ExitCode, string Output)> CheckAsync(params string[] more) => NodeProcess.RunAsync(
        BuiltPrograms.Dll("src", "ArchiveNode"), ["check", .. more, "--set", $"log-archive.archive.data-dir={Path.Combine(Folder, "archive")}"], new Dictionary<string, string>());

    public Task KillArchiveAsync() => _archive!.KillAsync();

    /// <summary>Waits until the archive has died by itself.</summary>
    public Task ArchiveDeathAsync() => UntilAsync(() => Task.FromResult(_archive!.HasExited), TimeSpan.FromSeconds(30), () => $"the archive still lives:\n{ArchiveOutput}");

    public Task<int> StopArchiveAsync() => _archive!.StopAsync(TimeSpan.FromSeconds(30));

    /// <summary>Settings of an agent that watches its log folder.</summary>
    public List<string> AgentArguments(string agent, params string[] more) =>
    [
        "--set", $"log-archive.agent.id={agent}",
        "--set", $"log-archive.agent.data-dir={Path.Combine(Folder, "agents", agent)}",
        "--set", $"log-archive.agent.logs=[{{ path = \"{LogFolder(agent)}\" }}]",
        "--set", "log-archive.agent.scan-interval=1s",
        "--set", $"log-archive.agent.ftp.port={FtpPort}",
        "--set", "log-archive.agent.ftp.max-backoff=2s",
        "--set", $"log-archive.agent.cluster.seeds=[\"127.0.0.1:{ClusterPort}\"]",
        .. more,
    ];

    public NodeProcess StartAgent(string agent, params string[] more) =>
        Track(NodeProcess.Start(BuiltPrograms.Dll("src", "AgentNode"), AgentArguments(agent, more), PasswordEnvironment, AgentsRunUnder));

    /// <summary>Starts an agent whose folders are in a file of settings, or that has none.</summary>
    public NodeProcess StartAgentWith(string agent, string? config, IReadOnlyDictionary<string, string>? environment = null) => Track(NodeProcess.Start(
        BuiltPrograms.Dll("src", "AgentNode"),
        config is null ? AgentArguments(agent) : ArgumentsWith(agent, config),
        PasswordEnvironment.Concat(environment ?? new Dictionary<string, string>()).ToDictionary()));

    /// <summary>Asks why a file is not archived, of an agent whose folders are in a file of settings.</summary>
    public Task<(int ExitCode, string Output)> ExplainAsync(string agent, string config, string path) =>
        NodeProcess.RunAsync(BuiltPrograms.Dll("src", "AgentNode"), ["explain", path, .. ArgumentsWith(agent, config)], PasswordEnvironment);

    public Task<(int ExitCode, string Output)> RunAgentAsync(string agent, params string[] more) =>
        NodeProcess.RunAsync(BuiltPrograms.Dll("src", "AgentNode"), AgentArguments(agent, more), PasswordEnvironment, under: AgentsRunUnder);

    /// <summary>Runs an agent that dies at a named step.</summary>
    public Task<(int ExitCode, string Output)> RunAgentToCrashAsync(string agent, string crashAt, params string[] more) => NodeProcess.RunAsync(
        BuiltPrograms.Dll("src", "AgentNode"), AgentArguments(agent, more), new Dictionary<string, string>(PasswordEnvironment) { ["ALA_CRASH_AT"] = crashAt });

    /// <summary>Health of an agent as the REST route tells it; null when it is not listed or the archive does not answer.</summary>
    public async Task<string?> HealthOfAsync(string agent)
    {
        try
        {
            using var agents = JsonDocument.Parse(await _http.GetStringAsync("/api/v1/agents"));
            return agents.RootElement.GetProperty("agents").EnumerateArray()
                .FirstOrDefault(item => item.GetProperty("id").GetString() == agent) is { ValueKind: JsonValueKind.Object } found
                ? found.GetProperty("health").GetString()
                : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>Waits until <paramref name="condition"/> holds, looking again and again.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan timeout, Func<string> otherwise)
    {
        using var deadline = new CancellationTokenSource(timeout);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
        {
            try
            {
                await look.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail(otherwise());
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _stranger.Dispose();
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private List<string> ArgumentsWith(string agent, string config)
    {
        var arguments = AgentArguments(agent);
        foreach (var inFile in new[] { "log-archive.agent.logs=", "log-archive.agent.scan-interval=" })
            arguments.RemoveRange(arguments.FindIndex(argument => argument.StartsWith(inFile, StringComparison.Ordinal)) - 1, 2);
        return [.. arguments, "--config", config];
    }

    private static Dictionary<string, string> PasswordEnvironment { get; } = new() { ["ALA_FTP_PASSWORD"] = AgentPassword };

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_archive!.HasExited, $"the archive ended:\n{ArchiveOutput}");
        try
        {
            // Without a password: where the archive has made one up, ours would be a wrong one, and be counted.
            using var answer = await _stranger.GetAsync("/health/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private NodeProcess Track(NodeProcess process)
    {
        _processes.Add(process);
        return process;
    }
}
