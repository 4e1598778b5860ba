using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench.Fleet;

/// <summary>
/// A fleet of simulated agents in front of a real archive node: what it costs the archive, and how long a fact takes to the front page of a
/// real browser.
/// </summary>
public static class FleetBench
{
    private const string AdminPassword = "bench-admin-secret";

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments)
    {
        var (agents, workers, nodes) = (arguments.Number("--agents", 500), arguments.Number("--processes", 4), arguments.Number("--nodes", 8));
        var (seconds, ramp, browse) = (arguments.Number("--seconds", 60), arguments.Number("--ramp", 60), !arguments.Has("--no-browser"));
        var folder = Directory.CreateTempSubdirectory("ala-fleet-").FullName;
        var (ftp, web, cluster) = (LoopbackPort.Free(), LoopbackPort.Free(), LoopbackPort.Free());
        using var archive = await StartArchiveAsync(folder, agents, ftp, web, cluster);
        var running = new List<Process>();
        var lines = new ConcurrentQueue<string>();
        try
        {
            for (var i = 0; i < workers; i++)
            {
                var (first, end) = (agents * i / workers, agents * (i + 1) / workers);
                running.Add(StartWorker(lines.Enqueue,
                    "--first", first, "--count", end - first, "--nodes", Math.Max(1, nodes / workers), "--ftp", ftp, "--cluster", cluster,
                    "--ramp", ramp, "--upload-every", arguments.Number("--upload-every", 10), "--upload-bytes", arguments.Number("--upload-bytes", 20_000)));
            }

            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}"), Timeout = TimeSpan.FromSeconds(30) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{AdminPassword}")));
            var warm = await WarmUpAsync(http, agents, lines);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{warm.Online} of {agents} agents online and {warm.Uploading} uploading after {warm.Took.TotalSeconds:0} s, over {Math.Max(1, nodes / workers) * workers} cluster nodes in {workers} processes"));

            var page = browse ? await PageWatch.OpenAsync(web, AdminPassword) : null;
            if (page is not null)
            {
                await page.BeginAsync(FleetWorker.NameOf(0));
                Console.WriteLine($"the page shows {await page.CountAsync()}");
            }

            lines.Clear();
            await MeasureAsync(archive, http, TimeSpan.FromSeconds(seconds));
            if (page is not null)
            {
                var (seen, busy) = await page.EndAsync(arguments.Has("--picture") ? arguments.Text("--picture", "fleet.png") : null);
                Console.WriteLine(Latency(lines, seen));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"page: {busy.Count} stretches of 50 ms and more in which it was busy, the longest {(busy.Count == 0 ? 0 : busy.Max()):0} ms"));
                await page.DisposeAsync();
            }

            foreach (var failed in lines.Where(line => line.StartsWith("FAILED", StringComparison.Ordinal)).Take(5))
            {
                Console.WriteLine(failed);
            }

            return 0;
        }
        finally
        {
            foreach (var worker in running)
            {
                worker.StandardInput.Close();
            }

            foreach (var worker in running)
            {
                if (!worker.WaitForExit(TimeSpan.FromSeconds(20)))
                {
                    worker.Kill();
                }

                worker.Dispose();
            }

            archive.Kill();
            await archive.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Process> StartArchiveAsync(string folder, int agents, int ftp, int web, int cluster)
    {
        var users = Path.Combine(folder, "users.json");
        await File.WriteAllTextAsync(users, JsonSerializer.Serialize(
            Enumerable.Range(0, agents).ToDictionary(FleetWorker.NameOf, _ => new { passwd = BenchNodes.Password, perm = "elradfmwMT" })));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(BenchNodes.Program("ArchiveNode"));
        foreach (var set in new[]
        {
            $"data-dir={Path.Combine(folder, "archive")}", $"users-file={users}", "ftp.bind=127.0.0.1", $"ftp.port={ftp}", "ftp.passive-ports=0", "ftp.max-sessions=5000",
            "ftp.max-sessions-per-address=0", $"web.port={web}", $"cluster.port={cluster}", "log-level=warning",
        })
        {
            start.ArgumentList.Add("--set");
            start.ArgumentList.Add($"log-archive.archive.{set}");
        }

        start.Environment["ALA_ADMIN_PASSWORD"] = AdminPassword;
        var archive = Process.Start(start)!;
        archive.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        archive.BeginOutputReadLine();
        try
        {
            await ForeignServer.WaitForPortAsync(ftp, archive);
            return archive;
        }
        catch
        {
            archive.Kill();
            archive.Dispose();
            throw;
        }
    }

    private static Process StartWorker(Action<string> hear, params object[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(FleetBench).Assembly.Location);
        start.ArgumentList.Add("fleet-worker");
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(Convert.ToString(argument, CultureInfo.InvariantCulture)!);
        }

        var worker = Process.Start(start)!;
        worker.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                hear(text);
            }
        };
        worker.BeginOutputReadLine();
        return worker;
    }

    // What is measured afterwards is a fleet at work, not its start: until each agent is online and has uploaded once.
    private static async Task<(int Online, int Uploading, TimeSpan Took)> WarmUpAsync(HttpClient http, int agents, ConcurrentQueue<string> lines)
    {
        var watch = Stopwatch.StartNew();
        var (online, uploading) = (0, 0);
        while ((online < agents || uploading < agents) && watch.Elapsed < TimeSpan.FromMinutes(5))
        {
            await Task.Delay(1000);
            var health = (await FleetAsync(http))?.GetProperty("agentsByHealth");
            online = Count(health, "online") + Count(health, "failing");
            uploading = lines.Count(line => line.StartsWith(FleetWorker.FirstUpload, StringComparison.Ordinal));
        }

        return (online, uploading, watch.Elapsed);
    }

    private static int Count(JsonElement? health, string state) => health is { } known && known.TryGetProperty(state, out var count) ? count.GetInt32() : 0;

    private static async Task MeasureAsync(Process archive, HttpClient http, TimeSpan time)
    {
        archive.Refresh();
        var (cpu, watch) = (archive.TotalProcessorTime, Stopwatch.StartNew());
        var filesBefore = (await FleetAsync(http))?.GetProperty("filesToday").GetInt64() ?? 0;
        var most = 0L;
        while (watch.Elapsed < time)
        {
            await Task.Delay(1000);
            archive.Refresh();
            most = Math.Max(most, archive.WorkingSet64);
        }

        archive.Refresh();
        var took = watch.Elapsed;
        var share = (archive.TotalProcessorTime - cpu) / took * 100;
        var after = await FleetAsync(http);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"archive over {took.TotalSeconds:0} s: {share:0} % of one core, {most / 1048576.0:0} MB resident at most, {((after?.GetProperty("filesToday").GetInt64() ?? 0) - filesBefore) / took.TotalSeconds:0.0} uploads/s"));
    }

    private static async Task<JsonElement?> FleetAsync(HttpClient http)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync("/api/v1/fleet"));
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private static string Latency(IEnumerable<string> lines, IReadOnlyList<(long At, string Text)> seen)
    {
        var took = new List<double>();
        foreach (var fact in lines.Where(line => line.StartsWith("FACT", StringComparison.Ordinal)).Select(line => line.Split(' ')))
        {
            var at = long.Parse(fact[1], CultureInfo.InvariantCulture);
            if (seen.FirstOrDefault(item => item.At >= at && item.At < at + FleetWorker.Turn.TotalMilliseconds && item.Text == fact[2]) is { At: > 0 } drawn)
            {
                took.Add(drawn.At - at);
            }
        }

        took.Sort();
        return took.Count == 0
            ? "from fact to page: nothing was seen"
            : string.Create(CultureInfo.InvariantCulture, $"from fact to page, {took.Count} times: median {took[took.Count / 2] / 1000:0.00} s, longest {took[^1] / 1000:0.00} s");
    }
}
