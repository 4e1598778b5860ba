using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.ForeignServers;

/// <summary>A running server that others wrote, in a folder of its own on 127.0.0.1.</summary>
public sealed class ForeignServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ForeignServer(ServerStart start, ServerSite site, Process process)
    {
        Start = start;
        Site = site;
        _process = process;
    }

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<IServerProgram> Programs { get; } = [new PureFtpd(), new Proftpd(), new Vsftpd(), new Pyftpdlib()];

    /// <summary>Where it runs.</summary>
    public ServerSite Site { get; }

    /// <summary>What it serves, and for whom.</summary>
    public ServerStart Start { get; }

    /// <summary>Its first process; others may be below it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts one, and waits until it greets.</summary>
    /// <param name="program">Which.</param>
    /// <param name="folder">An empty folder for its configuration and files; stays when the server goes.</param>
    /// <param name="wishes">How; by default without TLS.</param>
    /// <exception cref="InvalidOperationException">It does not serve; the message has what it wrote.</exception>
    public static async Task<ForeignServer> StartAsync(IServerProgram program, string folder, ServerWishes? wishes = null)
    {
        Directory.CreateDirectory(folder);
        wishes ??= new ServerWishes();
        var site = new ServerSite(folder, LoopbackPort.Free(), wishes, wishes.Tls == ServerTls.None ? null : ServerCertificate.Write(folder));
        var start = program.Prepare(site);
        start.Program.RedirectStandardError = true;
        start.Program.RedirectStandardOutput = true;
        var process = Process.Start(start.Program)!;
        var output = new ConcurrentQueue<string?>();
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data);
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new ForeignServer(start, site, process);
        try
        {
            await WaitForPortAsync(site.Port, process);
            return server;
        }
        catch (Exception failure)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"{program.Name} does not serve: {failure.Message}\n{string.Join('\n', output)}", failure);
        }
    }

    /// <summary>Waits until something listens there, or <paramref name="process"/> has ended.</summary>
    public static async Task WaitForPortAsync(int port, Process process)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"It ended with {process.ExitCode}.");
            }

            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
                return;
            }
            catch (SocketException)
            {
                await look.WaitForNextTickAsync(deadline.Token);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
