using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>A session's use of a passive port: connections from its client's address, and from no other.</summary>
internal sealed class PassiveLease(PassivePort port, IPAddress peer)
{
    private readonly Lock _lock = new();
    private Socket? _arrived;
    private TaskCompletionSource<Socket>? _waiting;

    /// <summary>The port.</summary>
    public PassivePort Port { get; } = port;

    /// <summary>Whose connections these are.</summary>
    public IPAddress Peer { get; } = peer;

    /// <summary>Whether <see cref="AcceptAsync"/> waits.</summary>
    public bool IsWaiting => Volatile.Read(ref _waiting) is { Task.IsCompleted: false };

    /// <summary>Turns away who has connected so far: nobody was told to.</summary>
    public void Clear()
    {
        while (Port.Deliver())
            continue;
        Interlocked.Exchange(ref _arrived, null)?.Dispose();
    }

    /// <summary>Who has connected, or will. Fails with <see cref="ObjectDisposedException"/> when <see cref="Abort"/> is called meanwhile.</summary>
    /// <param name="isAborted">Whether it was called already, before there was anything to give up.</param>
    public ValueTask<Socket> AcceptAsync(Func<bool> isAborted)
    {
        while (Volatile.Read(ref _arrived) is null && Port.Deliver())
            continue;
        TaskCompletionSource<Socket> waiting;
        lock (_lock)
        {
            if (_arrived is { } socket)
            {
                _arrived = null;
                return new(socket);
            }

            _waiting = waiting = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // Who aborts sets its mark and then looks for somebody who waits; here it is the other way round. One of the two sees the other.
        Interlocked.MemoryBarrier();
        if (isAborted())
            Abort();
        else
            Port.BeginWaiting();
        return new(waiting.Task);
    }

    /// <summary>Takes a connection.</summary>
    /// <returns>False when it is one too many.</returns>
    public bool Deliver(Socket socket)
    {
        lock (_lock)
        {
            if (_waiting?.TrySetResult(socket) == true)
                return true;
            if (_arrived is not null)
                return false;
            _arrived = socket;
            return true;
        }
    }

    /// <summary>Gives up the waiting.</summary>
    public void Abort()
    {
        lock (_lock)
            _waiting?.TrySetException(new ObjectDisposedException(nameof(PassiveLease)));
    }

    /// <summary>Gives up all, before the port is given back.</summary>
    public void End()
    {
        Abort();
        Interlocked.Exchange(ref _arrived, null)?.Dispose();
    }
}
