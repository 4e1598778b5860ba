using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// How a session's next data connection is made: passive (PASV, EPSV) or active (PORT, EPRT). Only the control
/// connection's peer may be at the other end (RFC 2577: no bounce, no port theft). Used by the session's own flow of
/// commands; <see cref="Dispose"/> alone may come from elsewhere.
/// </summary>
internal sealed class DataChannel(IPEndPoint local, IPAddress peer, PassivePorts ports) : IDisposable
{
    // A port is kept from file to file, as opening one costs more than a small file does. But each port has only some
    // 28,000 client ports to be reached from, each unusable for a minute: so it is changed for another now and then.
    private const int UsesPerPort = 200;

    private PassiveLease? _lease;
    private IPEndPoint? _active;
    private bool _passive;
    private int _uses;
    private bool _isAwaited; // the port was told, and nobody has come to it since
    private DataConnection? _kept;
    private DataConnection? _claimed;
    private long _keptSince;
    private volatile Socket? _connecting;
    private volatile bool _disposed;

    /// <summary>Whether a data connection may be made: PASV, EPSV, PORT or EPRT came since the last one.</summary>
    public bool IsReady => _passive || _active is not null;

    /// <summary>
    /// Keeps the data connection of a transfer in MODE B for the next one (RFC 959, section 3.3), until it is dropped, another one is prepared, or
    /// <see cref="DropIdle"/> finds it too old.
    /// </summary>
    public void Keep(DataConnection connection, long now)
    {
        _keptSince = now;
        Volatile.Write(ref _kept, connection);
        if (_disposed)
            Drop();
    }

    /// <summary>Whether the next transfer can use the connection that was kept; from then on it is that transfer's, or dropped by <see cref="DropClaimed"/>.</summary>
    public bool TryClaim(bool isSecure)
    {
        _claimed ??= Interlocked.Exchange(ref _kept, null);
        if (_claimed is { } claimed && claimed.IsSecure == isSecure)
            return true;
        DropClaimed();
        return false;
    }

    /// <summary>Whether the next transfer has a connection already.</summary>
    public bool IsClaimed => _claimed is not null;

    /// <summary>Closes a connection that was claimed and not used.</summary>
    public void DropClaimed()
    {
        _claimed?.Dispose();
        _claimed = null;
    }

    /// <summary>Closes a connection that was kept.</summary>
    public void Drop() => Interlocked.Exchange(ref _kept, null)?.Dispose();

    /// <summary>Closes it when it was kept for long: its buffers cost more than a new one. May be called from anywhere.</summary>
    public void DropIdle(TimeProvider clock, TimeSpan limit)
    {
        if (Volatile.Read(ref _kept) is not null && clock.GetElapsedTime(Volatile.Read(ref _keptSince)) > limit)
            Drop();
    }

    /// <summary>Prepares a passive connection.</summary>
    /// <returns>The port to connect to.</returns>
    /// <exception cref="SocketException">No port is free.</exception>
    public int OpenPassive()
    {
        Drop();
        _active = null;
        if (_lease is null || _uses >= UsesPerPort || _isAwaited)
        {
            // Where nobody has come yet, as the transfer was refused, somebody may be on the way still: on the same port,
            // that one's data would be taken for the next file's.
            GiveBack();
            _lease = ports.Take(local.Address, peer);
            _uses = 0;
        }
        else
        {
            _lease.Clear();
        }

        _uses++;
        (_passive, _isAwaited) = (true, true);
        return _lease.Port.Address.Port;
    }

    /// <summary>Prepares an active connection to <paramref name="client"/>, which the caller has checked.</summary>
    public void SetActive(IPEndPoint client)
    {
        Drop();
        _passive = false;
        _active = client;
    }

    /// <summary>Forgets what was prepared.</summary>
    public void Reset()
    {
        Drop();
        _passive = false;
        _active = null;
    }

    /// <summary>Makes the data connection that was prepared, or gives the one that was claimed. Fails when <see cref="Abort"/> is called meanwhile.</summary>
    /// <param name="isAborted">Whether it was called already, before there was anything to give up.</param>
    public async ValueTask<DataConnection> ConnectAsync(Func<bool> isAborted)
    {
        if (_claimed is { } claimed)
        {
            _claimed = null;
            return claimed;
        }

        var target = _active;
        _active = null;
        _passive = false;
        var socket = target is null ? await AcceptAsync(isAborted).ConfigureAwait(false) : await ConnectAsync(target, isAborted).ConfigureAwait(false);
        _isAwaited &= target is not null;
        return new DataConnection(socket);
    }

    /// <summary>Gives up a connection that is being made.</summary>
    public void Abort()
    {
        _connecting?.Dispose();
        _lease?.Abort();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        Abort();
        Drop();
        GiveBack();
    }

    private ValueTask<Socket> AcceptAsync(Func<bool> isAborted) => _lease!.AcceptAsync(() => _disposed || isAborted());

    private async ValueTask<Socket> ConnectAsync(IPEndPoint target, Func<bool> isAborted)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        Begin(socket, isAborted);
        try
        {
            // From the address the client knows us by, so that its firewall lets us in.
            socket.Bind(new IPEndPoint(local.Address, 0));
            await socket.ConnectAsync(target).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            _connecting = null;
        }
    }

    private void Begin(Socket socket, Func<bool> isAborted)
    {
        _connecting = socket;

        // Who aborts sets its mark and then looks for a socket; here it is the other way round. One of the two sees the other.
        Interlocked.MemoryBarrier();
        if (_disposed || isAborted())
            socket.Dispose();
    }

    private void GiveBack()
    {
        _passive = false;
        if (Interlocked.Exchange(ref _lease, null) is not { } lease)
            return;
        lease.End();
        ports.Return(lease);
    }
}
