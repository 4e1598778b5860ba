using System.Diagnostics;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench;

/// <summary>vsftpd, and lftp to fill it: what an operator would use instead.</summary>
public sealed class LftpPeer : IAsyncDisposable
{
    private const string Lftp = "/usr/bin/lftp";

    private readonly ForeignServer _server;

    private LftpPeer(ForeignServer server) => _server = server;

    /// <summary>Starts vsftpd in a folder that does not exist yet; null, with a word on the console, where it or lftp is missing.</summary>
    public static async Task<LftpPeer?> TryStartAsync(string folder)
    {
        var vsftpd = new Vsftpd();
        if ((vsftpd.WhyNot(ServerTls.None) ?? (File.Exists(Lftp) ? null : "lftp is not installed")) is { } why)
        {
            Console.Error.WriteLine($"without a peer: {why}");
            return null;
        }

        // vsftpd's account has to get there.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.GetDirectoryName(folder)!, (UnixFileMode)0b111_101_101);
        }

        return new LftpPeer(await ForeignServer.StartAsync(vsftpd, folder));
    }

    /// <summary>Mirrors a folder with lftp, including the start of its process.</summary>
    public async Task<TimeSpan> MirrorAsync(string folder, string name, int parallel)
    {
        var watch = Stopwatch.StartNew();
        using var lftp = Process.Start(Lftp, ["-c", $"open ftp://127.0.0.1:{_server.Site.Port}; mirror -R --parallel={parallel} {folder} {_server.Start.Home}/{name}"]);
        await lftp.WaitForExitAsync();
        return lftp.ExitCode == 0 ? watch.Elapsed : throw new InvalidOperationException($"lftp ended with {lftp.ExitCode}");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
