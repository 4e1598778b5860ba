using System.Buffers;
using System.Globalization;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>One download.</summary>
internal sealed class FtpDownload(FtpSession session, string path, Stream target, FtpDownloadOptions options)
{
    private const int BufferSize = 256 * 1024;

    private readonly FtpPace _pace = new(options.RateLimit, session.Time);
    private long _bytes;
    private FtpHash? _local;

    private long End => options.Offset + _bytes;

    /// <summary>Does it.</summary>
    public async Task<FtpDownloadResult> RunAsync(CancellationToken cancellationToken)
    {
        var algorithm = options.Verify ? FtpRangeHash.Choose(session.Features, options.Offset == 0, null) : null;
        using var hasher = algorithm is { } chosen ? new FtpHasher(chosen) : null;
        await FtpModes.SuitAsync(session, bytes: null).ConfigureAwait(false);
        await FtpTransfer.RunAsync(session, "RETR", path, options.Offset, async transfer =>
        {
            await ReceiveAsync(transfer, hasher, cancellationToken).ConfigureAwait(false);
            await transfer.Data.AnswerEndAsync().ConfigureAwait(false);
            _local = hasher is null ? null : new FtpHash(hasher.Algorithm, options.Offset, End, hasher.CurrentHex());

            // The end of the connection is no proof of the end of the file: the reply is.
            await transfer.WaitForEndAsync().ConfigureAwait(false);
            if (!transfer.Data.EndIsCertain)
            {
                await RequireSizeAsync(session, "the encrypted data ended without the server's word that it was the end (close_notify)").ConfigureAwait(false);
            }

            return true;
        }).ConfigureAwait(false);
        return await VerifyAsync(session).ConfigureAwait(false);
    }

    /// <summary>Finds out, on another connection, whether all was received although the server did not say so.</summary>
    /// <exception cref="FtpConnectionException">It was not, or that cannot be told.</exception>
    public async Task<FtpDownloadResult> ReconcileAsync(FtpSession again, FtpConnectionException cause)
    {
        await RequireSizeAsync(again, cause.Message).ConfigureAwait(false);
        return await VerifyAsync(again).ConfigureAwait(false);
    }

    private async Task ReceiveAsync(FtpTransfer transfer, FtpHasher? hasher, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await transfer.WaitForStartAsync().ConfigureAwait(false);
            int received;
            while ((received = await transfer.Data.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, _pace.MaxPiece))).ConfigureAwait(false)) > 0)
            {
                await target.WriteAsync(buffer.AsMemory(0, received), cancellationToken).ConfigureAwait(false);
                hasher?.Append(buffer.AsSpan(0, received));
                _bytes += received;
                options.Progress?.Report(_bytes);
                await transfer.KeepAliveAsync().ConfigureAwait(false);
                await _pace.MovedAsync(received, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Compares with the size: both it and the data can be trusted to come from the server, but not that nothing is missing.</summary>
    private async Task RequireSizeAsync(FtpSession asked, string problem)
    {
        var size = FtpFiles.ReadSize(await asked.Control.ExecuteAsync("SIZE", path).ConfigureAwait(false));
        if (size != End)
        {
            throw asked.Control.Fail($"receiving {path}", new IOException(string.Create(
                CultureInfo.InvariantCulture,
                $"{problem}; it ended at byte {End}, and the file has {size?.ToString(CultureInfo.InvariantCulture) ?? "unknown many"} bytes")));
        }
    }

    private async Task<FtpDownloadResult> VerifyAsync(FtpSession asked)
    {
        if (!options.Verify)
        {
            return new FtpDownloadResult(_bytes, options.Offset, _local, null);
        }

        if (_local is not null && await FtpFiles.HashAsync(asked, path, _local.Algorithm, options.Offset, End).ConfigureAwait(false) is { } remote)
        {
            return new FtpDownloadResult(_bytes, options.Offset, _local, remote) { Verification = remote == _local ? FtpVerification.ByHash : FtpVerification.Mismatch };
        }

        var size = FtpFiles.ReadSize(await asked.Control.ExecuteAsync("SIZE", path).ConfigureAwait(false));
        return new FtpDownloadResult(_bytes, options.Offset, _local, null)
        {
            Verification = size is null ? FtpVerification.NotOffered : size == End ? FtpVerification.BySize : FtpVerification.Mismatch,
        };
    }
}
