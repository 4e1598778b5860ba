namespace ActorLogArchive.Demo.Logs;

/// <summary>A node of the demo: its name, its log folder and the programs that write there.</summary>
public sealed record SampleNode(string Id, string LogFolder, IReadOnlyList<LogProgram> Programs)
{
    /// <summary>How far back the logs go at the start.</summary>
    public static readonly TimeSpan History = TimeSpan.FromDays(3);

    /// <summary>A shop's web server: access log and application log.</summary>
    public static SampleNode Shop(string folder, int seed, TimeProvider time)
    {
        var (access, application) = (new Random(seed), new Random(seed + 1));
        return new("shop-web-01", folder,
        [
            new(new WebAccessLog(access), new RotatingFile(Path.Combine(folder, "nginx", "access.log"), null, 384 * 1024, 7),
                access, TimeSpan.FromSeconds(18), TimeSpan.FromMilliseconds(60), time),
            new(new ApplicationLog(application), new RotatingFile(Path.Combine(folder, "shop", "shop.log"), null, 512 * 1024, 5),
                application, TimeSpan.FromSeconds(14), TimeSpan.FromMilliseconds(90), time),
        ]);
    }

    /// <summary>A workstation that runs simulations: a folder of log files for each day, and the machine's figures.</summary>
    public static SampleNode Simulation(string folder, int seed, TimeProvider time)
    {
        var (simulator, metrics) = (new Random(seed + 2), new Random(seed + 3));
        var (simulatorLog, metricsLog) = (new SimulatorLog(simulator), new MetricsLog(metrics, "simulation-02"));
        return new("simulation-02", folder,
        [
            new(simulatorLog, new DatedFiles(Path.Combine(folder, "Logs", "PhysicalWorldSimulator"), "PWS_UI", simulatorLog.Header, 900, 48 * 1024),
                simulator, TimeSpan.FromSeconds(9), TimeSpan.FromMilliseconds(120), time),
            new(metricsLog, new RotatingFile(Path.Combine(folder, "metrics", "host.csv"), metricsLog.Header, 256 * 1024, 9),
                metrics, TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(500), time),
        ]);
    }

    /// <summary>Writes what the programs wrote before now.</summary>
    public void WriteHistory(DateTimeOffset now)
    {
        foreach (var program in Programs) program.WriteHistory(now - History, now);
    }
}
