using System.Globalization;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>What a session is set to once it is signed in: all of it in one write, where the server copes with that.</summary>
internal static class FtpModes
{
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
            Add("MODE", "Z", reply => session.Control.CompressionLevel = reply.IsCompletion ? options.CompressionLevel : null);
        }

        session.TakesBlocks = options.KeepsDataConnection && session.Features.Blocks && session.Control.Tls is not null && options.Tls.ProtectData;
        if (session.TakesBlocks && options.Compression == FtpCompression.Off)
        {
            Add("MODE", "B", reply => session.Control.IsInBlocks = session.TakesBlocks = reply.IsCompletion);
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
