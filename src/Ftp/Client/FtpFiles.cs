using System.Globalization;
using ActorLogArchive.Ftp.Client.Parsing;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>Operations on single files, other than uploading.</summary>
internal static class FtpFiles
{
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
}
