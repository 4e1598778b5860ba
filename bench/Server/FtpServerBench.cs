using System.Globalization;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Bench.Server;

/// <summary>
/// Our server beside the servers that others wrote: each load on each, one after the other within a round, the order turned by one from
/// round to round. The first round warms up all alike and is not counted; the table has medians.
/// </summary>
public sealed class FtpServerBench : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _large;
    private readonly LoadSize _size;
    private readonly IReadOnlyList<ServerRow> _rows;
    private readonly IReadOnlyList<string> _names;
    private readonly Dictionary<(string Name, bool Tls), MeasuredServer> _running = [];
    private readonly ServerResults _results = new();
    private int _started;

    private FtpServerBench(string folder, LoadSize size, IReadOnlyList<ServerRow> rows, IReadOnlyList<string> names)
    {
        _folder = folder;
        _large = Path.Combine(folder, "large.bin");
        _size = size;
        _rows = rows;
        _names = names;
    }

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] commandLine)
    {
        var args = new BenchArguments(commandLine);
        var rows = Chosen(args.Names("--rows"), ServerRow.All, row => row.Key, "row");
        var names = Chosen(args.Names("--servers"), MeasuredServer.Names, name => name, "server");
        if (rows is null || names is null)
        {
            return 2;
        }

        NetworkOfItsOwn.Enter(["ftp-server", .. commandLine]);
        var rounds = args.Number("--rounds", 5);
        var size = new LoadSize { LargeFile = args.Number("--megabytes", 1000) * 1_000_000L, SignInConnections = args.Number("--sign-in-connections", 1) };
        var folder = BenchFolder.Make(args);
        try
        {
            await using var bench = new FtpServerBench(folder, size, rows, names);
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => bench.GiveUp());
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => bench.GiveUp());
            ServerLoad.WriteLarge(bench._large, size);
            for (var round = 0; round <= rounds; round++)
            {
                await bench.RunRoundAsync(round);
            }

            bench._results.WriteTable(Console.Out, rows, names, $"{rounds} rounds, files on {BenchFolder.FileSystemOf(folder)}");
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _running.Values)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Leaves neither servers nor gigabytes in memory behind.</summary>
    private void GiveUp()
    {
        foreach (var server in _running.Values.ToArray())
        {
            server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(5));
        }

        Directory.Delete(_folder, recursive: true);
        Environment.Exit(1);
    }

    private async Task RunRoundAsync(int round)
    {
        foreach (var row in _rows)
        {
            for (var turn = 0; turn < _names.Count; turn++)
            {
                var name = _names[(turn + round) % _names.Count];
                if (name != MeasuredServer.Ours && !row.Peers.Contains(name))
                {
                    continue;
                }

                if (MeasuredServer.WhyNot(name, row.IsTls) is { } why)
                {
                    _results.Absent(row.Key, name, why);
                    continue;
                }

                if (row.IsMemory && round == 0)
                {
                    continue; // on a server just started: nothing to warm up
                }

                var measured = row.IsMemory ? await RunAloneAsync(row, name) : await row.Run(await RunningAsync(name, row.IsTls), _size);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}{(round == 0 ? " (warming up)" : "")}  {row.Key,-12} {name,-10} {measured.Value,9:#,0.#} {row.Unit}  cpu {measured.CpuSeconds:0.00} s"));
                if (round > 0)
                {
                    _results.Add(row.Key, name, measured);
                }
            }
        }
    }

    private async Task<Measurement> RunAloneAsync(ServerRow row, string name)
    {
        await using var server = await StartAsync(name, row.IsTls);
        _running[("alone", row.IsTls)] = server;
        try
        {
            return await row.Run(server, _size);
        }
        finally
        {
            _running.Remove(("alone", row.IsTls));
        }
    }

    private async Task<MeasuredServer> RunningAsync(string name, bool tls)
    {
        if (!_running.TryGetValue((name, tls), out var server))
        {
            server = await StartAsync(name, tls);
            _running.Add((name, tls), server);
            ServerLoad.Prepare(server, _large, _size);
            if (tls)
            {
                using var session = FtpDialogue.SignIn(server);
                Console.Error.WriteLine($"{name}: {session.Cipher}");
                session.Quit();
            }
        }

        return server;
    }

    private Task<MeasuredServer> StartAsync(string name, bool tls) =>
        MeasuredServer.StartAsync(name, Path.Combine(_folder, $"{name}-{++_started}"), tls);

    private static IReadOnlyList<T>? Chosen<T>(string[]? names, IReadOnlyList<T> all, Func<T, string> nameOf, string what)
    {
        foreach (var unknown in (names ?? []).Except(all.Select(nameOf)))
        {
            Console.Error.WriteLine($"no {what} '{unknown}'; there are {string.Join(", ", all.Select(nameOf))}");
            return null;
        }

        return names is null ? all : [.. all.Where(item => names.Contains(nameOf(item)))];
    }
}
