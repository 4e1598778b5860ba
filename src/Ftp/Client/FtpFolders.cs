using System.Buffers;
using System.Text;
using ActorLogArchive.Ftp.Client.Parsing;

namespace ActorLogArchive.Ftp.Client;

/// <summary>Operations on folders.</summary>
internal static class FtpFolders
{
    private const int MaxEntries = 1_000_000;
    private const int MaxLineLength = 64 * 1024;

    private delegate FtpListItem? EntryParser(ReadOnlySpan<char> line);

    /// <summary>Makes a folder and all above it that are missing.</summary>
    public static async Task EnsureAsync(FtpSession session, string path)
    {
        if (session.KnownFolders.Contains(path))
        {
            return;
        }

        if (!session.IsPipelined && await ExistsAsync(session, path).ConfigureAwait(false))
        {
            session.KnownFolders.Add(path);
            return;
        }

        // Refusals of MKD are not looked at one by one: "exists" has no code of its own (550, 521 or 553), and a folder
        // above the account's home may be neither made nor seen. What counts is that the last one is there.
        var chain = new Stack<string>();
        for (var folder = path; !session.KnownFolders.Contains(folder); folder = ParentOf(folder))
        {
            chain.Push(folder);
        }

        var steps = new FtpCommandSequence(session, session.IsPipelined);
        foreach (var folder in chain)
        {
            steps.Add("MKD", folder);
        }

        await steps.SendAsync().ConfigureAwait(false);
        FtpReply reply;
        do
        {
            reply = await steps.NextAsync().ConfigureAwait(false);
        }
        while (!steps.IsDone);

        if (!reply.IsCompletion && !await ExistsAsync(session, path).ConfigureAwait(false))
        {
            throw new FtpReplyException(reply.Code, $"MKD {path}", reply.Text);
        }

        session.KnownFolders.Add(path);
    }

    /// <summary>Whether there is a folder of this path.</summary>
    public static async Task<bool> ExistsAsync(FtpSession session, string path)
    {
        if (session.Features.MachineListing)
        {
            return await GetEntryAsync(session, path).ConfigureAwait(false) is { IsDirectory: true };
        }

        var reply = await session.Control.ExecuteAsync("CWD", path).ConfigureAwait(false);
        return reply.IsCompletion || (reply.Code is 550 or 553 or 501 ? false : throw new FtpReplyException(reply.Code, $"CWD {path}", reply.Text));
    }

    /// <summary>The entry of this path, null when there is none. The size of a folder is 0, its time may be unknown.</summary>
    public static async Task<FtpListItem?> GetEntryAsync(FtpSession session, string path)
    {
        if (session.Features.MachineListing)
        {
            var reply = await session.Control.ExecuteAsync("MLST", path).ConfigureAwait(false);
            if (reply.IsRefusal && !reply.IsUnknownCommand)
            {
                return reply.Code is 550 or 553 or 501 ? null : throw new FtpReplyException(reply.Code, $"MLST {path}", reply.Text);
            }

            if (FtpFactsParser.ParseReply(reply.Text) is { } entry)
            {
                return entry with { Name = NameOf(path) };
            }
        }

        var size = await session.Control.ExecuteAsync("SIZE", path).ConfigureAwait(false);
        if (FtpFiles.ReadSize(size) is { } bytes)
        {
            return new FtpListItem(NameOf(path), false, bytes, await FtpFiles.GetModifiedAsync(session, path).ConfigureAwait(false));
        }

        var change = await session.Control.ExecuteAsync("CWD", path).ConfigureAwait(false);
        return change.IsCompletion ? new FtpListItem(NameOf(path), true, 0, null)
            : size.IsUnknownCommand ? await FindAsync(session, path).ConfigureAwait(false)
            : null;
    }

    /// <summary>Looks for an entry in the listing of its folder: for servers that can tell no other way.</summary>
    public static async Task<FtpListItem?> FindAsync(FtpSession session, string path)
    {
        var name = NameOf(path);
        return (await ListAsync(session, ParentOf(path), CancellationToken.None).ConfigureAwait(false))?.FirstOrDefault(item => item.Name == name);
    }

