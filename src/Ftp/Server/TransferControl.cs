using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// A session's running transfer as others see it: its progress, its deadline, and the means to end it from another
/// thread. Ending closes the data connection, so that whatever waits on it fails; the first reason is kept.
/// </summary>
internal sealed class TransferControl(DataChannel channel, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private DataConnection? _connection;
    private string? _abortReason;
    private bool _running;
    private bool _connecting;
    private long _lastProgress;
    private long _bytes;
    private FtpPath? _path;
    private FtpPermissions _permission;

    /// <summary>Whether a transfer runs.</summary>
    public bool IsRunning => Volatile.Read(ref _running);

    /// <summary>Why it was ended, null while it was not.</summary>
    public string? AbortReason => Volatile.Read(ref _abortReason);

    /// <summary>Bytes moved by it so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>A transfer begins: its data connection is to be made.</summary>
    public void Begin(FtpPath path, FtpPermissions permission)
    {
        lock (_lock)
        {
            _abortReason = null;
            _path = path;
            _permission = permission;
            _connecting = true;
            _bytes = 0;
            _lastProgress = clock.GetTimestamp();
            Volatile.Write(ref _running, true);
        }
    }

    /// <summary>The data connection is there.</summary>
    public void Connected(DataConnection connection)
    {
        lock (_lock)
        {
            _connection = connection;
            _connecting = false;
            _lastProgress = clock.GetTimestamp();
            if (_abortReason is not null)
                connection.Abort();
        }
    }

    /// <summary>Bytes were moved; 0 says that it is alive all the same (it waits for its rate limit).</summary>
    public void Progress(int bytes)
    {
        Volatile.Write(ref _bytes, _bytes + bytes);
        Volatile.Write(ref _lastProgress, clock.GetTimestamp());
    }

    /// <summary>It is over.</summary>
    public void End()
    {
        lock (_lock)
        {
            Volatile.Write(ref _running, false);
            _connection = null;
        }
    }

    /// <summary>A connection closed from here may look as if the client had ended it: what is half there must not count as whole.</summary>
    /// <exception cref="DataConnectionException">It was ended early.</exception>
    public void ThrowIfAborted()
    {
        if (AbortReason is { } reason)
            throw new DataConnectionException(reason);
    }

    /// <summary>Ends it early.</summary>
    public void Abort(string reason)
    {
        lock (_lock)
        {
            if (!_running || _abortReason is not null)
                return;
            Volatile.Write(ref _abortReason, reason);
            if (_connecting)
                channel.Abort();
            _connection?.Abort();
        }
    }

    /// <summary>Ends it when it has stood still for too long.</summary>
    public void CheckDeadline(TimeSpan connectTimeout, TimeSpan stallTimeout)
    {
        if (!IsRunning)
            return;
        var still = clock.GetElapsedTime(Volatile.Read(ref _lastProgress));
        if (_connecting ? still > connectTimeout : still > stallTimeout)
            Abort(_connecting ? "no data connection was made in time" : "the transfer stood still for too long");
    }

    /// <summary>Ends it when the account may no longer do it.</summary>
    public void CheckAllowed(FtpAccount account)
    {
        lock (_lock)
        {
            if (!_running || _path is not { } path || (account.Home.Contains(path) && account.Permissions.HasFlag(_permission)))
                return;
        }

        Abort("the account was changed");
    }
}
