using System.Diagnostics;

namespace ActorLogArchive.Bench;

/// <summary>
/// Many small files from the node's folder into the archive: walked, sent, hashed on both ends, flushed and recorded. Beside it, in
/// the same run, lftp mirrors the same files into vsftpd: sent, not verified, not flushed, not recorded.
/// </summary>
public static class PipelineBench
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments args)
    {
        int files = args.Number("--files", 2000), size = args.Number("--size", 20 * 1024), connections = args.Number("--connections", 4);
        await using var nodes = await BenchNodes.StartAsync(connections);
        await using var peer = await LftpPeer.TryStartAsync(Path.Combine(nodes.Folder, "peer"));
        var ours = new List<double>();
        var theirs = new List<double>();
        for (var round = 0; round <= args.Number("--rounds", 5); round++)
        {
            var folder = Path.Combine(nodes.Logs, $"round-{round}");
            WriteFiles(folder, files, size, seed: round);
            var (summary, time) = await nodes.RunOnceAsync();
            if (!summary.IsComplete || summary.Files != files)
            {
                Console.Error.WriteLine($"not complete: {summary}");
                return 1;
            }

            var rate = files / time.TotalSeconds;
            var peerRate = peer is null ? 0 : files / (await peer.MirrorAsync(folder, $"round-{round}", connections)).TotalSeconds;
            Console.WriteLine($"round {round}: pipeline {rate,7:0} files/s   lftp into vsftpd {peerRate,7:0} files/s{(round == 0 ? "   (warming up, not counted)" : "")}");
            if (round > 0)
            {
                ours.Add(rate);
                theirs.Add(peerRate);
            }
        }

        Console.WriteLine($"median : pipeline {Median(ours),7:0} files/s   lftp into vsftpd {Median(theirs),7:0} files/s   ratio {Median(ours) / Median(theirs):0.00}");
        return 0;
    }

    /// <summary>Writes files of random bytes, all different.</summary>
    public static void WriteFiles(string folder, int files, int size, int seed)
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

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
