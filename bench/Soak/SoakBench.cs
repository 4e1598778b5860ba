using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.Bench.Server;

namespace ActorLogArchive.Bench.Soak;

/// <summary>
/// Many clients that upload, break off and come back, against our server in a process of its own, every fourth of them over TLS. Its handles, sockets,
/// threads and memory are looked at every few seconds; anything that leaks, or grows after the first minute, fails the run.
/// </summary>
public static class SoakBench
{
    private const int StackSize = 256 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] commandLine)
    {
        NetworkOfItsOwn.Enter(["soak", .. commandLine]);
        var args = new BenchArguments(commandLine);
        var length = TimeSpan.FromMinutes(double.Parse(args.Text("--minutes", "10"), CultureInfo.InvariantCulture));
        var folder = BenchFolder.Make(args);
        try
        {
            await using var server = await MeasuredServer.StartAsync(MeasuredServer.Ours, folder, tls: true);
            return await RunAsync(server, args.Number("--sessions", 500), length) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<bool> RunAsync(MeasuredServer server, int clients, TimeSpan length)
    {
        var plain = server.WithoutTls();
        var tally = new SoakTally();
        using var stop = new CancellationTokenSource();
        foreach (var kind in new[] { server, plain })
        {
            using var first = FtpDialogue.SignIn(kind);
            first.Quit(); // what the first session loads is not a leak
        }

        var idle = await TakeAsync(server, TimeSpan.Zero, collect: true);
        Console.WriteLine($"{idle}   before");
        var watch = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, clients)
            .Select(number => new Thread(() => new SoakWorker(number % 4 == 0 ? server : plain, number, tally).Run(stop.Token), StackSize))
            .ToArray();
        Array.ForEach(threads, thread => thread.Start());

        var verdict = new SoakVerdict(TimeSpan.FromSeconds(Math.Min(60, length.TotalSeconds / 3)));
        var lastCollected = TimeSpan.Zero;
        while (watch.Elapsed < length)
        {
            await Task.Delay(Interval);

            // Once a minute what is no longer needed is collected, so that growth can be told from garbage.
            var collect = watch.Elapsed >= verdict.WarmUp && watch.Elapsed - lastCollected >= TimeSpan.FromSeconds(Math.Min(60, length.TotalSeconds / 6));
            lastCollected = collect ? watch.Elapsed : lastCollected;
            var sample = await TakeAsync(server, watch.Elapsed, collect);
            Console.WriteLine($"{sample}{(collect ? "   collected" : "")}");
            verdict.Add(sample, collect);
        }

        await stop.CancelAsync();
        Array.ForEach(threads, thread => thread.Join());
        var after = await SettleAsync(server, watch, idle);
        Console.WriteLine($"{after}   after\n{tally}");
        var faults = verdict.Faults(idle, after, tally);
        foreach (var fault in faults)
        {
            Console.WriteLine($"FAULT: {fault}");
        }

        Console.WriteLine(faults.Count == 0 ? "no leak, no growth" : "failed");
        return faults.Count == 0;
    }

    /// <summary>Waits until the server has let go of the last sessions; it may take the time of a deadline, not longer.</summary>
    private static async Task<ProcessSample> SettleAsync(MeasuredServer server, Stopwatch watch, ProcessSample idle)
    {
        var deadline = watch.Elapsed + TimeSpan.FromSeconds(30);
        while (true)
        {
            var sample = await TakeAsync(server, watch.Elapsed, collect: true);
            if ((sample.Sockets.Count == 0 && sample.Handles <= idle.Handles + SoakVerdict.HandlesOfRuntime) || watch.Elapsed >= deadline)
            {
                return sample;
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task<ProcessSample> TakeAsync(MeasuredServer server, TimeSpan time, bool collect) =>
        ProcessSample.Take(server.ProcessId, time, await server.Own!.HeapAsync(collect));
}
