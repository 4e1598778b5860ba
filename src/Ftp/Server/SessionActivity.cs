using System.Net;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server.Events;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server;

/// <summary>What a session does now, and how much it has moved, as others see it. Told by the session's own flow of commands.</summary>
internal sealed class SessionActivity(TransferControl transfer, TimeProvider clock)
{
    private string? _command;
    private FtpPath? _path;
    private FtpTransferKind? _kind;
    private volatile bool _isUpload;
    private long _received;
    private long _sent;
    private RateMeter? _rate;

    /// <summary>The command that is carried out; null between two.</summary>
    public string? Command
    {
        get => Volatile.Read(ref _command);
        set => Volatile.Write(ref _command, value);
    }

    private long BytesMoved => Volatile.Read(ref _received) + Volatile.Read(ref _sent) + Moving;

    private long Moving => transfer.IsRunning ? transfer.Bytes : 0;

    /// <summary>A transfer begins.</summary>
    public void Begin(TransferPlan plan)
    {
        _isUpload = plan is StorePlan;
        (_kind, _path) = plan switch
        {
            StorePlan store => (store.Mode == FtpWriteMode.Replace ? FtpTransferKind.Store : FtpTransferKind.Append, store.Path),
            RetrievePlan retrieve => (FtpTransferKind.Retrieve, retrieve.Path),
            _ => ((FtpTransferKind?)null, (FtpPath?)null),
        };
    }

    /// <summary>It ended.</summary>
    public void End()
    {
        Volatile.Write(ref _isUpload ? ref _received : ref _sent, (_isUpload ? _received : _sent) + transfer.Bytes);
        (_kind, _path) = (null, null);
    }

    /// <summary>The session as it is now.</summary>
    public FtpSessionInfo Describe(long id, IPEndPoint client, string? account, DateTimeOffset connectedAt)
    {
        var (up, down) = _isUpload ? (Moving, 0L) : (0L, Moving);
        return new FtpSessionInfo(id, client, account, connectedAt, Command, _path, Volatile.Read(ref _received) + up, Volatile.Read(ref _sent) + down)
        {
            Transfer = _kind,
            Rate = _rate?.PerSecond(BytesMoved) ?? 0,
        };
    }

    /// <summary>Takes note of how fast it is; called by the server every now and then.</summary>
    /// <returns>The event of a running transfer, once a second; else null.</returns>
    public FtpTransferProgressed? Measure(long id, IPEndPoint client, string? account)
    {
        var moved = BytesMoved;
        if (_rate is null && moved == 0)
            return null; // most sessions have just signed in, or look around
        _rate ??= new RateMeter(clock);
        return _rate.Sample(moved) && transfer.IsRunning && _kind is { } kind && _path is { } path
            ? new FtpTransferProgressed(clock.GetUtcNow(), id, client, account, kind, path, transfer.Bytes, _rate.PerSecond(moved))
            : null;
    }
}
