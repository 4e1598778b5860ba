using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench.Server;

/// <summary>Our server, run as a process of its own by <see cref="ServeCommand"/>.</summary>
public sealed class OwnServer : IAsyncDisposable
{
    private readonly Process _process;

    private OwnServer(Process process, int port, string folder)
    {
        _process = process;
        Port = port;
        Folder = folder;
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its folder; <c>home</c> in it is served.</summary>
    public string Folder { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts it.</summary>
    public static async Task<OwnServer> StartAsync(string folder, bool tls)
    {
        Directory.CreateDirectory(folder);
        var port = LoopbackPort.Free();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        string[] arguments = [typeof(OwnServer).Assembly.Location, "serve", "--folder", folder, "--port", port.ToString(CultureInfo.InvariantCulture)];
        foreach (var argument in tls ? [.. arguments, "--certificate", ServerCertificate.Write(folder)] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var server = new OwnServer(Process.Start(start)!, port, folder);
        try
        {
            await ForeignServer.WaitForPortAsync(port, server._process);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Bytes on its managed heap; with <paramref name="collect"/> after a full collection.</summary>
    public async Task<long> HeapAsync(bool collect)
    {
        await _process.StandardInput.WriteLineAsync(collect ? "collect" : "memory");
        await _process.StandardInput.FlushAsync();
        return long.Parse(await _process.StandardOutput.ReadLineAsync() ?? throw new IOException("The server has ended."), CultureInfo.InvariantCulture);
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
