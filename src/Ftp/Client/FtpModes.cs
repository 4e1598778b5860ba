using System.Globalization;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>What a session is set to once it is signed in: all of it in one write, where the server copes with that.</summary>
internal static class FtpModes
{
    /// <summary>
    /// In clear a larger file goes in stream mode: each block is copied at both ends, and a server may have the kernel move what goes as it is. Measured over
    /// loopback with files of just this size: 760 MB/s in blocks, 550 MB/s on connections of their own.
    /// </summary>
    private const long LargestInBlocks = 1024 * 1024;

    /// <summary>Sets protection of data, UTF-8, hash, compression and binary type, and asks where the session stands.</summary>
    /// <exception cref="FtpReplyException">Binary type is refused.</exception>
    public static async Task SetAsync(FtpSession session, FtpClientOptions options, string greeting)
    {
        var steps = new FtpCommandSequence(session, session.Features.Flush);
        var readers = new Queue<Action<FtpReply>>();
        void Add(string verb, string argument, Action<FtpReply> read)
        {
            steps.Add(verb, argument);
            readers.Enqueue(read);
        }

        if (session.Control.Tls is not null)
        {
            // A buffer size has no meaning with TLS, but has to be agreed on (RFC 4217, section 8).
            Add("PBSZ", "0", static _ => { });
            Add("PROT", options.Tls.ProtectData ? "P" : "C", reply => ReadProtection(session, options, reply));
        }

        if (session.Features.Utf8)
        {
            // Servers that have it always on may refuse to turn it on: nothing depends on the answer.
            Add("OPTS", "UTF8 ON", static _ => { });
        }

        if (FtpRangeHash.Best(session.Features.Hashes) is { } best && best != session.SelectedHash)
        {
            Add("OPTS", $"HASH {best.ToName()}", reply => session.SelectedHash = reply.IsCompletion ? best : session.SelectedHash);
        }

        session.TakesCompression = session.Features.Deflate && !greeting.Contains("ProFTPD", StringComparison.OrdinalIgnoreCase);
        if (options.Compression == FtpCompression.Always || (options.Compression == FtpCompression.Auto && session.TakesCompression))
        {
            // The level is the server's, for what it sends; not all servers have the option.
            Add("OPTS", string.Create(CultureInfo.InvariantCulture, $"MODE Z LEVEL {options.CompressionLevel}"), static _ => { });
            Add("MODE", "Z", reply => session.Control.DataMode = reply.IsCompletion ? FtpDataMode.Deflate : FtpDataMode.Stream);
        }

        session.TakesBlocks = options.KeepsDataConnection && session.Features.Blocks;
        if (session.TakesBlocks && options.Compression == FtpCompression.Off)
        {
            Add("MODE", "B", reply =>
            {
                session.TakesBlocks = reply.IsCompletion;
                session.Control.DataMode = reply.IsCompletion ? FtpDataMode.Blocks : FtpDataMode.Stream;
            });
        }

        Add("TYPE", "I", static reply =>
        {
            if (reply.IsRefusal)
            {
                throw new FtpReplyException(reply.Code, "TYPE I", reply.Text);
            }
        });
        steps.Add("PWD");
        await steps.SendAsync().ConfigureAwait(false);
        while (readers.TryDequeue(out var read))
        {
            read(await steps.NextAsync().ConfigureAwait(false));
        }

        var directory = await steps.NextAsync().ConfigureAwait(false);
        if (directory.Code == 257 && ReadQuotedPath(directory.Text) is { } path && path.StartsWith('/'))
        {
            session.WorkingDirectory = path;
        }
    }

    /// <summary>Has data compressed from now on, or not any more.</summary>
    public static ValueTask CompressAsync(FtpSession session, bool compress) =>
        compress ? ChangeAsync(session, FtpDataMode.Deflate)
        : session.Control.DataMode == FtpDataMode.Deflate ? ChangeAsync(session, session.TakesBlocks ? FtpDataMode.Blocks : FtpDataMode.Stream)
        : ValueTask.CompletedTask;

    /// <summary>
    /// Has the data of a file go in the way that suits its size, unless it is compressed. Encrypted data stays in blocks: there a connection of its own is
    /// what costs most.
    /// </summary>
    /// <param name="session">The connection.</param>
    /// <param name="bytes">Of the file; null when that is not known.</param>
    public static ValueTask SuitAsync(FtpSession session, long? bytes) =>
        session.Control.DataMode == FtpDataMode.Deflate || !session.TakesBlocks ? ValueTask.CompletedTask
        : ChangeAsync(session, session.Control.ProtectsData || bytes <= LargestInBlocks ? FtpDataMode.Blocks : FtpDataMode.Stream);

    private static async ValueTask ChangeAsync(FtpSession session, FtpDataMode mode)
    {
        if (session.Control.DataMode == mode)
        {
            return;
        }

        var argument = mode switch
        {
            FtpDataMode.Deflate => "Z",
            FtpDataMode.Blocks => "B",
            _ => "S",
        };
        if ((await session.Control.ExecuteAsync("MODE", argument).ConfigureAwait(false)).IsCompletion)
        {
            session.Control.DropKeptData();
            session.Control.DataMode = mode;
        }
        else if (mode == FtpDataMode.Blocks)
        {
            session.TakesBlocks = false;
        }
    }

    private static void ReadProtection(FtpSession session, FtpClientOptions options, FtpReply reply)
    {
        session.Control.ProtectsData = options.Tls.ProtectData && reply.IsCompletion;
        if (!reply.IsRefusal)
        {
            return;
        }

        if (!options.Tls.ProtectData)
        {
            throw new FtpReplyException(reply.Code, "PROT C", reply.Text);
        }

        // This is the server's own word: nobody in between can have changed it.
        if (options.Tls.Mode != FtpTlsMode.Auto)
        {
            throw new FtpTlsException($"{options.Host}:{options.Port} does not encrypt data connections (PROT P was answered {PrintableText.Of(reply.ToString())})");
        }
    }

    /// <summary>Reads <c>"/a ""b"""</c>: a quote inside is doubled (RFC 959, appendix II).</summary>
    private static string? ReadQuotedPath(string text)
    {
        var start = text.IndexOf('"', StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var end = start + 1;
        while (end < text.Length && (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"')))
        {
            end += text[end] == '"' ? 2 : 1;
        }

        return end >= text.Length ? null : text[(start + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal);
    }
}
