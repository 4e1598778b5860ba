using System.Buffers;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>Finds where a transfer that was broken off can go on.</summary>
internal static class FtpResume
{
    // Log lines carry times: where the last 16 KB agree, the rest does. A file of equal blocks would fool it; a hash is better.
    private const int TailLength = 16 * 1024;

    /// <summary>How much of <paramref name="source"/> the server's file is a prefix of; 0 when it is none.</summary>
    public static async Task<long> FindUploadOffsetAsync(FtpSession session, string path, Stream source, CancellationToken cancellationToken)
    {
        var size = await FtpFiles.GetSizeAsync(session, path).ConfigureAwait(false) ?? 0;
        return size > 0 && size <= source.Length && await IsSamePrefixAsync(session, path, source, size, cancellationToken).ConfigureAwait(false) != false ? size : 0;
    }

    /// <summary>How much of the server's file <paramref name="target"/> is a prefix of; 0 when it is none.</summary>
    public static async Task<long> FindDownloadOffsetAsync(FtpSession session, string path, Stream target, CancellationToken cancellationToken)
    {
        var length = target.Length;
        if (length == 0 || !session.Features.RestartStream || await FtpFiles.GetSizeAsync(session, path).ConfigureAwait(false) is not { } size || size < length)
        {
            return 0;
        }

        var same = await IsSamePrefixAsync(session, path, target, length, cancellationToken).ConfigureAwait(false)
            ?? await IsSameTailAsync(session, path, target, length, cancellationToken).ConfigureAwait(false);
        return same ? length : 0;
    }

    /// <summary>Compares the first bytes by hash; null when the server offers none for them.</summary>
    private static async Task<bool?> IsSamePrefixAsync(FtpSession session, string path, Stream local, long length, CancellationToken cancellationToken)
    {
        if (FtpRangeHash.Choose(session.Features, whole: false, null) is not { } algorithm)
        {
            return null;
        }

        using var hasher = new FtpHasher(algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            local.Seek(0, SeekOrigin.Begin);
            while (hasher.Length < length)
            {
                var read = await local.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - hasher.Length)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return false;
                }

                hasher.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return await FtpFiles.HashAsync(session, path, algorithm, 0, length).ConfigureAwait(false) is { } remote ? remote.Hex == hasher.CurrentHex() : null;
    }

    /// <summary>Compares the last bytes of the local file with those that the server sends from there on.</summary>
    private static Task<bool> IsSameTailAsync(FtpSession session, string path, Stream local, long length, CancellationToken cancellationToken)
    {
        var start = Math.Max(0, length - TailLength);
        return FtpTransfer.RunAsync(session, "RETR", path, start, async transfer =>
        {
            var own = new byte[length - start];
            local.Seek(start, SeekOrigin.Begin);
            await local.ReadExactlyAsync(own, cancellationToken).ConfigureAwait(false);
            await transfer.WaitForStartAsync().ConfigureAwait(false);
            var theirs = new byte[own.Length];
            var filled = 0;
            int received;
            while (filled < theirs.Length && (received = await transfer.Data.ReceiveAsync(theirs.AsMemory(filled)).ConfigureAwait(false)) > 0)
            {
                filled += received;
            }

            // The rest is not wanted: whatever the server says to that, it says something.
            transfer.Data.Reset();
            await transfer.WaitForAnyEndAsync().ConfigureAwait(false);
            return filled == own.Length && own.AsSpan().SequenceEqual(theirs);
        });
    }
}