    /// <summary>Entries of a folder, null when there is none.</summary>
    public static async Task<IReadOnlyList<FtpListItem>?> ListAsync(FtpSession session, string path, CancellationToken cancellationToken)
    {
        if (session.Features.MachineListing)
        {
            try
            {
                return await ReadListingAsync(session, "MLSD", path, FtpFactsParser.ParseEntry, cancellationToken).ConfigureAwait(false);
            }
            catch (FtpReplyException refusal) when (refusal.Code is 550 or 553 or 501)
            {
                return null;
            }
        }

        // LIST takes wildcards, options and, of a missing folder, lists nothing: so it is used without an argument.
        if (!await ExistsAsync(session, path).ConfigureAwait(false))
        {
            return null;
        }

        var now = session.Time.GetUtcNow();
        FtpListItem? Parse(ReadOnlySpan<char> line) => FtpListParser.ParseEntry(line, now);
        if (session.ListsWithOptions)
        {
            try
            {
                // Names that begin with a dot are left out otherwise.
                return await ReadListingAsync(session, "LIST", "-a", Parse, cancellationToken).ConfigureAwait(false);
            }
            catch (FtpReplyException)
            {
                session.ListsWithOptions = false;
            }
        }

        return await ReadListingAsync(session, "LIST", null, Parse, cancellationToken).ConfigureAwait(false);
    }

    private static Task<IReadOnlyList<FtpListItem>> ReadListingAsync(
        FtpSession session, string verb, string? argument, EntryParser parse, CancellationToken cancellationToken) =>
        FtpTransfer.RunAsync(session, verb, argument, 0, transfer => ReceiveListingAsync(transfer, session.Control, argument, parse, cancellationToken));

    private static async Task<IReadOnlyList<FtpListItem>> ReceiveListingAsync(
        FtpTransfer transfer, FtpControlConnection control, string? argument, EntryParser parse, CancellationToken cancellationToken)
    {
        var items = new List<FtpListItem>();
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLineLength);
        try
        {
            await transfer.WaitForStartAsync().ConfigureAwait(false);
            FtpLineEnding? ending = null;
            var filled = 0;
            int received;
            while ((received = await transfer.Data.ReceiveAsync(buffer.AsMemory(filled)).ConfigureAwait(false)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                filled += received;
                var taken = TakeLines(buffer.AsSpan(0, filled), ref ending, parse, items);
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
                if (filled == buffer.Length || items.Count > MaxEntries)
                {
                    throw control.Fail($"reading the listing of {argument}", new FormatException(
                        $"it has a line longer than {buffer.Length} bytes, or more than {MaxEntries} entries"));
                }
            }

            // A last line may have no end.
            AddEntry(buffer.AsSpan(0, filled), parse, items);
            await transfer.Data.AnswerEndAsync().ConfigureAwait(false);
            await transfer.WaitForEndAsync().ConfigureAwait(false);
            return transfer.EndIsAccepted
                ? items
                : throw control.Fail($"reading the listing of {argument}", new IOException(
                    "the encrypted data ended without the server's word that it was the end (close_notify): it may have been cut short"));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int TakeLines(ReadOnlySpan<byte> data, ref FtpLineEnding? ending, EntryParser parse, List<FtpListItem> items)
    {
        if (ending is null && data.Contains((byte)'\n'))
        {
            ending = FtpLines.Detect(data);
        }

        var taken = 0;
        while (FtpLines.TryRead(data[taken..], ending ?? FtpLineEnding.LineFeed, out var line, out var consumed))
        {
            AddEntry(line, parse, items);
            taken += consumed;
        }

        return taken;
    }

    private static void AddEntry(ReadOnlySpan<byte> line, EntryParser parse, List<FtpListItem> items)
    {
        if (parse(Encoding.UTF8.GetString(line)) is { } item)
        {
            items.Add(item);
        }
    }

    /// <summary>The folder that <paramref name="path"/>, an absolute one, lies in.</summary>
    public static string ParentOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
