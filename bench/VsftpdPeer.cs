using System.Diagnostics;

namespace ActorLogArchive.Bench;

/// <summary>vsftpd with an anonymous account, and lftp to fill it: what an operator would use instead.</summary>
public sealed class VsftpdPeer : IAsyncDisposable
{
    private readonly Process _server;
    private readonly int _port;

    private VsftpdPeer(Process server, int port)
    {
        _server = server;
        _port = port;
    }

    /// <summary>Starts vsftpd; null, with a word on the console, where it or lftp is missing.</summary>
    public static async Task<VsftpdPeer?> TryStartAsync(string folder)
    {
        if (!File.Exists("/usr/sbin/vsftpd") || !File.Exists("/usr/bin/lftp") || Environment.UserName != "root")
        {
            Console.Error.WriteLine("without a peer: vsftpd and lftp have to be installed, and vsftpd is started by root only");
            return null;
        }

        // vsftpd refuses a root that its anonymous account could write to.
        var writable = Directory.CreateDirectory(Path.Combine(folder, "root", "pub")).FullName;
        const UnixFileMode Anyone = (UnixFileMode)0b111_111_111;
        File.SetUnixFileMode(writable, Anyone);
        foreach (var parent in new[] { Path.GetDirectoryName(folder)!, folder, Path.Combine(folder, "root") })
        {
            File.SetUnixFileMode(parent, (UnixFileMode)0b111_101_101);
        }

        var port = BenchNodes.FreePort();
        var configuration = Path.Combine(folder, "vsftpd.conf");
        await File.WriteAllTextAsync(configuration, $"""
            listen=YES
            listen_address=127.0.0.1
            listen_port={port}
            background=NO
            anonymous_enable=YES
            no_anon_password=YES
            anon_root={Path.Combine(folder, "root")}
            anon_upload_enable=YES
            anon_mkdir_write_enable=YES
            anon_other_write_enable=YES
            write_enable=YES
            anon_umask=022
            seccomp_sandbox=NO
            xferlog_enable=NO
            secure_chroot_dir={Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName}

            """);
        var server = Process.Start("/usr/sbin/vsftpd", [configuration]);
        await BenchNodes.WaitForPortAsync(port);
        return new VsftpdPeer(server, port);
    }

    /// <summary>Mirrors a folder with lftp, including the start of its process.</summary>
    public async Task<TimeSpan> MirrorAsync(string folder, string name, int parallel)
    {
        var watch = Stopwatch.StartNew();
        using var lftp = Process.Start("/usr/bin/lftp", ["-c", $"open ftp://127.0.0.1:{_port}; mirror -R --parallel={parallel} {folder} /pub/{name}"]);
        await lftp.WaitForExitAsync();
        return lftp.ExitCode == 0 ? watch.Elapsed : throw new InvalidOperationException($"lftp ended with {lftp.ExitCode}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _server.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
        _server.Dispose();
    }
}
