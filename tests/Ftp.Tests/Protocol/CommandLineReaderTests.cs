using System.Text;
using ActorLogArchive.Ftp.Protocol;
using CsCheck;

namespace ActorLogArchive.Ftp.Tests.Protocol;

public class CommandLineReaderTests
{
    [Fact]
    public void Lines_end_in_CRLF() => Assert.Equal(["USER a", "PASS b"], Read("USER a\r\nPASS b\r\n"));

    [Fact]
    public void A_bare_line_feed_belongs_to_the_line() => Assert.Equal(["NOOP", "STOR a\nb"], Read("NOOP\r\nSTOR a\nb\r\n"));

    [Fact]
    public void A_client_whose_first_line_ends_in_a_line_feed_ends_all_lines_so() => Assert.Equal(["USER a", "PASS b"], Read("USER a\nPASS b\n"));

    [Fact]
    public void CR_NUL_is_a_carriage_return() => Assert.Equal(["STOR a\rb"], Read("STOR a\r\0b\r\n"));

    [Fact]
    public void A_lone_carriage_return_is_kept() => Assert.Equal(["STOR a\rb", "NOOP\r"], Read("STOR a\rb\r\nNOOP\r\r\n"));

    [Fact]
    public void Telnet_commands_are_dropped_and_doubled_IAC_is_a_byte()
    {
        // IAC IP, IAC DM as before ABOR; IAC DO ECHO; IAC IAC.
        byte[] input = [255, 244, 255, 242, .. "ABOR\r\n"u8, 255, 253, 1, .. "NOOP "u8, 255, 255, .. "\r\n"u8];
        Assert.Equal(["ABOR", "NOOP \u00ff"], Read(input, 1000));
    }

    [Fact]
    public void A_line_of_the_longest_length_is_taken_and_one_longer_is_skipped()
    {
        Assert.Equal([new string('x', 4096)], Read(new string('x', 4096) + "\r\n"));
        Assert.Equal([null, "NOOP"], Read(new string('x', 4097) + "\r\nNOOP\r\n"));
    }

    [Fact]
    public void However_the_bytes_are_cut_the_lines_are_the_same()
    {
        var bytes = Gen.OneOf(Gen.Byte, Gen.OneOfConst<byte>(13, 10, 0, 255, 244, 253, 65, 32)).Array[0, 300];
        Gen.Select(bytes, Gen.Int[1, 20]).Sample((input, piece) => Assert.Equal(Read(input, input.Length + 1), Read(input, piece)));
    }

    [Fact]
    public void No_input_makes_a_line_longer_than_allowed()
    {
        Gen.Byte.Array[0, 2000].Sample(input => Assert.All(Read(input, 7, limit: 16), line => Assert.True(line is null || line.Length <= 16)));
    }

    [Fact]
    public void Every_path_travels_as_it_is()
    {
        var name = Gen.OneOf(Gen.Char, Gen.OneOfConst('\r', '\n', ' ', '"', '#', 'é')).Array[1, 40].Select(chars => new string(chars));
        name.Where(text => !text.Contains('\0') && !text.Any(char.IsSurrogate)).Sample(text =>
        {
            // The first command settles that lines end in CRLF, as USER does in a session.
            var bytes = Encoding.UTF8.GetBytes($"NOOP\r\nSTOR {FtpText.EscapeArgument(text)}\r\n");
            var reader = new CommandLineReader(4096);
            reader.Read(bytes, out var first);
            Assert.Equal(CommandLineStatus.Complete, reader.Read(bytes.AsSpan(first), out _));
            Assert.Equal(new CommandLine("STOR", text), CommandLine.Parse(reader.Line));
        });
    }

    private static List<string?> Read(string input) => Read(Encoding.Latin1.GetBytes(input), input.Length);

    private static List<string?> Read(byte[] input, int piece, int limit = 4096)
    {
        var reader = new CommandLineReader(limit);
        var lines = new List<string?>();
        foreach (var chunk in input.Chunk(piece))
        {
            for (var at = 0; at < chunk.Length;)
            {
                var status = reader.Read(chunk.AsSpan(at), out var consumed);
                Assert.True(consumed > 0);
                at += consumed;
                if (status != CommandLineStatus.Incomplete)
                    lines.Add(status == CommandLineStatus.TooLong ? null : Encoding.Latin1.GetString(reader.Line));
            }
        }

        return lines;
    }
}
