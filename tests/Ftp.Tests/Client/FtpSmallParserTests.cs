using System.Buffers;
using System.Text;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Client.Parsing;
using ActorLogArchive.Ftp.Protocol;
using CsCheck;

namespace ActorLogArchive.Ftp.Tests.Client;

public sealed class FtpSmallParserTests
{
    [Theory]
    [InlineData("Entering Extended Passive Mode (|||6446|)", 6446)]
    [InlineData("ok (!!!65535!).", 65535)]
    public void The_port_of_epsv_is_read(string text, int port)
    {
        Assert.True(FtpPassiveReply.TryParseExtended(text, out var read));
        Assert.Equal(port, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("(|||0|)")]
    [InlineData("(|||65536|)")]
    [InlineData("(|||6446")]
    [InlineData("(|1|127.0.0.1|6446|)")]
    [InlineData("(||||)")]
    [InlineData("6446")]
    public void A_bad_answer_to_epsv_is_seen(string text) => Assert.False(FtpPassiveReply.TryParseExtended(text, out _));

    [Theory]
    [InlineData("Entering Passive Mode (127,0,0,1,4,1).", "127.0.0.1:1025")]
    [InlineData("Entering Passive Mode 10,0,0,7,255,255", "10.0.0.7:65535")]
    [InlineData("=127,0,0,1,4,1", "127.0.0.1:1025")]
    [InlineData("12 files (127,0,0,1,4,1)", "127.0.0.1:1025")]
    public void The_address_of_pasv_is_found(string text, string endPoint)
    {
        Assert.True(FtpPassiveReply.TryParse(text, out var read));
        Assert.Equal(endPoint, read.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("(127,0,0,1,4)")]
    [InlineData("(127,0,0,256,4,1)")]
    [InlineData("(127,0,0,1,0,0)")]
    public void A_bad_answer_to_pasv_is_seen(string text) => Assert.False(FtpPassiveReply.TryParse(text, out _));

    [Fact]
    public void No_text_breaks_the_small_parsers() =>
        Gen.String[Gen.Char["(|!,0123456789abf ;*HASH\n)"], 0, 60].Sample(text =>
        {
            FtpPassiveReply.TryParse(text, out _);
            FtpPassiveReply.TryParseExtended(text, out _);
            FtpHashReply.FindDigest(text, 8);
            FtpFeatureReply.Parse(text);
        });

    [Theory]
    [InlineData("XXH128 0-49 99AA06D3014798D86001C324468D497F /a b", 32, "99aa06d3014798d86001c324468d497f")]
    [InlineData("99AA06D3014798D86001C324468D497F", 32, "99aa06d3014798d86001c324468d497f")]
    [InlineData("CRC32 0-49 cbf43926 deadbeef", 8, "cbf43926")]
    [InlineData("BF43926", 8, "0bf43926")]
    [InlineData("none here", 8, null)]
    public void The_digest_is_found(string text, int digits, string? digest) => Assert.Equal(digest, FtpHashReply.FindDigest(text, digits));

    [Fact]
    public void Features_are_read_in_any_case_and_indent()
    {
        var features = FtpFeatureReply.Parse(
            "Features:\n SIZE\n  mdtm\nREST STREAM\n MLST type*;size*;\n UTF8\n EPSV\n HASH MD5;SHA-256;XXH128*;CRC32\n RANG STREAM\n SITE FSYNC\n MFMT\n XCRC\nEnd");
        Assert.True(features is { Size: true, ModifiedTime: true, RestartStream: true, MachineListing: true, Utf8: true, ExtendedPassive: true });
        Assert.True(features is { HashRange: true, Flush: true, ModifyTime: true, SelectedHash: FtpHashAlgorithm.Xxh128 });
        Assert.Equal([FtpHashAlgorithm.Sha256, FtpHashAlgorithm.Xxh128, FtpHashAlgorithm.Crc32], features.Hashes);
        Assert.Equal([FtpHashAlgorithm.Crc32], features.LegacyHashes);
        Assert.Equal(new FtpFeatures().Hashes, FtpFeatureReply.Parse("none").Hashes);
    }

    [Fact]
    public void No_argument_ends_its_command_early_or_hides_another() =>
        Gen.Select(Gen.String[Gen.Char["a \r\n\0é日\ud800\udc00"], 0, 20], Gen.Bool).Sample((argument, lineBreaks) =>
        {
            var target = new ArrayBufferWriter<byte>();
            try
            {
                new FtpCommand("STOR", argument).WriteTo(target, lineBreaks);
            }
            catch (FtpPathException)
            {
                return target.WrittenCount == 0;
            }

            // Exactly one line by the server's own rule, and the argument comes back whole.
            var sent = target.WrittenSpan;
            var ending = lineBreaks ? FtpLineEnding.CarriageReturnLineFeed : FtpLineEnding.LineFeed;
            return FtpLines.TryRead(sent, ending, out var line, out var consumed) && consumed == sent.Length
                && Encoding.UTF8.GetString(line).Replace("\r\0", "\r") == "STOR " + argument;
        });

    [Fact]
    public void The_text_of_a_command_never_shows_the_password() =>
        Assert.Equal("PASS ***", new FtpCommand("PASS", "hunter2").ToString());

    [Fact]
    public void Waits_grow_to_their_longest_and_stay_within_the_jitter()
    {
        var backoff = new FtpBackoff { First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(30), Jitter = 0.2 };
        Assert.Equal(TimeSpan.FromSeconds(1), backoff.DelayAfter(1, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(4), backoff.DelayAfter(3, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(30), backoff.DelayAfter(2_000, 0.5));
        Gen.Select(Gen.Int[1, 100], Gen.Double[0, 1]).Sample((failure, chance) =>
            backoff.DelayAfter(failure, chance) >= TimeSpan.FromSeconds(0.8) && backoff.DelayAfter(failure, chance) <= TimeSpan.FromSeconds(36.001));
    }
}
