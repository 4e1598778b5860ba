using System.Buffers;
using System.IO.Hashing;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server.Quotas;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Carries transfer plans out: makes the data connection, moves the bytes, and gives the reply that ends it.</summary>
internal sealed class TransferRunner(CommandContext context, ControlConnection control, TransferControl transfer, SessionPace pace)
{
    private const int ListBufferSize = 64 * 1024;

    private ServerServices Services => context.Services;

    /// <summary>Runs one transfer. <paramref name="abortRequested"/> tells, asked once it has begun, whether it shall not be: an ABOR waits behind it, or the session ends.</summary>
    public async ValueTask<ServerReply> RunAsync(TransferPlan plan, Func<bool> abortRequested) => plan switch
    {
        StorePlan store => await StoreAsync(store, abortRequested).ConfigureAwait(false),
        RetrievePlan retrieve => await RetrieveAsync(retrieve, abortRequested).ConfigureAwait(false),
        ListPlan list => await ListAsync(list, abortRequested).ConfigureAwait(false),
        _ => Replies.NotImplemented,
    };

    private async ValueTask<ServerReply> StoreAsync(StorePlan plan, Func<bool> abortRequested)
    {
        if (!Services.Writers.TryEnter(plan.Path, context.SessionId))
            return Replies.FileBusy;
        QuotaCharge? quota = null;
        try
        {
            (quota, var refusal) = await Services.Quotas.BeginAsync(context, plan).ConfigureAwait(false);
            if (refusal is not null)
                return refusal;
            var writer = await context.Storage.OpenWriteAsync(plan.Path, plan.Mode, plan.Offset, plan.SizeHint, context.Lifetime).ConfigureAwait(false);
            await using (writer.ConfigureAwait(false))
            {
                Services.Hashes.Forget(plan.Path);
                context.Unflushed.Add(plan.Path);
                return await ReceiveAsync(plan, writer, quota, abortRequested).ConfigureAwait(false);
            }
        }
        finally
        {
            if (quota is not null)
                await quota.EndAsync(context.Storage).ConfigureAwait(false);
            Services.Writers.Leave(plan.Path);
        }
    }

    private async ValueTask<ServerReply> ReceiveAsync(StorePlan plan, IFtpWriter writer, QuotaCharge? quota, Func<bool> abortRequested)
    {
        var kind = plan.Mode == FtpWriteMode.Replace ? FtpTransferKind.Store : FtpTransferKind.Append;
        var offset = writer.Position;

        // By the algorithm the session has chosen for HASH, which may follow.
        using var hasher = new FtpHasher(context.State.HashAlgorithm);
        var checksum = offset > 0 ? new Crc64() : null;
        return await MoveAsync(
            new Movement(plan, kind, plan.Path, offset, plan.NeedsPermission),
            abortRequested,
            async connection =>
            {
                using var inflated = context.State.Mode.Kind == TransferModeKind.Deflate ? new InflatedSource(connection) : null;
                try
                {
                    await new Upload(inflated ?? SourceOf(connection), writer, hasher, checksum, Limits(context.Traffic!.Upload, Services.Uploads, quota), Services.UploadThreads, context.Lifetime).RunAsync().ConfigureAwait(false);
                }
                catch (FtpStorageException full) when (full.Error == FtpStorageError.QuotaExceeded)
                {
                    // What fits is of no use to a client that may never get room for the rest: the quota shall not stay full of it.
                    await writer.DiscardAsync(context.Lifetime).ConfigureAwait(false);
                    throw;
                }

                transfer.ThrowIfAborted();
                if (!context.State.Mode.KeepsConnection)
                    await connection.FinishReceivingAsync().ConfigureAwait(false);
                await writer.CompleteAsync(context.Lifetime).ConfigureAwait(false);
                var hash = new FtpHash(hasher.Algorithm, offset, offset + hasher.Length, hasher.CurrentHex());
                if (writer.File is { } file)
                    Services.Hashes.Remember(plan.Path, hash, writer.Position, File.GetLastWriteTimeUtc(file));
                return new Moved(writer.Position, hash, checksum?.GetCurrentHashAsUInt64());
            }).ConfigureAwait(false);
    }

