using System.Text;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Client.Parsing;
using CsCheck;

namespace ActorLogArchive.Ftp.Tests.Client;

public sealed class FtpReplyParserTests
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char[' ', '~'], 0, 40];

    private static readonly Gen<(int Code, string[] Lines)> Replies = Gen.Select(Gen.Int[100, 599], Word.Array[1, 6]);

    [Theory]
    [InlineData("220 hello\r\n", 220, "hello")]
    [InlineData("220\r\n", 220, "")]
    [InlineData("220 \r\n", 220, "")]
    [InlineData("220 hello\n", 220, "hello")]
    [InlineData("211-Features:\r\n SIZE\r\n211 End\r\n", 211, "Features:\n SIZE\nEnd")]
    [InlineData("230-One\r\n230-Two\r\n230 Three\r\n", 230, "One\nTwo\nThree")]
    [InlineData("230-One\r\n220 not the end\r\n230 End\r\n", 230, "One\n220 not the end\nEnd")]
    [InlineData("230-One\r\n230\r\n", 230, "One\n")]
    public void A_reply_is_read(string text, int code, string expected)
    {
        Assert.True(FtpReplyParser.TryParse(Encoding.UTF8.GetBytes(text), FtpLineEnding.LineFeed, out var reply, out var consumed));
        Assert.Equal(new FtpReply(code, expected), reply);
        Assert.Equal(text.Length, consumed);
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("\r\n")]
    [InlineData("22 hello\r\n")]
    [InlineData("2200 hello\r\n")]
    [InlineData("620 hello\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public void What_is_no_reply_is_an_error(string text) =>
        Assert.Throws<FormatException>(() => FtpReplyParser.TryParse(Encoding.UTF8.GetBytes(text), FtpLineEnding.LineFeed, out _, out _));

    [Theory]
    [InlineData("220 ")]
    [InlineData("220-")]
    [InlineData("")]
    public void A_reply_without_end_is_an_error_when_it_gets_too_long(string start)
    {
        var endless = Encoding.ASCII.GetBytes(start + new string('x', FtpReplyParser.MaxLength + 1));
        Assert.Throws<FormatException>(() => FtpReplyParser.TryParse(endless, FtpLineEnding.LineFeed, out _, out _));
        var manyLines = Encoding.ASCII.GetBytes("220-\r\n" + string.Concat(Enumerable.Repeat("220-x\r\n", FtpReplyParser.MaxLength / 7)));
        Assert.Throws<FormatException>(() => FtpReplyParser.TryParse(manyLines, FtpLineEnding.LineFeed, out _, out _));
    }

    [Fact]
    public void A_lone_line_feed_is_part_of_a_name_where_lines_end_in_crlf()
    {
        var data = Encoding.UTF8.GetBytes("257 \"/a\n550 b\" made\r\n226 next\r\n");
        Assert.True(FtpReplyParser.TryParse(data, FtpLineEnding.CarriageReturnLineFeed, out var reply, out var consumed));
        Assert.Equal(new FtpReply(257, "\"/a\n550 b\" made"), reply);
        Assert.True(FtpReplyParser.TryParse(data.AsSpan(consumed), FtpLineEnding.CarriageReturnLineFeed, out reply, out _));
        Assert.Equal(226, reply.Code);
    }

    [Fact]
    public void Every_prefix_of_a_reply_asks_for_more_and_the_whole_is_read_to_its_end() =>
        Replies.Sample(sample =>
        {
            var data = Encoding.ASCII.GetBytes(Format(sample.Code, sample.Lines));
            for (var length = 0; length < data.Length; length++)
            {
                if (FtpReplyParser.TryParse(data.AsSpan(0, length), FtpLineEnding.CarriageReturnLineFeed, out _, out _))
                {
                    return false;
                }
            }

            // What follows belongs to the next reply.
            byte[] more = [.. data, .. "226 next\r\n"u8];
            return FtpReplyParser.TryParse(more, FtpLineEnding.CarriageReturnLineFeed, out var reply, out var consumed)
                && reply == new FtpReply(sample.Code, string.Join('\n', sample.Lines))
                && consumed == data.Length;
        });

    [Fact]
    public void Any_bytes_are_read_refused_or_waited_on_but_never_break_the_parser() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool, Gen.Bool).Sample((noise, crlf, startsLikeOne) =>
        {
            byte[] data = startsLikeOne ? [.. "211-"u8, .. noise] : noise;
            try
            {
                var complete = FtpReplyParser.TryParse(data, crlf ? FtpLineEnding.CarriageReturnLineFeed : FtpLineEnding.LineFeed, out var reply, out var consumed);
                return complete ? consumed > 0 && consumed <= data.Length && reply.Code is >= 100 and < 600 : consumed == 0;
            }
            catch (FormatException)
            {
                return true;
            }
        });

    private static string Format(int code, string[] lines)
    {
        if (lines.Length == 1)
        {
            return $"{code} {lines[0]}\r\n";
        }

        // A line in between that looks like the last one would end the reply: servers prefix those, so all are prefixed here.
        var middle = lines[1..^1].Select(line => $"{code}-{line}\r\n");
        return $"{code}-{lines[0]}\r\n{string.Concat(middle)}{code} {lines[^1]}\r\n";
    }
}
