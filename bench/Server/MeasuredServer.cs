using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench.Server;

/// <summary>A running server that is measured: ours, or one that others wrote.</summary>
public sealed class MeasuredServer : IAsyncDisposable
{
    /// <summary>Name of our own.</summary>
    public const string Ours = "ours";

    private readonly IAsyncDisposable _running;

    private MeasuredServer(IAsyncDisposable running) => _running = running;

    /// <summary>All names, ours first.</summary>
    public static IReadOnlyList<string> Names { get; } = [Ours, .. ForeignServer.Programs.Select(program => program.Name)];

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its port on 127.0.0.1.</summary>
    public required int Port { get; init; }

    /// <summary>Its first process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Whether sessions are to use TLS.</summary>
    public required bool IsTls { get; init; }

    /// <summary>The folder that may be written to, on the server and on disk.</summary>
    public required (string OnServer, string OnDisk) Home { get; init; }

    /// <summary>The account.</summary>
    public required string UserName { get; init; }

    /// <summary>Its password.</summary>
    public required string Password { get; init; }

    /// <summary>Ours; null for a foreign one.</summary>
    public OwnServer? Own => _running as OwnServer;

    /// <summary>Why it cannot take part; null when it can.</summary>
    public static string? WhyNot(string name, bool tls) => name == Ours
        ? null
        : ForeignServer.Programs.Single(program => program.Name == name).WhyNot(Tls(tls));

    /// <summary>Starts one in an empty folder.</summary>
    public static async Task<MeasuredServer> StartAsync(string name, string folder, bool tls)
    {
        if (name == Ours)
        {
            var own = await OwnServer.StartAsync(folder, tls);
            return new MeasuredServer(own)
            {
                Name = name,
                Port = own.Port,
                ProcessId = own.ProcessId,
                IsTls = tls,
                Home = ("", Path.Combine(folder, "home")),
                UserName = ServeCommand.UserName,
                Password = ServeCommand.Password,
            };
        }

        var foreign = await ForeignServer.StartAsync(ForeignServer.Programs.Single(program => program.Name == name), folder, new ServerWishes { Tls = Tls(tls) });
        return new MeasuredServer(foreign)
        {
            Name = name,
            Port = foreign.Site.Port,
            ProcessId = foreign.ProcessId,
            IsTls = tls,
            Home = (foreign.Start.Home.TrimEnd('/'), foreign.Start.HomeOnDisk),
            UserName = foreign.Start.UserName,
            Password = foreign.Start.Password,
        };
    }

    /// <summary>The same server for sessions in clear text.</summary>
    public MeasuredServer WithoutTls() => new(_running)
    {
        Name = Name,
        Port = Port,
        ProcessId = ProcessId,
        IsTls = false,
        Home = Home,
        UserName = UserName,
        Password = Password,
    };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _running.DisposeAsync();

    private static ServerTls Tls(bool tls) => tls ? ServerTls.Explicit : ServerTls.None;
}
