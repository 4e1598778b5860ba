using System.Text;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Server;

public class ServerReplyTests
{
    private static readonly FtpEntry Forger = new("x\r\n226 done\n", false, 5, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_file_name_cannot_forge_a_reply() => Assert.Equal("550 x??226 y\r\n", new ServerReply(550, "x\r\n226 y").ToString());

    [Fact]
    public void Lines_of_a_long_reply_are_indented() =>
        Assert.Equal("211-Features:\r\n 211 no end\r\n211 End\r\n", ServerReply.Multi(211, "Features:", ["211 no end"]).ToString());

    [Fact]
    public void A_name_that_breaks_lines_is_encoded_for_MLSD_and_marked()
    {
        var line = Write(ListingFormat.Machine(ListingFacts.All, FtpPermissions.Read), Forger);
        Assert.Equal($"type=file;size=5;modify=19700101000000;perm=r;{FtpText.EncodedNameFact}; x%0D%0A226 done%0A\r\n", line);
        Assert.Equal(Forger.Name, FtpText.PercentDecode("x%0D%0A226 done%0A"));
    }

    [Fact]
    public void A_name_that_breaks_lines_is_shown_on_one_line_by_LIST_and_NLST()
    {
        Assert.EndsWith(" x??226 done?\r\n", Write(ListingFormat.Unix(DateTimeOffset.UnixEpoch), Forger), StringComparison.Ordinal);
        Assert.Equal("x??226 done?\r\n", Write(ListingFormat.Names(""), Forger));
    }

    [Fact]
    public void LIST_gives_the_year_of_old_files_and_the_time_of_new_ones()
    {
        var now = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
        Assert.Equal("-rw-r--r--   1 ftp      ftp                 7 May 03 03:02 a\r\n", Write(ListingFormat.Unix(now), new FtpEntry("a", false, 7, now.AddDays(-1))));
        Assert.Equal("drwxr-xr-x   1 ftp      ftp                 0 May 04  2024 d\r\n", Write(ListingFormat.Unix(now), new FtpEntry("d", true, 0, now.AddYears(-2))));
    }

    private static string Write(EntryFormat format, FtpEntry entry)
    {
        var line = new byte[500];
        Assert.True(format(entry, line, out var length));
        return Encoding.UTF8.GetString(line, 0, length);
    }
}
