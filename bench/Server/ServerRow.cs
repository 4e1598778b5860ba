namespace ActorLogArchive.Bench.Server;

/// <summary>A line of the table.</summary>
/// <param name="Key">Its name on the command line.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Unit">Of its values.</param>
/// <param name="Peers">Servers to compare with.</param>
/// <param name="Goal">Our value has to be this many times the best peer's; for memory, this many KB at most.</param>
/// <param name="Run">Measures one server once.</param>
public sealed record ServerRow(string Key, string Title, string Unit, string[] Peers, double Goal, Func<MeasuredServer, LoadSize, Task<Measurement>> Run)
{
    private static readonly string[] MlsdPeers = ["pure-ftpd", "proftpd", "pyftpdlib"];
    private static readonly string[] TlsPeers = ["pure-ftpd", "proftpd", "vsftpd"];
    private static readonly string[] AllPeers = ["pure-ftpd", "proftpd", "vsftpd", "pyftpdlib"];

    /// <summary>All lines.</summary>
    public static IReadOnlyList<ServerRow> All { get; } =
    [
        new("store", "store 1 GB", "MB/s", AllPeers, 1.1, Blocking(ServerLoad.StoreLarge)) { MaxCpu = 1.1 },
        new("retrieve", "retrieve 1 GB", "MB/s", AllPeers, 1.0, Blocking(ServerLoad.RetrieveLarge)),
        new("small1", "store 2,000 × 20 KB, 1 connection", "files/s", AllPeers, 1.3, Blocking((server, size) => ServerLoad.StoreSmall(server, size, 1))),
        new("small4", "the same, 4 connections", "files/s", AllPeers, 1.2, Blocking((server, size) => ServerLoad.StoreSmall(server, size, 4))),
        new("signin", "connect + sign-in + quit", "/s", ["pyftpdlib"], 0.8, Blocking(ServerLoad.SignIn)),
        new("idle", "an idle session", "KB", AllPeers, 20, (server, _) => ServerLoad.IdleAsync(server, IdleSessions(server.Name))) { IsMemory = true },
        new("mlsd", "MLSD of 2,000 entries", "/s", MlsdPeers, 3, Blocking(ServerLoad.List)),
        new("store-tls", "store 1 GB, TLS", "MB/s", TlsPeers, 1.0, Blocking(ServerLoad.StoreLarge)) { IsTls = true },
        new("retrieve-tls", "retrieve 1 GB, TLS", "MB/s", TlsPeers, 1.0, Blocking(ServerLoad.RetrieveLarge)) { IsTls = true },
    ];

    /// <summary>Our CPU time may be this many times that of the best peer; null where none is asked for.</summary>
    public double? MaxCpu { get; init; }

    /// <summary>Over TLS, data connections too.</summary>
    public bool IsTls { get; init; }

    /// <summary>Less is better, and each server is started anew.</summary>
    public bool IsMemory { get; init; }

    /// <summary>How many sessions a server is given to hold: those with processes for each take long over thousands.</summary>
    private static int IdleSessions(string server) => server switch
    {
        MeasuredServer.Ours => 2000,
        "pyftpdlib" => 900,
        _ => 200,
    };

    private static Func<MeasuredServer, LoadSize, Task<Measurement>> Blocking(Func<MeasuredServer, LoadSize, Measurement> load) =>
        (server, size) => Task.FromResult(load(server, size));
}
