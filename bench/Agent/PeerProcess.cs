using System.Diagnostics;
using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench;

/// <summary>Starts what peers consist of.</summary>
internal static class PeerProcess
{
    /// <summary>vsftpd in a folder that does not exist yet, below one that its account gets permission to pass.</summary>
    public static Task<ForeignServer> StartVsftpdAsync(string folder, ServerTls tls = ServerTls.None)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.GetDirectoryName(folder)!, (UnixFileMode)0b111_101_101);
        return ForeignServer.StartAsync(new Vsftpd(), folder, new ServerWishes { Tls = tls });
    }

    /// <summary>Runs a tool; the time from its start to its end.</summary>
    /// <exception cref="InvalidOperationException">It ended with an error.</exception>
    public static async Task<TimeSpan> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? watch.Elapsed : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }

    /// <summary>What a tool writes.</summary>
    public static async Task<string> OutputOfAsync(string program, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text;
    }
}
