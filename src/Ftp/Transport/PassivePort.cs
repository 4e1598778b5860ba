using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>A port that is listened at for sessions of different client addresses.</summary>
internal sealed class PassivePort(Socket listener)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, PassiveLease> _leases = [];
    private readonly SocketReadiness? _readiness = SocketCalls.ArePossible ? new SocketReadiness(listener) : null;
    private bool _isWaiting;

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; } = (IPEndPoint)listener.LocalEndPoint!;

    /// <summary>Lets connections from <paramref name="peer"/> in; null when a session of that address has it already.</summary>
    public PassiveLease? TryAdd(IPAddress peer)
    {
        lock (_lock)
        {
            var lease = new PassiveLease(this, peer);
            return _leases.TryAdd(peer, lease) ? lease : null;
        }
    }

    /// <summary>Ends a lease.</summary>
    /// <returns>True when it was the last one: the port is closed.</returns>
    public bool Remove(PassiveLease lease)
    {
        lock (_lock)
        {
            _leases.Remove(lease.Peer);
            if (_leases.Count > 0)
                return false;
        }

        listener.Dispose();
        return true;
    }

    /// <summary>Hands the next that has connected to whom it is for; whom nobody expects is turned away.</summary>
    /// <returns>False when nobody has.</returns>
    public bool Deliver()
    {
        lock (_lock)
        {
            if (TryAccept() is not { } socket)
                return false;
            Deliver(socket);
            return true;
        }
    }

    /// <summary>Has <see cref="PassiveLease.Deliver"/> called once somebody connects.</summary>
    public void BeginWaiting()
    {
        lock (_lock)
        {
            if (_isWaiting)
                return;
            _isWaiting = true;
        }

        _ = WaitAsync();
    }

    private async Task WaitAsync()
    {
        try
        {
            while (true)
            {
                var socket = await AcceptAsync().ConfigureAwait(false);
                lock (_lock)
                {
                    if (socket is not null)
                        Deliver(socket);
                    while (Deliver())
                        continue;
                    if (_leases.Values.Any(lease => lease.IsWaiting))
                        continue;
                    _isWaiting = false;
                    return;
                }
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            lock (_lock)
            {
                _isWaiting = false;
                foreach (var lease in _leases.Values)
                    lease.Abort();
            }
        }
    }

    private async ValueTask<Socket?> AcceptAsync()
    {
        if (_readiness is null)
            return await listener.AcceptAsync().ConfigureAwait(false);
        await _readiness.WaitAsync().ConfigureAwait(false);
        return null;
    }

    private Socket? TryAccept()
    {
        try
        {
            // Elsewhere than on Linux an accept is under way then, and will deliver.
            if (_isWaiting && _readiness is null)
                return null;

            // What has connected stays in the queue, also when it has gone again; and nobody else accepts: this does not wait.
            return listener.Poll(0, SelectMode.SelectRead) ? listener.Accept() : null;
        }
        catch (SocketException gone) when (gone.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
        {
            return null; // it has connected and left again
        }
        catch (ObjectDisposedException)
        {
            return null; // the port is closed: nobody expects anybody
        }
    }

    private void Deliver(Socket socket)
    {
        var from = (socket.RemoteEndPoint as IPEndPoint)?.Address.Unmapped();
        if (from is null || !_leases.TryGetValue(from, out var lease) || !lease.Deliver(socket))
            socket.Dispose();
    }
}
