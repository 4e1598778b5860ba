using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Client.Parsing;

namespace ActorLogArchive.Ftp.Fuzz.Targets;

/// <summary>The client's reader of replies, and those of what stands in them: FEAT, HASH, MLST.</summary>
public static class ReplyTarget
{
    public static void Run(byte[] input)
    {
        CheckReplies(input, FtpLineEnding.CarriageReturnLineFeed);
        CheckReplies(input, FtpLineEnding.LineFeed);
        CheckReplies(input, FtpLines.Detect(input));
    }

    private static void CheckReplies(ReadOnlySpan<byte> data, FtpLineEnding ending)
    {
        while (TryParse(data, ending, out var reply, out var consumed))
        {
            Require.That(consumed > 0 && consumed <= data.Length);
            Require.That(reply.Code is >= 100 and < 600);
            CheckText(reply.Text);

            // The same when it comes alone; and not before its end has come.
            Require.That(FtpReplyParser.TryParse(data[..consumed], ending, out var alone, out var length) && alone == reply && length == consumed);
            foreach (var part in (int[])[consumed - 1, consumed / 2, consumed / 3, 0])
                Require.That(!FtpReplyParser.TryParse(data[..part], ending, out _, out _));
            data = data[consumed..];
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> data, FtpLineEnding ending, out FtpReply reply, out int consumed)
    {
        try
        {
            return FtpReplyParser.TryParse(data, ending, out reply, out consumed);
        }
        catch (FormatException refusal)
        {
            // Goes into a message: no control characters of the server's choosing.
            Require.That(!refusal.Message.Any(char.IsControl));
            reply = null!;
            consumed = 0;
            return false;
        }
    }

    private static void CheckText(string text)
    {
        var features = FtpFeatureReply.Parse(text);
        Require.That(features.SelectedHash is not { } selected || features.Hashes.Contains(selected));
        foreach (var digits in (int[])[8, 32, 64])
        {
            var digest = FtpHashReply.FindDigest(text, digits);
            Require.That(digest is null || (digest.Length == digits && digest.All(char.IsAsciiHexDigitLower)));
        }

        Require.That(FtpFactsParser.ParseReply(text) is not { Size: < 0 });
    }
}
