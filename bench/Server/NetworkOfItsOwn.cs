using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace ActorLogArchive.Bench.Server;

/// <summary>
/// Runs the rest in a network namespace with nothing but its loopback, where closed connections are forgotten at once. Elsewhere
/// they linger for a minute (TIME_WAIT), the loads leave them by the ten thousand, and each passive port that a server then asks the system for
/// costs it a search among them: who comes later in a round would look slower than who comes first.
/// </summary>
public static partial class NetworkOfItsOwn
{
    private const string Inside = "--in-own-network";
    private const string Unshare = "/usr/bin/unshare";
    private const string Lingering = "/proc/sys/net/ipv4/tcp_max_tw_buckets";
    private const nuint SetInterfaceFlags = 0x8914;
    private const byte Up = 1;

    /// <summary>
    /// Replaces this process by itself in such a network, and returns only inside of it, or where that is not possible: needs
    /// Linux and root, as most of the peers do.
    /// </summary>
    public static void Enter(string[] args)
    {
        if (args.Contains(Inside))
        {
            RaiseLoopback();
            File.WriteAllText(Lingering, "0");
            return;
        }

        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists(Unshare))
        {
            // The same process goes on: who ends it, ends it.
            _ = Execute(Unshare, [Unshare, "-n", "--", Environment.ProcessPath!, .. OwnAssembly(), .. args, Inside, null]);
        }

        Console.Error.WriteLine("in the network that all share: what lingers of closed connections slows down who comes later");
    }

    // Started as `dotnet Bench.dll` the program is not the process' file.
    private static string[] OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(NetworkOfItsOwn).Assembly.Location] : [];

    private static void RaiseLoopback()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var request = new byte[40]; // struct ifreq: name, then flags
        Encoding.ASCII.GetBytes("lo").CopyTo(request, 0);
        request[16] = Up;
        if (Control((int)socket.Handle, SetInterfaceFlags, request) != 0)
        {
            throw new IOException($"The loopback interface does not come up: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int socket, nuint request, byte[] argument);
}
