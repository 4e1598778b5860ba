using System.Buffers;
using System.Globalization;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// One upload. Where the server takes commands ahead of their turn, a small file costs one wait: STOR and the data go out
/// at once, behind them in one write the request for the hash, the modification time and the next file's data port,
/// and then all replies are read.
/// </summary>
internal sealed class FtpUpload(FtpSession session, FtpUploadSource source, string path, FtpUploadOptions options)
{
    private const int BufferSize = 256 * 1024;

    private readonly IFtpPace _pace = options.Pace ?? new FtpPace(options.RateLimit, session.Time);
    private FtpHash? _local;
    private long _bytes;
    private bool _atEnd;
    private FtpTransfer? _transfer;

    private long End => options.Offset + _bytes;

    /// <summary>
    /// Finds out, on another connection, whether all arrived although the server did not say so. Without a hash the size has
    /// to do, and of a file that replaces one of just its size that tells nothing: so it does only when the server had begun.
    /// </summary>
    /// <exception cref="FtpConnectionException">It did not arrive.</exception>
    public async Task<FtpUploadResult> ReconcileAsync(FtpSession again, FtpConnectionException cause)
    {
        var size = await FtpFiles.GetSizeAsync(again, path).ConfigureAwait(false);
        if (size != End)
        {
            throw new FtpConnectionException(string.Create(
                CultureInfo.InvariantCulture,
                $"{cause.Message}; all {End} bytes of {path} were sent, and the server has {size?.ToString(CultureInfo.InvariantCulture) ?? "none"} of them"), cause);
        }

        var remote = _local is null ? null : await FtpFiles.HashAsync(again, path, _local.Algorithm, options.Offset, End).ConfigureAwait(false);
        if (remote is null && _transfer is not { HasStarted: true })
        {
            throw new FtpConnectionException($"{cause.Message}; {path} has the right size on the server, but may have had it before", cause);
        }

        if (options.Modified is { } modified && again.Features.ModifyTime)
        {
            await again.Control.ExecuteAsync("MFMT", $"{FtpFiles.FormatTime(modified)} {path}").ConfigureAwait(false);
        }

        return new FtpUploadResult(_bytes, _local, remote)
        {
            RemoteSize = size,
            IsReconciled = true,
            Verification = remote is null ? FtpVerification.BySize : remote == _local ? FtpVerification.ByHash : FtpVerification.Mismatch,
        };
    }

