using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.ForeignServers;

/// <summary>
/// Ports of 127.0.0.1 for programs that cannot be given port 0, or have to come back on the port they had. They lie below those that the
/// system gives to connections (from 32768 on): one of these could take the port while its program is away.
/// </summary>
public static class LoopbackPort
{
    private const int First = 10_000;
    private const int Count = 10_000;

    // Several test programs may run at once: each begins somewhere else.
    private static int _last = Random.Shared.Next(Count);

    /// <summary>A port on which nobody listens, another one each time.</summary>
    public static int Free()
    {
        for (var tried = 0; tried < Count; tried++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"none of the ports {First} to {First + Count - 1} is free");
    }
}
