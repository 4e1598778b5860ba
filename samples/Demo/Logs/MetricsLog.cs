using System.Globalization;

namespace ActorLogArchive.Demo.Logs;

/// <summary>A machine's figures as CSV, one row an interval, each figure wandering about its usual value.</summary>
public sealed class MetricsLog(Random random, string host) : ILogSource
{
    private readonly double[] _usual = [35, 6200, 61, 1.2, 840, 410, 54];
    private readonly double[] _offset = new double[7];

    public string Header => "timestamp,host,cpu_percent,memory_mb,disk_percent,load1,net_rx_kb,net_tx_kb,temperature_c";

    public string NextEntry(DateTimeOffset at)
    {
        for (var i = 0; i < _offset.Length; i++) _offset[i] = (0.95 * _offset[i]) + (0.06 * _usual[i] * ((random.NextDouble() * 2) - 1));
        var figures = _usual.Zip(_offset, (usual, offset) => (usual + offset).ToString("F1", CultureInfo.InvariantCulture));
        return $"{at.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)},{host},{string.Join(',', figures)}";
    }
}
