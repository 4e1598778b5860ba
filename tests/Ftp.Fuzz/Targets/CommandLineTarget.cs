using System.Text;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Fuzz.Targets;

/// <summary>The server's reader of command lines. The first two bytes choose how the rest is cut up, and the longest line.</summary>
public static class CommandLineTarget
{
    public static void Run(byte[] input)
    {
        if (input.Length < 2)
            return;
        var (piece, limit) = (1 + (input[0] % 32), input[1]);
        var bytes = input.AsSpan(2).ToArray();
        var whole = Read(bytes, Math.Max(1, bytes.Length), limit);
        Require.That(whole.SequenceEqual(Read(bytes, piece, limit)));

        // With room for all, what was not too long before is the same line as before.
        var roomy = Read(bytes, piece, bytes.Length);
        Require.That(roomy.Count == whole.Count);
        for (var at = 0; at < whole.Count; at++)
            Require.That(whole[at] is null ? Encoding.Latin1.GetByteCount(roomy[at]!) > limit : whole[at] == roomy[at]);
    }

    /// <summary>The lines, a byte as a character; null for one that was too long.</summary>
    public static List<string?> Read(byte[] bytes, int piece, int limit)
    {
        var reader = new CommandLineReader(limit);
        var lines = new List<string?>();
        foreach (var chunk in bytes.Chunk(piece))
        {
            for (var at = 0; at < chunk.Length;)
            {
                var status = reader.Read(chunk.AsSpan(at), out var consumed);
                Require.That(consumed > 0);
                at += consumed;
                if (status == CommandLineStatus.Incomplete)
                {
                    Require.That(at == chunk.Length);
                    continue;
                }

                Require.That(reader.Line.Length <= limit);
                lines.Add(status == CommandLineStatus.TooLong ? null : Encoding.Latin1.GetString(reader.Line));
                CheckCommand(CommandLine.Parse(reader.Line));
            }
        }

        return lines;
    }

    private static void CheckCommand(CommandLine command)
    {
        Require.That(!command.Verb.Contains(' '));
        Require.That(command.Verb == command.Verb.ToUpperInvariant());
    }
}
