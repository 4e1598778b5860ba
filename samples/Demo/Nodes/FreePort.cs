using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>Finds TCP ports that nobody listens on.</summary>
internal static class FreePort
{
    /// <summary>The preferred port, or any when that is taken.</summary>
    public static int Prefer(int port) => IsFree(port) ? port : Any(1)[0];

    /// <summary>So many different ports.</summary>
    public static int[] Any(int count)
    {
        // All are held until all are found, so that none comes twice.
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            foreach (var listener in listeners) listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
