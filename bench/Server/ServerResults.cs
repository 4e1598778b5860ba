using System.Globalization;

namespace ActorLogArchive.Bench.Server;

/// <summary>What was measured, and the table of it.</summary>
public sealed class ServerResults
{
    private readonly Dictionary<(string Row, string Server), List<Measurement>> _measured = [];
    private readonly Dictionary<(string Row, string Server), string> _absent = [];

    /// <summary>Adds a round's.</summary>
    public void Add(string row, string server, Measurement measured)
    {
        if (!_measured.TryGetValue((row, server), out var list))
        {
            _measured[(row, server)] = list = [];
        }

        list.Add(measured);
    }

    /// <summary>Notes why a server takes no part.</summary>
    public void Absent(string row, string server, string why) => _absent[(row, server)] = why;

    /// <summary>Writes medians as a Markdown table: value and CPU seconds of the server.</summary>
    public void WriteTable(TextWriter output, IReadOnlyList<ServerRow> rows, IReadOnlyList<string> servers, string caption)
    {
        output.WriteLine($"Medians of {caption}; in brackets the server's CPU seconds.");
        output.WriteLine();
        output.WriteLine($"| | {string.Join(" | ", servers)} | ours ÷ best peer | its CPU ÷ that peer's | goal |");
        output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---|", servers.Count + 3))}");
        foreach (var row in rows)
        {
            var cells = servers.Select(server => Cell(row, server));
            output.WriteLine($"| {row.Title} | {string.Join(" | ", cells)} | {Comparison(row, servers)} |");
        }

        foreach (var ((row, server), why) in _absent)
        {
            output.WriteLine($"{(_absent.First().Key == (row, server) ? "\n" : "")}* {row}, {server}: {why}");
        }
    }

    private string Cell(ServerRow row, string server) => Median(row, server) is { } median
        ? row.IsMemory ? Text($"{median.Value:#,0.0} {row.Unit}") : Text($"{median.Value:#,0} {row.Unit} ({median.CpuSeconds:0.00})")
        : _absent.ContainsKey((row.Key, server)) ? "not offered" : "–";

    private string Comparison(ServerRow row, IReadOnlyList<string> servers)
    {
        var goal = row.IsMemory ? Text($"≤ {row.Goal:0} KB") : Text($"≥ {row.Goal:0.0} ×{(row.MaxCpu is { } cpu ? Text($" at ≤ {cpu:0.0} × CPU") : "")}");
        var peers = servers.Where(server => server != MeasuredServer.Ours)
            .Select(server => (Name: server, Median: Median(row, server)))
            .Where(peer => peer.Median is not null);
        var best = row.IsMemory ? peers.MinBy(peer => peer.Median!.Value) : peers.MaxBy(peer => peer.Median!.Value);
        if (Median(row, MeasuredServer.Ours) is not { } ours)
        {
            return $"– | – | {goal}";
        }

        if (best.Median is not { } peer)
        {
            return row.IsMemory ? $"– | – | {goal}: {(ours.Value <= row.Goal ? "yes" : "**no**")}" : $"– | – | {goal}";
        }

        double ratio = ours.Value / peer.Value, cpuRatio = ours.CpuSeconds / peer.CpuSeconds;
        var met = row.IsMemory ? ours.Value <= row.Goal : ratio >= row.Goal && (row.MaxCpu is null || cpuRatio <= row.MaxCpu);
        return Text($"{ratio:0.00} ({best.Name}) | {(row.IsMemory ? "–" : Text($"{cpuRatio:0.00}"))} | {goal}: {(met ? "yes" : "**no**")}");
    }

    private Measurement? Median(ServerRow row, string server)
    {
        if (!_measured.TryGetValue((row.Key, server), out var list))
        {
            return null;
        }

        // Each by itself: a median of times and one of CPU times need not be of the same round.
        return new Measurement(Middle(list.Select(item => item.Value)), Middle(list.Select(item => item.CpuSeconds)));
    }

    private static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