    /// <summary>Does it.</summary>
    public async Task<FtpUploadResult> RunAsync(CancellationToken cancellationToken)
    {
        var algorithm = options.Algorithm ?? (options.Verify ? FtpRangeHash.Choose(session.Features, options.Offset == 0, null) : null);
        var remoteAlgorithm = options.Verify ? FtpRangeHash.Choose(session.Features, options.Offset == 0, algorithm) : null;
        using var hasher = algorithm is { } chosen ? new FtpHasher(chosen) : null;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            // Read before anything is sent: a source that cannot be read must not leave an empty file behind.
            var first = await FillAsync(buffer, cancellationToken).ConfigureAwait(false);
            await FtpModes.SuitAsync(session, options.Length ?? (_atEnd ? first : null)).ConfigureAwait(false);
            return await FtpTransfer.RunAsync(
                session,
                await ChooseVerbAsync().ConfigureAwait(false),
                path,
                session.Features.RestartStream ? options.Offset : 0,
                async transfer =>
                {
                    (_transfer, _bytes) = (transfer, 0);
                    await SendAllAsync(transfer, buffer, first, hasher, cancellationToken).ConfigureAwait(false);
                    return await FinishAsync(transfer, hasher, remoteAlgorithm).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<string> ChooseVerbAsync()
    {
        if (options.Offset == 0 || session.Features.RestartStream)
        {
            return "STOR";
        }

        // APPE goes on where the file ends, wherever that is.
        var size = await session.Control.ExecuteAsync("SIZE", path).ConfigureAwait(false);
        return FtpFiles.ReadSize(size) is { } bytes && bytes != options.Offset
            ? throw new FtpReplyException(554, $"APPE {path}", $"the file has {bytes} bytes, so it cannot be continued at {options.Offset}")
            : "APPE";
    }

    private async ValueTask SendAllAsync(FtpTransfer transfer, byte[] buffer, int first, FtpHasher? hasher, CancellationToken cancellationToken)
    {
        if (!session.IsPipelined)
        {
            await transfer.WaitForStartAsync().ConfigureAwait(false);
        }

        for (var filled = first; filled > 0;)
        {
            await SendAsync(transfer, buffer.AsMemory(0, filled), hasher, cancellationToken).ConfigureAwait(false);
            if (_atEnd)
            {
                break;
            }

            // Before the buffer is filled anew: until the start is seen, what is in it may have to be sent again.
            await transfer.WaitForStartAsync().ConfigureAwait(false);
            filled = await FillAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        // What a compressor still holds goes out with the end: of a small file that is all of it.
        var sentBefore = transfer.Data.SentBytes;
        await transfer.Data.CompleteAsync().ConfigureAwait(false);
        await _pace.MovedAsync((int)(transfer.Data.SentBytes - sentBefore), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(FtpTransfer transfer, ReadOnlyMemory<byte> data, FtpHasher? hasher, CancellationToken cancellationToken)
    {
        while (data.Length > 0)
        {
            var piece = data[..Math.Min(data.Length, _pace.MaxPiece)];
            var sentBefore = transfer.Data.SentBytes;
            await transfer.Data.SendAsync(piece, isLast: _atEnd && piece.Length == data.Length).ConfigureAwait(false);

            // After the sending: the network and the server work meanwhile. What is sent again was hashed before.
            if (hasher?.Length == _bytes)
            {
                hasher.Append(piece.Span);
            }

            _bytes += piece.Length;
            data = data[piece.Length..];
            options.Progress?.Report(_bytes);
            await transfer.KeepAliveAsync().ConfigureAwait(false);
            await _pace.MovedAsync((int)(transfer.Data.SentBytes - sentBefore), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<int> FillAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(buffer.Length, (options.Length ?? long.MaxValue) - _bytes);
        var filled = 0;
        while (filled < wanted)
        {
            var read = await source.ReadAsync(buffer.AsMemory(filled, wanted - filled), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                _atEnd = true;
                break;
            }

            filled += read;
        }

        if (options.Length is { } length)
        {
            if (_atEnd && _bytes + filled < length)
            {
                throw new EndOfStreamException($"The source of {path} ends at byte {options.Offset + _bytes + filled}, before byte {options.Offset + length}.");
            }

            _atEnd |= _bytes + filled == length;
        }

        return filled;
    }

    private async ValueTask<FtpUploadResult> FinishAsync(FtpTransfer transfer, FtpHasher? hasher, FtpHashAlgorithm? remoteAlgorithm)
    {
        var start = options.Offset;
        var end = End;

        // RANG cannot express an empty range: of a file that is empty as a whole the hash can be had, else the size must do.
        var byHash = remoteAlgorithm is not null && (end > start || start == 0);
        var bySize = options.Verify && !byHash;
        var setsTime = options.Modified is not null && session.Features.ModifyTime;
        var steps = new FtpCommandSequence(session, session.IsPipelined);
        if (byHash)
        {
            FtpRangeHash.AddCommands(session, steps, path, remoteAlgorithm!.Value, start, end);
        }

        if (bySize)
        {
            steps.Add("SIZE", path);
        }

        if (setsTime)
        {
            steps.Add("MFMT", $"{FtpFiles.FormatTime(options.Modified!.Value)} {path}");
        }

        _local = hasher is null ? null : new FtpHash(hasher.Algorithm, start, end, hasher.CurrentHex());
        if (session.IsPipelined)
        {
            transfer.MarkEnd();
        }

        await steps.SendAsync(portAhead: session.Control.DataMode != FtpDataMode.Blocks).ConfigureAwait(false);
        await transfer.WaitForEndAsync().ConfigureAwait(false);
        await transfer.CloseDataAsync().ConfigureAwait(false);

        FtpHash? remote = null;
        long? size = null;
        if (byHash)
        {
            (remote, _) = await FtpRangeHash.ReadAsync(session, steps, remoteAlgorithm!.Value, start, end).ConfigureAwait(false);
        }

        if (bySize)
        {
            size = FtpFiles.ReadSize(await steps.NextAsync().ConfigureAwait(false));
        }

        if (setsTime)
        {
            // A time that could not be set does not make the upload a failure.
            await steps.NextAsync().ConfigureAwait(false);
        }

        if (byHash && remote is null)
        {
            // Refused, for want of a permission to read for instance.
            await session.SettleAsync().ConfigureAwait(false);
            size = FtpFiles.ReadSize(await session.Control.ExecuteAsync("SIZE", path).ConfigureAwait(false));
        }

        return new FtpUploadResult(_bytes, _local, remote) { RemoteSize = size, WireBytes = transfer.Data.SentBytes, Verification = Judge(_local, remote, size, end) };
    }

    private FtpVerification Judge(FtpHash? local, FtpHash? remote, long? size, long end)
    {
        if (!options.Verify)
        {
            return FtpVerification.NotAsked;
        }

        if (remote is not null)
        {
            return remote == local ? FtpVerification.ByHash : FtpVerification.Mismatch;
        }

        return size is null ? FtpVerification.NotOffered : size == end ? FtpVerification.BySize : FtpVerification.Mismatch;
    }
}
