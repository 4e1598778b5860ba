using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>Asks a process to end, which .NET cannot.</summary>
internal static class UnixSignal
{
    private const int Terminate = 15;

    /// <summary>Sends SIGTERM; where there are no signals, the process is killed.</summary>
    public static void RequestStop(Process process)
    {
        if (OperatingSystem.IsWindows()) process.Kill(entireProcessTree: true);
        else _ = Kill(process.Id, Terminate);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int processId, int signal);
}
