using System.Globalization;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>HASH (draft-bryan-ftpext-hash) and RANG (draft-bryan-ftp-range).</summary>
internal static class HashCommands
{
    private const int BufferSize = 256 * 1024;

    private static readonly ServerReply RangeReset = new(350, "Range reset.");
    private static readonly ServerReply RangeBeyondEnd = new(550, "The range is beyond the end of the file.");

    /// <summary>Sets the range of the next HASH; both ends are part of it. A start behind the end means the whole file again.</summary>
    public static ValueTask<CommandResult> RangeAsync(CommandContext context, string argument)
    {
        var space = argument.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0
            || !long.TryParse(argument.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            || !long.TryParse(argument.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || last == long.MaxValue)
        {
            return new CommandResult(Replies.BadArgument);
        }

        return start > last
            ? new CommandResult(RangeReset, context.State with { HashRange = null })
            : new CommandResult(new ServerReply(350, $"Range from {start} to {last}."), context.State with { HashRange = (start, last + 1) });
    }

    public static async ValueTask<CommandResult> HashAsync(CommandContext context, string argument)
    {
        var next = context.State.HashRange is null ? context.State : context.State with { HashRange = null };
        if (!context.TryResolve(argument, out var path, out var refusal))
            return new CommandResult(refusal, next);
        var entry = await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false);
        if (entry is null || entry.IsDirectory)
            return new CommandResult(entry is null ? Replies.NotFound : Replies.NotAFile, next);
        if (context.Services.Writers.IsBusy(path))
            return new CommandResult(Replies.FileBusy, next);

        var (start, end) = context.State.HashRange ?? (0, entry.Size);
        if (end > entry.Size)
            return new CommandResult(RangeBeyondEnd, next);

        var algorithm = context.State.HashAlgorithm;
        var hash = context.Services.Hashes.Find(path, entry, algorithm, start, end)
            ?? await ReadAsync(context, path, algorithm, start, end).ConfigureAwait(false);
        if (hash is null)
            return new CommandResult(RangeBeyondEnd, next);

        context.Publish(new FtpHashTold(context.Now, context.SessionId, context.Client, context.Account?.Name, path, hash, entry.Size));

        // An empty range has no last byte; 0-0 is what the draft's own examples give for an empty file.
        var lastByte = Math.Max(start, end - 1);
        return new CommandResult(new ServerReply(213, $"{algorithm.ToName()} {start}-{lastByte} {hash.Hex} {argument}"), next);
    }

    private static async ValueTask<FtpHash?> ReadAsync(CommandContext context, FtpPath path, FtpHashAlgorithm algorithm, long start, long end)
    {
        await context.FlushRepliesAsync().ConfigureAwait(false);
        var reader = await context.Storage.OpenReadAsync(path, context.Lifetime).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            using var hasher = new FtpHasher(algorithm);
            var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferSize, Math.Max(1, end - start)));
            try
            {
                for (var position = start; position < end;)
                {
                    context.Lifetime.ThrowIfCancellationRequested();
                    var wanted = (int)Math.Min(buffer.Length, end - position);
                    var read = await reader.ReadAsync(buffer.AsMemory(0, wanted), position, context.Lifetime).ConfigureAwait(false);
                    if (read == 0)
                        return null; // it was cut meanwhile
                    hasher.Append(buffer.AsSpan(0, read));
                    position += read;
                }
            }
            finally
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
            }

            return new FtpHash(algorithm, start, end, hasher.CurrentHex());
        }
    }
}
