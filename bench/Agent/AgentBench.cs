using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.Bench.Server;

namespace ActorLogArchive.Bench;

/// <summary>
/// Files from a node's folder into the archive: walked, sent, hashed on both ends, flushed to its disk and recorded in the ledger.
/// Beside it, in the same run and on the same files, the tools that operators use instead. Each round takes all of them in
/// turn; the first one warms up, and is not counted.
/// </summary>
public static class AgentBench
{
    private const int Unchanged = 100_000;
    private const int Folders = 5000;
    private static readonly TimeSpan FarOneWay = TimeSpan.FromMilliseconds(25);

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] options)
    {
        NetworkOfItsOwn.Enter(["agent", .. options]);
        var args = new BenchArguments(options);
        var rounds = args.Number("--rounds", 3);
        var peers = args.Names("--peers") ?? ["lftp", "rclone", "rsync"];
        foreach (var row in args.Names("--rows") ?? ["small", "big", "unchanged", "line", "far"])
        {
            Console.WriteLine($"== {row}");
            await (row switch
            {
                "small" => FirstPassAsync(args.Number("--files", 20_000), 20 * 1024, rounds, far: false, args.Has("--tls"), peers),
                "big" => FirstPassAsync(args.Number("--files", 40), 25 << 20, rounds, far: false, args.Has("--tls"), peers),
                "far" when args.Has("--tls") => throw new ArgumentException("--rows far --tls: the link of this benchmark reads the dialogue, and would hold nothing back"),
                "far" => FirstPassAsync(args.Number("--files", 600), 20 * 1024, rounds, far: true, tls: false, peers),
                "unchanged" => UnchangedAsync(args.Number("--files", Unchanged), rounds),
                "line" => LineAsync(args.Number("--files", 1000), rounds),
                _ => throw new ArgumentException($"--rows {row}: small, big, unchanged, line and far are known"),
            });
        }

        return 0;
    }

    private static async Task FirstPassAsync(int files, int size, int rounds, bool far, bool tls, string[] names)
    {
        await using var nodes = await BenchNodes.StartAsync(linked: far, far ? FarOneWay : default, tls: tls);
        var peers = await PeersAsync(nodes.Folder, far, tls, names);
        var rates = new List<double>[peers.Count + 1];
        for (var i = 0; i < rates.Length; i++)
            rates[i] = [];
        for (var round = 0; round <= rounds; round++)
        {
            var folder = Path.Combine(nodes.Logs, $"round-{round}");
            WriteFiles(folder, files, size, seed: round);
            for (var turn = 0; turn < rates.Length; turn++)
            {
                var who = (turn + round) % rates.Length;
                var time = who == 0 ? await OwnPassAsync(nodes, files) : await peers[who - 1].MirrorAsync(folder, $"round-{round}");
                if (round > 0)
                    rates[who].Add(files / time.TotalSeconds);
            }

            // Or the disk, or with tmpfs the memory, fills: with the copies in the archive and at the peers too. That they are gone is recorded now, not in
            // the time of the next round.
            foreach (var copy in Directory.GetDirectories(nodes.Folder, Path.GetFileName(folder), SearchOption.AllDirectories))
                Directory.Delete(copy, recursive: true);
            await nodes.ScanAsync();
        }

        for (var i = 0; i < rates.Length; i++)
        {
            var median = Median(rates[i]);
            Print($"{(i == 0 ? "agent and archive" : peers[i - 1].Name),-32} {median,8:0} files/s {median * size / 1e6,8:0.0} MB/s   ours is {Median(rates[0]) / median:0.00} times that   ({rates[i].Min():0}–{rates[i].Max():0})");
        }

        foreach (var peer in peers)
            await peer.DisposeAsync();
    }

    private static async Task<TimeSpan> OwnPassAsync(BenchNodes nodes, int files)
    {
        var (summary, time) = await nodes.RunOnceAsync();
        return summary.IsComplete && summary.Files == files ? time : throw new InvalidOperationException($"not complete: {summary}");
    }

    private static async Task<IReadOnlyList<IMirrorPeer>> PeersAsync(string folder, bool far, bool tls, string[] names)
    {
        var peers = new List<IMirrorPeer?>();
        if (names.Contains("lftp"))
            peers.Add(await LftpPeer.TryStartAsync(Path.Combine(folder, "lftp"), far ? FarOneWay : null, tls));
        if (names.Contains("rclone") && !far && !tls)
            peers.Add(await RclonePeer.TryStartAsync(Path.Combine(folder, "rclone")));
        if (names.Contains("rsync") && !far && !tls)
            peers.Add(await RsyncPeer.TryStartAsync(Path.Combine(folder, "rsync")));
        return [.. peers.OfType<IMirrorPeer>()];
    }

    private static async Task UnchangedAsync(int files, int rounds)
    {
        await using var nodes = await BenchNodes.StartAsync(linked: true);
        for (var folder = 0; folder < Folders; folder++)
            WriteFiles(Path.Combine(nodes.Logs, $"{folder / 100:00}", $"{folder:0000}"), files / Folders, size: 100, seed: folder);
        await using var lftp = await LftpPeer.TryStartAsync(Path.Combine(nodes.Folder, "lftp"));
        await OwnPassAsync(nodes, files);
        if (lftp is not null)
            await lftp.MirrorAsync(nodes.Logs, "all");
        for (var round = 0; round < rounds; round++)
        {
            var bytes = nodes.BytesOnTheWire;
            var time = await OwnPassAsync(nodes, 0);
            var peer = lftp is null ? default : await lftp.MirrorAsync(nodes.Logs, "all");
            Print($"second pass over {files} files: {time.TotalSeconds:0.00} s, {nodes.BytesOnTheWire - bytes} bytes on the wire   lftp {peer.TotalSeconds:0.0} s");
        }
    }

    private static async Task LineAsync(int files, int rounds)
    {
        await using var nodes = await BenchNodes.StartAsync(linked: true, periodic: true);
        WriteFiles(nodes.Logs, files, size: 1 << 20 >> 4, seed: 1);
        var log = Path.Combine(nodes.Logs, "app-000000.log");
        await ArrivedAsync(nodes, new FileInfo(log).Length);
        await OwnPassEndedAsync(nodes);
        for (var round = 0; round <= rounds; round++)
        {
            var bytes = nodes.BytesOnTheWire;
            var watch = Stopwatch.StartNew();
            await File.AppendAllTextAsync(log, $"2026-01-01T00:00:00Z a line of round {round}, about as long as the lines of logs are wont to be\n");
            await ArrivedAsync(nodes, new FileInfo(log).Length);
            var time = watch.Elapsed;
            await OwnPassEndedAsync(nodes);
            Print($"one line more: {time.TotalSeconds:0.00} s after the write, {nodes.BytesOnTheWire - bytes} bytes on the wire{(round == 0 ? "   (warming up)" : "")}");
        }
    }

    private static async Task ArrivedAsync(BenchNodes nodes, long length)
    {
        var arrived = Path.Combine(nodes.Tree, "app-000000.log");
        var watch = Stopwatch.StartNew();
        while (!File.Exists(arrived) || new FileInfo(arrived).Length != length)
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(2))
                throw new TimeoutException("it did not arrive in two minutes");
            await Task.Delay(5);
        }
    }

    // Hash, flush and what else belongs to it come after the file's bytes.
    private static async Task OwnPassEndedAsync(BenchNodes nodes)
    {
        if (await nodes.RunOnceAsync() is { Summary.IsComplete: false } unfinished)
            throw new InvalidOperationException($"not complete: {unfinished.Summary}");
    }

    private static void WriteFiles(string folder, int files, int size, int seed)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        var content = new byte[size];
        for (var i = 0; i < files; i++)
        {
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(folder, $"app-{i:000000}.log"), content);
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
