using System.Diagnostics;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench;

/// <summary>rsync into its own daemon: one connection, compared by its checksums as it goes, not flushed.</summary>
public sealed class RsyncPeer : IMirrorPeer
{
    private const string Rsync = "/usr/bin/rsync";

    private readonly Process _daemon;
    private readonly int _port;

    private RsyncPeer(Process daemon, int port) => (_daemon, _port) = (daemon, port);

    /// <inheritdoc/>
    public string Name => "rsync into its daemon";

    /// <summary>Starts the daemon on a folder that does not exist yet; null, with a word on the console, where rsync is missing.</summary>
    public static async Task<RsyncPeer?> TryStartAsync(string folder)
    {
        if (!File.Exists(Rsync))
        {
            Console.Error.WriteLine("without a peer: rsync is not installed");
            return null;
        }

        var files = Directory.CreateDirectory(Path.Combine(folder, "files")).FullName;
        var configuration = Path.Combine(folder, "rsyncd.conf");
        var owner = Environment.IsPrivilegedProcess ? "uid = root\ngid = root\n" : "";
        await File.WriteAllTextAsync(configuration, $"use chroot = no\nlog file = /dev/null\n[logs]\npath = {files}\nread only = no\n{owner}");
        var port = LoopbackPort.Free();
        var daemon = Process.Start(Rsync, ["--daemon", "--no-detach", $"--config={configuration}", "--address=127.0.0.1", $"--port={port}"]);
        await ForeignServer.WaitForPortAsync(port, daemon);
        return new RsyncPeer(daemon, port);
    }

    /// <inheritdoc/>
    public Task<TimeSpan> MirrorAsync(string folder, string name) =>
        PeerProcess.RunAsync(Rsync, ["--archive", $"{folder}/", $"rsync://127.0.0.1:{_port}/logs/{name}/"]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _daemon.Kill(entireProcessTree: true);
        await _daemon.WaitForExitAsync();
        _daemon.Dispose();
    }
}