    private async ValueTask<ServerReply> RetrieveAsync(RetrievePlan plan, Func<bool> abortRequested)
    {
        await using (plan.Reader.ConfigureAwait(false))
        {
            return await MoveAsync(
                new Movement(plan, FtpTransferKind.Retrieve, plan.Path, plan.Offset, FtpPermissions.Read),
                abortRequested,
                async connection =>
                {
                    await new Download(connection, SinkOf(connection), plan.Reader, plan.Offset, Limits(context.Traffic!.Download, Services.Downloads), transfer, context.Lifetime).RunAsync().ConfigureAwait(false);
                    return new Moved(plan.Reader.Length, null, null);
                }).ConfigureAwait(false);
        }
    }

    private IByteSource SourceOf(DataConnection connection) => context.State.Mode.Kind == TransferModeKind.Block ? connection.Blocks : Nearby(connection);

    private NearbySource Nearby(DataConnection connection) => new(connection, control, pace);

    private IByteSink SinkOf(DataConnection connection) => context.State.Mode.Kind switch
    {
        TransferModeKind.Deflate => new DeflatedSink(connection, context.State.Mode.Level),
        TransferModeKind.Block => connection.Blocks,
        _ => connection,
    };

    /// <summary>A transfer of a file, with its events.</summary>
    private async ValueTask<ServerReply> MoveAsync(Movement file, Func<bool> abortRequested, Func<DataConnection, ValueTask<Moved>> move)
    {
        var account = context.Account?.Name;
        var began = Services.Clock.GetTimestamp();
        context.Publish(new FtpTransferBegan(context.Now, context.SessionId, context.Client, account, file.Kind, file.Path, file.Offset));
        Moved end = default;
        var (reply, reason) = await WithConnectionAsync(file.Plan, file.Path, file.Permission, abortRequested, async data => end = await move(data).ConfigureAwait(false)).ConfigureAwait(false);

        context.Publish(reason is null
            ? new FtpTransferCompleted(
                context.Now, context.SessionId, context.Client, account, file.Kind, file.Path, file.Offset, transfer.Bytes, end.Size, end.Hash, Services.Clock.GetElapsedTime(began))
            {
                Checksum = end.Checksum,
            }
            : new FtpTransferAborted(context.Now, context.SessionId, context.Client, account, file.Kind, file.Path, file.Offset, transfer.Bytes, reason));
        return reply;
    }

    private async ValueTask<ServerReply> ListAsync(ListPlan plan, Func<bool> abortRequested)
    {
        var (reply, _) = await WithConnectionAsync(plan, plan.Directory, FtpPermissions.List, abortRequested, connection => SendListAsync(SinkOf(connection), plan)).ConfigureAwait(false);
        return reply;
    }

