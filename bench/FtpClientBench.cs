using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Bench;

/// <summary>
/// Sends many small files to a running FTP server over a few connections, and has lftp do the same where it is installed.
/// <c>ftp-client --port 2121 [--host H] [--user U] [--password P] [--dir /pub] [--files 2000] [--size 20480]
/// [--connections 4] [--rounds 3] [--verify] [--sequential] [--lftp]</c>
/// </summary>
public static class FtpClientBench
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        string Value(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
        int Number(string name, int otherwise) => int.Parse(Value(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

        var options = new FtpClientOptions
        {
            Host = Value("--host", "127.0.0.1"),
            Port = Number("--port", 2121),
            UserName = Value("--user", "anonymous"),
            Password = Value("--password", "bench@example.org"),
            Pipelining = args.Contains("--sequential") ? FtpPipelining.Never : FtpPipelining.Auto,
        };
        var load = new Load(Number("--files", 2000), Number("--size", 20 * 1024), Number("--connections", 4), args.Contains("--verify"));
        var remote = $"{Value("--dir", "").TrimEnd('/')}/bench-{Guid.NewGuid():N}";
        var local = Directory.CreateTempSubdirectory("ftp-client-bench-").FullName;
        try
        {
            var files = await MakeFilesAsync(local, load).ConfigureAwait(false);
            for (var round = 0; round < Number("--rounds", 3); round++)
            {
                Report("client", load, await SendAsync(options, files, $"{remote}/c{round}", load).ConfigureAwait(false));
                if (args.Contains("--lftp"))
                {
                    Report("lftp", load, await RunLftpAsync(options, local, $"{remote}/l{round}", load).ConfigureAwait(false));
                }
            }

            return 0;
        }
        finally
        {
            Directory.Delete(local, recursive: true);
        }
    }

    private static async Task<string[]> MakeFilesAsync(string folder, Load load)
    {
        var content = new byte[load.Size];
        new Random(1).NextBytes(content);
        var files = new string[load.Files];
        for (var number = 0; number < files.Length; number++)
        {
            files[number] = Path.Combine(folder, $"{number:D6}.log");
            await File.WriteAllBytesAsync(files[number], content).ConfigureAwait(false);
        }

        return files;
    }

    private static async Task<Result> SendAsync(FtpClientOptions options, string[] files, string remote, Load load)
    {
        await using (var first = new FtpClient(options))
        {
            await first.EnsureDirectoryAsync(remote).ConfigureAwait(false);
        }

        var started = Stopwatch.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, load.Connections).Select(_ => Task.Run(async () =>
        {
            await using var client = new FtpClient(options);
            var upload = new FtpUploadOptions { Verify = load.Verify };
            int number;
            while ((number = Interlocked.Increment(ref next)) < files.Length)
            {
                var result = await client.UploadFileAsync(files[number], $"{remote}/{Path.GetFileName(files[number])}", upload).ConfigureAwait(false);
                if (result.Verification == FtpVerification.Mismatch)
                {
                    throw new InvalidOperationException($"{files[number]} arrived damaged.");
                }
            }
        }))).ConfigureAwait(false);
        return new Result(
            Stopwatch.GetElapsedTime(started),
            Environment.CpuUsage.TotalTime - cpu,
            (GC.GetTotalAllocatedBytes() - allocated) / files.Length);
    }

    private static async Task<Result> RunLftpAsync(FtpClientOptions options, string local, string remote, Load load)
    {
        var script = $"set ftp:ssl-allow no; set net:max-retries 2; open -u {options.UserName},{options.Password} -p {options.Port} {options.Host}; "
            + $"mirror -R --parallel={load.Connections} {local} {remote}; bye";
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("lftp", ["--norc", "-c", script]))!;
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode == 0
            ? new Result(Stopwatch.GetElapsedTime(started), null, null)
            : throw new InvalidOperationException($"lftp ended with {process.ExitCode}.");
    }

    private static void Report(string who, Load load, Result result)
    {
        var what = $"{load.Files} x {load.Size} B, {load.Connections} connections{(load.Verify ? ", verified" : "")}";
        var own = result is { Cpu: { } cpu, BytesAllocated: { } bytes } ? $", own cpu {cpu.TotalMicroseconds / load.Files:0} us and {bytes} B allocated a file" : "";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{who,-8}{what}: {load.Files / result.Elapsed.TotalSeconds,8:0} files/s  {result.Elapsed.TotalSeconds:0.000} s{own}"));
    }

    private sealed record Load(int Files, int Size, int Connections, bool Verify);

    private sealed record Result(TimeSpan Elapsed, TimeSpan? Cpu, long? BytesAllocated);
}
