using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench;

/// <summary>
/// An agent process whose ledger knows very many files, all there and archived: the time from its start until a file that is new
/// has arrived in the archive, its memory, and what it costs when nothing happens.
/// </summary>
public static class KnownFilesBench
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments args)
    {
        int files = args.Number("--files", 1_000_000), folders = args.Number("--folders", 5000), idle = args.Number("--idle", 30);
        var folder = Directory.CreateDirectory(Path.Combine(args.Text("--folder", Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath()), $"ala-bench-{Environment.ProcessId}")).FullName;
        int port = LoopbackPort.Free(), cluster = LoopbackPort.Free();
        using var archive = await BenchNodes.StartArchiveAsync(folder, port, cluster);
        try
        {
            var logs = Path.Combine(folder, "logs");
            var data = Directory.CreateDirectory(Path.Combine(folder, "agent")).FullName;
            WriteKnown(logs, NodeDataDirectory.LedgerFile(data), files, folders);
            Console.WriteLine($"{files:N0} files in {folders:N0} folders, {new FileInfo(NodeDataDirectory.LedgerFile(data)).Length / 1e6:0} MB of ledger");
            for (var round = 0; round < args.Number("--rounds", 3); round++)
                await MeasureAsync(folder, logs, data, port, cluster, round, idle, TimeSpan.FromSeconds(args.Number("--settle", 30)));
            return 0;
        }
        finally
        {
            archive.Kill();
            await archive.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, string logs, string data, int port, int cluster, int round, int idle, TimeSpan settle)
    {
        var name = $"new-{round}.log";
        await File.WriteAllTextAsync(Path.Combine(logs, name), $"line of round {round}\n");
        var arrived = Path.Combine(folder, "archive", "files", BenchNodes.Agent, name);
        var watch = Stopwatch.StartNew();
        using var agent = Start(logs, data, port, cluster);
        try
        {
            while (!File.Exists(arrived) || new FileInfo(arrived).Length == 0)
            {
                if (agent.HasExited || watch.Elapsed > TimeSpan.FromMinutes(5))
                    throw new InvalidOperationException("the agent ended, or sent nothing");
                await Task.Delay(20);
            }

            var first = watch.Elapsed;
            // Joining the cluster, compiling what runs often, and the writes after the start are not what an idle agent costs.
            await Task.Delay(settle);
            var before = agent.TotalProcessorTime;
            agent.Refresh();
            await Task.Delay(TimeSpan.FromSeconds(idle));
            agent.Refresh();
            var cpu = (agent.TotalProcessorTime - before) / TimeSpan.FromSeconds(idle);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"start {round}: first upload after {first.TotalSeconds:0.0} s; memory now {Status(agent, "VmRSS")} MB, at most {Status(agent, "VmHWM")} MB; idle {cpu:0.0%} of a processor"));
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync();
        }
    }

    private static Process Start(string logs, string data, int port, int cluster)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(BenchNodes.Program("AgentNode"));
        foreach (var set in new[]
        {
            $"id={BenchNodes.Agent}", $"data-dir={data}", $"logs=[{{ path = \"{logs}\" }}]", $"ftp.port={port}", $"cluster.seeds=[\"127.0.0.1:{cluster}\"]", "log-level=warning",
        })
        {
            start.ArgumentList.Add("--set");
            start.ArgumentList.Add($"log-archive.agent.{set}");
        }

        start.Environment["ALA_FTP_PASSWORD"] = BenchNodes.Password;
        var agent = Process.Start(start)!;
        agent.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        agent.BeginOutputReadLine();
        return agent;
    }

    // The files, and a ledger that has them all: sending a million files first would take minutes and prove nothing more.
    private static void WriteKnown(string logs, string ledger, int files, int folders)
    {
        using var store = LedgerStore.Open(ledger);
        var hash = new string('a', 32);
        var batch = new List<(string, LedgerEntry?)>();
        for (var folder = 0; folder < folders; folder++)
        {
            var below = $"service-{folder / 100:00}/2026-{folder:0000}";
            Directory.CreateDirectory(Path.Combine(logs, below));
            for (var i = 0; i < files / folders; i++)
            {
                var path = $"{below}/application-{i:00000}.log";
                var local = Path.Combine(logs, path);
                File.WriteAllText(local, path);
                var file = NodeFile.Probe(local);
                batch.Add((path, new LedgerEntry
                {
                    Path = path,
                    Root = logs,
                    Id = file.Id,
                    Size = file.Size,
                    Modified = file.Modified,
                    IsWhole = true,
                    Archived = new ArchivedContent(file.Id, file.Size, file.Modified, hash, (int)file.Size, null, file.Modified),
                }));
            }

            if (batch.Count >= 20_000 || folder == folders - 1)
            {
                store.Write(new LedgerChanges(0, batch, new Dictionary<string, List<StoryItem>>(), new Dictionary<string, string>()));
                batch.Clear();
            }
        }
    }

    private static long Status(Process process, string field) => long.Parse(
        File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture) / 1024;
}