    private async ValueTask SendListAsync(IByteSink data, ListPlan plan)
    {
        var limits = Limits(context.Traffic!.Download, Services.Downloads);
        var buffer = ArrayPool<byte>.Shared.Rent(ListBufferSize);
        try
        {
            var filled = 0;
            await foreach (var entry in plan.Entries.ConfigureAwait(false))
            {
                int length;
                while (!plan.Format(entry, buffer.AsSpan(filled), out length))
                {
                    if (filled == 0)
                        throw new InvalidOperationException($"A listing line of a name of {entry.Name.Length} characters does not fit {buffer.Length} bytes.");
                    await SendPieceAsync(data, buffer.AsMemory(0, filled), limits).ConfigureAwait(false);
                    filled = 0;
                }

                filled += length;
            }

            await SendPieceAsync(data, buffer.AsMemory(0, filled), limits).ConfigureAwait(false);
            await data.FinishAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask SendPieceAsync(IByteSink data, ReadOnlyMemory<byte> piece, TransferLimits limits)
    {
        await data.SendAsync(piece).ConfigureAwait(false);
        await limits.MovedAsync(piece.Length).ConfigureAwait(false);
    }

    /// <summary>
    /// 150, the data connection, <paramref name="move"/>, and the last reply. The reason is null when all went well.
    /// </summary>
    private async ValueTask<(ServerReply Reply, string? Reason)> WithConnectionAsync(
        TransferPlan plan, FtpPath path, FtpPermissions permission, Func<bool> abortRequested, Func<DataConnection, ValueTask> move)
    {
        transfer.Begin(path, permission);
        try
        {
            if (abortRequested())
                transfer.Abort("aborted by the client");

            // The data may be there already, where the connection is: then all is said at once. Else the client may wait
            // for this reply before it connects; and to go on in the middle of a file may take its time.
            var opening = plan.Opening.ToBytes();
            await (plan is StorePlan { Offset: 0 } && context.Channel.IsClaimed ? control.ReplyAsync(opening) : control.SendAsync(opening)).ConfigureAwait(false);
            if (transfer.AbortReason is { } early)
                return Aborted(early);

            DataConnection connection;
            try
            {
                connection = await context.Channel.ConnectAsync(() => transfer.AbortReason is not null).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return (Replies.DataConnectionFailed, transfer.AbortReason ?? "no data connection could be made");
            }

            try
            {
                transfer.Connected(connection);
                if (context.State.DataIsPrivate && !connection.IsSecure)
                    await SecureAsync(connection).ConfigureAwait(false);
                if (context.State.Mode.Kind == TransferModeKind.Block)
                    connection.Blocks.BeginFile(Nearby(connection));
                await move(connection).ConfigureAwait(false);
                transfer.ThrowIfAborted();
            }
            catch
            {
                connection.Dispose();
                throw;
            }

            transfer.End();
            if (context.State.Mode.KeepsConnection)
            {
                context.Channel.Keep(connection, Services.Clock.GetTimestamp());
                return (Replies.TransferCompleteAndKept, null);
            }

            // It closes by itself a moment later: the client is told at once.
            _ = connection.LingerAsync(Services.Clock);
            return (Replies.TransferComplete, null);
        }
        catch (DataConnectionException failure)
        {
            return Aborted(transfer.AbortReason ?? failure.Message);
        }
        catch (Exception failure) when (transfer.AbortReason is not null || failure is SocketException or ObjectDisposedException)
        {
            return Aborted(transfer.AbortReason ?? "the control connection broke");
        }
        catch (FtpStorageException refusal)
        {
            return (Replies.For(refusal), refusal.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (Replies.LocalError, $"local error: {failure.Message}");
        }
        finally
        {
            transfer.End();
        }
    }

    private TransferLimits Limits(TokenBucket account, TokenBucket server, QuotaCharge? quota = null) =>
        new(account, server, quota, transfer, Services.Clock, context.Lifetime);

    private async ValueTask SecureAsync(DataConnection connection)
    {
        var tls = Services.Options.Tls!;
        using var patience = new CancellationTokenSource(tls.HandshakeTimeout, Services.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.Lifetime);
        await connection.SecureAsync(tls.ForHandshake(), either.Token).ConfigureAwait(false);
    }

    private static (ServerReply Reply, string Reason) Aborted(string reason) => (new ServerReply(426, $"Transfer aborted: {reason}."), reason);

    /// <summary>What a transfer of a file ended with; see <see cref="FtpTransferCompleted"/>.</summary>
    private readonly record struct Moved(long Size, FtpHash? Hash, ulong? Checksum);

    private sealed record Movement(TransferPlan Plan, FtpTransferKind Kind, FtpPath Path, long Offset, FtpPermissions Permission);
}
