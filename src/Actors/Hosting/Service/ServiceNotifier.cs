using System.Net.Sockets;
using System.Text;

namespace ActorLogArchive.Actors.Hosting.Service;

/// <summary>
/// Tells the service manager how the process is: the datagrams of sd_notify(3), to the socket that <c>NOTIFY_SOCKET</c> names.
/// The manager is not waited for, and that it cannot be reached is no reason to stop.
/// </summary>
public sealed class ServiceNotifier : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly UnixDomainSocketEndPoint _manager;

    /// <summary>Tells a socket.</summary>
    /// <param name="address">An absolute path, or <c>@</c> and an abstract name.</param>
    /// <param name="watchdog">Without a <see cref="Alive"/> for so long the manager ends the process; null: it does not watch.</param>
    /// <exception cref="ArgumentException">The address cannot be one of a socket.</exception>
    public ServiceNotifier(string address, TimeSpan? watchdog = null)
    {
        _manager = new UnixDomainSocketEndPoint(address.StartsWith('@') ? "\0" + address[1..] : address);
        Watchdog = watchdog;
    }

    /// <summary>Without a <see cref="Alive"/> for so long the manager ends the process; null: it does not watch.</summary>
    public TimeSpan? Watchdog { get; }

    /// <summary>The manager of this process; null when there is none that listens.</summary>
    /// <param name="environment">Reads a variable.</param>
    /// <param name="processId">This process: the watchdog may be meant for another one.</param>
    public static ServiceNotifier? FromEnvironment(Func<string, string?> environment, int processId)
    {
        // Other kinds (vsock) are for virtual machines as a whole.
        if (environment("NOTIFY_SOCKET") is not { Length: > 1 } address || (address[0] != '/' && address[0] != '@'))
            return null;
        var isOurs = environment("WATCHDOG_PID") is not { } meant || (int.TryParse(meant, out var pid) && pid == processId);
        TimeSpan? watchdog = isOurs && long.TryParse(environment("WATCHDOG_USEC"), out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
        try
        {
            return new ServiceNotifier(address, watchdog);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The start is complete.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>The process works.</summary>
    public void Alive() => Send("WATCHDOG=1");

    /// <summary>The process ends in good order.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>One line for people, shown by <c>systemctl status</c>.</summary>
    public void Status(string text) => Send($"STATUS={text.ReplaceLineEndings(" ")}");

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Send(string text)
    {
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(text), _manager);
        }
        catch (SocketException)
        {
            // A manager that is being started anew reads the next one.
        }
    }
}
