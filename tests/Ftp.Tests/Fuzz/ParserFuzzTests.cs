using System.Net;
using System.Text;
using ActorLogArchive.Ftp.Fuzz.Targets;
using ActorLogArchive.Ftp.Protocol;
using CsCheck;

namespace ActorLogArchive.Ftp.Tests.Fuzz;

/// <summary>What must hold of the parsers for any input, on inputs made for each; a failure prints the seed that repeats it.</summary>
public class ParserFuzzTests
{
    private const int Rounds = 2_000;

    private static readonly Gen<byte> Wire = Gen.OneOf(Gen.Byte, Gen.OneOfConst<byte>(13, 10, 0, 255, 244, 253, 32, (byte)'A'));

    private static readonly Gen<string> Name = Gen.OneOf(
        Gen.String[Gen.Char["ab .%;=\r\n02D5é日->:<"], 1, 20],
        Gen.String[Gen.Char, 1, 20].Where(text => !text.Any(char.IsSurrogate)));

    [Fact]
    public void Command_lines_are_the_same_however_they_are_cut() => Wire.Array[2, 400].Sample(CommandLineTarget.Run, iter: Rounds);

    [Fact]
    public void Telnet_commands_change_no_line() =>
        Gen.Select(Gen.String[Gen.Char["AB cd\0é"], 0, 20].Array[1, 5], Gen.Int[0, 1000], Gen.OneOfConst<byte[]>([255, 244], [255, 242], [255, 253, 13], [255, 251, 10])).Sample(
            (lines, place, telnet) =>
            {
                var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n"))).ToList();
                var at = place % (bytes.Count + 1);
                if (at > 0 && bytes[at - 1] == '\r')
                    at--; // between CR and LF nothing may come
                var expected = CommandLineTarget.Read([.. bytes], bytes.Count, 1000);
                bytes.InsertRange(at, telnet);
                Assert.Equal(expected, CommandLineTarget.Read([.. bytes], 3, 1000));
            },
            iter: Rounds);

    [Fact]
    public void A_line_without_end_takes_no_more_memory_than_the_longest_allowed() =>
        Gen.Select(Gen.Int[0, 10_000], Wire.Where(value => value is not 10).Array[100, 200]).Sample(
            (limit, piece) =>
            {
                var reader = new CommandLineReader(limit);
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var round = 0; round < 500; round++)
                {
                    for (var at = 0; at < piece.Length;)
                    {
                        reader.Read(piece.AsSpan(at), out var consumed);
                        at += consumed;
                    }
                }

                // It doubles up to the limit: all its buffers, one after another, are less than three times that.
                return GC.GetAllocatedBytesForCurrentThread() - before <= (3 * limit) + 1024;
            },
            iter: 50,
            threads: 1);

    [Fact]
    public void Replies_are_read_as_they_come_or_refused() =>
        Gen.Select(
            Gen.OneOfConst("220 ", "220-", "211-Features:\r\n HASH ", "213 ", "250 ", "", "599"),
            Gen.String[Gen.Char[" -220\r\n;*ABC\u001bé"], 0, 60],
            Gen.OneOfConst("\r\n", "\n", "\r\n220 End\r\n", "\r\n211 End\r\n", "")).Sample(
            (start, middle, end) => ReplyTarget.Run(Encoding.UTF8.GetBytes(start + middle + end)),
            iter: Rounds);

    [Fact]
    public void Any_bytes_are_a_reply_or_refused() => Wire.Array[0, 300].Sample(ReplyTarget.Run, iter: Rounds);

    [Fact]
    public void A_digest_is_found_wherever_it_stands() =>
        Gen.Select(Gen.OneOfConst(8, 32, 64), Gen.Byte.Array[32], Gen.OneOfConst("", "SHA-256 0-49 ", "XXH128 ", "x y ")).Sample(
            (digits, bytes, before) =>
            {
                var digest = Convert.ToHexStringLower(bytes)[..digits];
                return Ftp.Client.Parsing.FtpHashReply.FindDigest($"{before}{digest.ToUpperInvariant()} na me", digits) == digest;
            },
            iter: Rounds);

    [Fact]
    public void No_path_leads_out_or_stays_odd()
    {
        var segment = Gen.OneOf(Gen.OneOfConst("", ".", "..", "...", "a", " ", "..x", "\n", "\0", "\ud800", "\ud83d\ude00"), Gen.String[Gen.Char, 0, 6]);
        var path = Gen.Select(segment.Array[0, 10], Gen.Bool).Select((segments, rooted) => (rooted ? "/" : "") + string.Join('/', segments));
        Gen.Select(path, path).Sample(PathTarget.Check, iter: Rounds);
    }

    [Fact]
    public void No_path_gets_longer_than_the_longest_allowed() =>
        Gen.Select(Gen.Int[4000, 4200], Gen.Int[0, 4200], Gen.OneOfConst("", "/", "/../", "./")).Sample(
            (first, second, between) => PathTarget.Check("/" + new string('a', first), new string('b', second) + between + "c"),
            iter: 300);

    [Fact]
    public void Machine_listings_of_our_server_are_read_back() => Name.Sample(FactsTarget.CheckOwn, iter: Rounds);

    [Fact]
    public void Any_line_of_a_machine_listing_is_an_entry_or_none() =>
        Gen.String[Gen.Char["typesizmodfX.n=c;: 0159%DA-\r\né"], 0, 80].Sample(line => FactsTarget.Run(Encoding.UTF8.GetBytes(line)), iter: Rounds);

    [Fact]
    public void Unix_listings_of_our_server_are_read_back()
    {
        var anyTime = Gen.Int[0, 800_000].Select(hours => new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hours));
        var newYear = Gen.Select(Gen.Int[2000, 2090], Gen.Int[-1500, 1500]).Select((year, minutes) => new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutes));
        Gen.Select(Name, Gen.OneOf(anyTime, newYear), Gen.OneOf(Gen.Int[-1440, 1440], Gen.Int[-1440, 60 * 24 * 500])).Sample((name, clock, minutes) => ListTarget.CheckOwn(name, clock, TimeSpan.FromMinutes(minutes)), iter: Rounds);
    }

    [Fact]
    public void Any_line_of_a_listing_is_an_entry_or_none() =>
        Gen.Select(Gen.OneOfConst("", "-rw-r--r-- 1 a b ", "drwx 1 ", "l", "01-02-26  03:47PM ", "2026-01-01 "), Gen.String[Gen.Char[" 0159:-JanFebDec<DIR>/.é"], 0, 50]).Sample(
            (start, rest) => ListTarget.Run(Encoding.UTF8.GetBytes(start + rest)),
            iter: Rounds);

    [Fact]
    public void Addresses_of_data_connections_are_read_back() =>
        Gen.Select(Gen.Byte.Array[4], Gen.Int[0, 65535]).Sample((address, port) => PassiveTarget.CheckOwn(new IPEndPoint(new IPAddress(address), port)), iter: Rounds);

    [Fact]
    public void Any_text_is_an_address_or_none() =>
        Gen.OneOf(Gen.String[Gen.Char["|(),.:0123456789af%é\n"], 0, 50].Select(Encoding.UTF8.GetBytes), Gen.Byte.Array[0, 40]).Sample(PassiveTarget.Run, iter: Rounds);
}
