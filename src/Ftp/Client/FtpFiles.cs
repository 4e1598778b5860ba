using System.Buffers;
using System.Globalization;
using ActorLogArchive.Ftp.Client.Parsing;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>Operations on single files, other than uploading.</summary>
internal static class FtpFiles
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Reads the answer to SIZE; null when it is a refusal.</summary>
    public static long? ReadSize(FtpReply reply) =>
        reply.Code == 213 && long.TryParse(reply.Text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    /// <summary>Writes a time as MFMT wants it: <c>YYYYMMDDHHMMSS</c>, UTC.</summary>
    public static string FormatTime(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    /// <summary>Size, null when there is no such file.</summary>
    public static async Task<long?> GetSizeAsync(FtpSession session, string path)
    {
        var reply = await session.Control.ExecuteAsync("SIZE", path).ConfigureAwait(false);
        if (!reply.IsUnknownCommand)
        {
            return reply.Code == 550 ? null : ReadSize(reply) ?? throw new FtpReplyException(reply.Code, $"SIZE {path}", reply.Text);
        }

        return await FtpFolders.FindAsync(session, path).ConfigureAwait(false) is { IsDirectory: false } item ? item.Size : null;
    }

    /// <summary>Time of the last modification, null when there is no such file or the server does not tell.</summary>
    public static async Task<DateTimeOffset?> GetModifiedAsync(FtpSession session, string path)
    {
        var reply = await session.Control.ExecuteAsync("MDTM", path).ConfigureAwait(false);
        if (!reply.IsUnknownCommand)
        {
            return reply.Code switch
            {
                213 => FtpFactsParser.ParseTime(reply.Text.AsSpan().Trim()),
                550 => null,
                _ => throw new FtpReplyException(reply.Code, $"MDTM {path}", reply.Text),
            };
        }

        return (await FtpFolders.FindAsync(session, path).ConfigureAwait(false))?.Modified;
    }

    /// <summary>Retrieves a file.</summary>
    public static Task<long> DownloadAsync(FtpSession session, string path, Stream target, long offset, CancellationToken cancellationToken) =>
        FtpTransfer.RunAsync(session, "RETR", path, offset, async transfer =>
        {
            var received = await ReceiveAsync(transfer, target, cancellationToken).ConfigureAwait(false);
            await RequireCertainEndAsync(session, transfer, path, offset + received).ConfigureAwait(false);
            return received;
        });

    /// <summary>The server's hash of a range; null when it offers no such hash.</summary>
    public static async Task<FtpHash?> HashAsync(FtpSession session, string path, FtpHashAlgorithm algorithm, long start, long end)
    {
        var ranged = FtpRangeHash.Choose(session.Features, whole: false, algorithm) is not null && end > start;
        if (!ranged)
        {
            if (FtpRangeHash.Choose(session.Features, whole: true, algorithm) is null)
            {
                return null;
            }

            // Without RANG only a whole file can be hashed; and an empty range has a hash without asking, if there is a file.
            var size = await GetSizeAsync(session, path).ConfigureAwait(false)
                ?? throw new FtpReplyException(550, $"SIZE {path}", "no such file");
            if (end == start)
            {
                using var empty = new FtpHasher(algorithm);
                return new FtpHash(algorithm, start, end, empty.CurrentHex());
            }

            if (start != 0 || end != size)
            {
                return null;
            }
        }

        var steps = new FtpCommandSequence(session, session.IsPipelined);
        FtpRangeHash.AddCommands(session, steps, path, algorithm, start, end);
        await steps.SendAsync().ConfigureAwait(false);
        var (hash, last) = await FtpRangeHash.ReadAsync(session, steps, algorithm, start, end).ConfigureAwait(false);
        return hash is not null || last.IsCompletion ? hash : throw new FtpReplyException(last.Code, $"HASH {path}", last.Text);
    }

    /// <summary>Renames a file or folder.</summary>
    public static async Task RenameAsync(FtpSession session, string from, string to)
    {
        var reply = await session.RequireAsync("RNFR", from).ConfigureAwait(false);
        if (!reply.IsIntermediate)
        {
            throw new FtpReplyException(reply.Code, $"RNFR {from}", reply.Text);
        }

        session.KnownFolders.Forget(from);
        await session.RequireAsync("RNTO", to).ConfigureAwait(false);
    }

    private static async Task<long> ReceiveAsync(FtpTransfer transfer, Stream target, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await transfer.WaitForStartAsync().ConfigureAwait(false);
            long total = 0;
            int received;
            while ((received = await transfer.Data.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
            {
                await target.WriteAsync(buffer.AsMemory(0, received), cancellationToken).ConfigureAwait(false);
                total += received;
            }

            // The end of the connection is no proof of the end of the file: the reply is.
            await transfer.Data.AnswerEndAsync().ConfigureAwait(false);
            await transfer.WaitForEndAsync().ConfigureAwait(false);
            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Without the server's close_notify, the end of the data could have been made up by somebody in between. Its 226 alone
    /// does not tell how much it sent; with the size of the file, both come over the control connection, it does.
    /// </summary>
    private static async Task RequireCertainEndAsync(FtpSession session, FtpTransfer transfer, string path, long end)
    {
        if (transfer.Data.EndIsCertain)
        {
            return;
        }

        var size = ReadSize(await session.Control.ExecuteAsync("SIZE", path).ConfigureAwait(false));
        if (size != end)
        {
            throw session.Control.Fail($"receiving {path}", new IOException(
                $"the encrypted data ended at byte {end} without the server's word that it was the end (close_notify), and the file has {size?.ToString(CultureInfo.InvariantCulture) ?? "unknown many"} bytes"));
        }
    }
}
