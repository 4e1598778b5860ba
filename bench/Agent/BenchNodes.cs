using System.Diagnostics;
using System.Text.Json;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.Ftp.Client;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.Bench;

/// <summary>An archive node as a process, and an agent's actors in this one, in a temporary folder.</summary>
public sealed class BenchNodes : IAsyncDisposable
{
    /// <summary>The agent's id and account.</summary>
    public const string Agent = "bench";

    /// <summary>The password of the account.</summary>
    public const string Password = "bench-secret";

    private const int Connections = 4;

    private readonly Process _archive;
    private readonly IHost _agent;

    private readonly FtpLink _link;

    private BenchNodes(string folder, Process archive, FtpLink link, IHost agent)
    {
        Folder = folder;
        _archive = archive;
        _link = link;
        _agent = agent;
    }

    /// <summary>The temporary folder; <c>logs</c> in it is watched.</summary>
    public string Folder { get; }

    /// <summary>The watched folder.</summary>
    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>The agent's tree in the archive.</summary>
    public string Tree => Path.Combine(Folder, "archive", "files", Agent);

    private ActorRegistry Actors => _agent.Services.GetRequiredService<ActorRegistry>();

    /// <summary>Bytes between both so far, on control and data connections; only where they are connected by a link.</summary>
    public long BytesOnTheWire => _link.Bytes;

    /// <summary>Starts both.</summary>
    /// <param name="linked">Whether a link lies between them: it counts bytes.</param>
    /// <param name="oneWay">What the link holds each byte back for.</param>
    /// <param name="periodic">Whether the agent looks by itself, as one that runs as a service does.</param>
    /// <param name="tls">Whether control and data connections are encrypted.</param>
    public static async Task<BenchNodes> StartAsync(bool linked = false, TimeSpan oneWay = default, bool periodic = false, bool tls = false)
    {
        var folder = Directory.CreateTempSubdirectory("ala-bench-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "logs"));
        var port = LoopbackPort.Free();
        var archive = await StartArchiveAsync(folder, port);
        var link = new FtpLink(port, oneWay);
        var options = new CollectionOptions
        {
            AgentId = Agent,
            Roots = [new WatchedRoot { Path = Path.Combine(folder, "logs") }],
            LedgerFile = NodeDataDirectory.LedgerFile(Path.Combine(folder, "agent")),
            Periodic = periodic,
            Watch = periodic,
            Upload = new UploadOptions { Connections = Connections },
        };
        var dataDir = Directory.CreateDirectory(Path.Combine(folder, "agent")).FullName;
        var ftp = new FtpClientOptions
        {
            Host = "127.0.0.1",
            Port = linked ? link.Port : port,
            UserName = Agent,
            Password = Password,
            KeepsDataConnection = true,
            Tls = new FtpTlsOptions { Mode = tls ? FtpTlsMode.Require : FtpTlsMode.Off, Pins = new FtpCertificatePinFile(Path.Combine(dataDir, "pins")) },
        };
        var config = ConfigurationFactory.ParseString("akka.actor.provider = local\nakka.loglevel = WARNING")
            .WithFallback(NodeDataDirectory.Persistence(dataDir))
            .WithFallback(NodeConfiguration.BuiltIn("agent"));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddAkka("bench", akka =>
        {
            akka.AddHocon(config, HoconAddMode.Prepend);
            akka.WithCollection(options, () => new FtpArchiveTransport(ftp));
        });
        var agent = builder.Build();
        await agent.StartAsync();
        return new BenchNodes(folder, archive, link, agent);
    }

    /// <summary>One walk, and everything pending uploaded, verified, flushed and recorded.</summary>
    public async Task<(RunSummary Summary, TimeSpan Time)> RunOnceAsync()
    {
        var watch = Stopwatch.StartNew();
        var completed = await Actors.Get<RunOnceActor>().Ask<CollectionProtocol.RunOnceCompleted>(CollectionProtocol.RunOnce.Instance, TimeSpan.FromMinutes(10));
        return (completed.Summary, watch.Elapsed);
    }

    /// <summary>One walk.</summary>
    public async Task<ScanStatus> ScanAsync() =>
        (await Actors.Get<ScannerActor>().Ask<CollectionProtocol.ScanFinished>(CollectionProtocol.ScanNow.Instance, TimeSpan.FromMinutes(10))).Scan;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _agent.StopAsync();
        _agent.Dispose();
        await _link.DisposeAsync();
        _archive.Kill();
        await _archive.WaitForExitAsync();
        _archive.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Starts an archive node that knows the agent's account, in a folder of its own.</summary>
    public static async Task<Process> StartArchiveAsync(string folder, int port, int? clusterPort = null)
    {
        var users = Path.Combine(folder, "users.json");
        await File.WriteAllTextAsync(users, JsonSerializer.Serialize(new Dictionary<string, object> { [Agent] = new { passwd = Password, perm = "elradfmwMT" } }));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Program("ArchiveNode"));
        foreach (var set in new[]
        {
            $"data-dir={Path.Combine(folder, "archive")}", $"users-file={users}", "ftp.bind=127.0.0.1", $"ftp.port={port}", "ftp.passive-ports=0",
            $"web.port={LoopbackPort.Free()}", $"cluster.port={clusterPort ?? LoopbackPort.Free()}", "log-level=warning",
        })
        {
            start.ArgumentList.Add("--set");
            start.ArgumentList.Add($"log-archive.archive.{set}");
        }

        start.Environment["ALA_ADMIN_PASSWORD"] = "bench-admin-secret";
        var archive = Process.Start(start)!;
        archive.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        archive.BeginOutputReadLine();
        await ForeignServer.WaitForPortAsync(port, archive);
        return archive;
    }

    /// <summary>Assembly of a program beside this one, in the same configuration.</summary>
    public static string Program(string project)
    {
        var target = new DirectoryInfo(AppContext.BaseDirectory);
        var root = target.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", project, "bin", target.Parent.Name, target.Name, $"ActorLogArchive.{project}.dll");
    }
}
