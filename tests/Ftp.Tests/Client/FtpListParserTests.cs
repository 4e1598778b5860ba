using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Client.Parsing;
using CsCheck;

namespace ActorLogArchive.Ftp.Tests.Client;

public sealed class FtpListParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> Names = Gen.String[Gen.Char[" .abc->\"'#;<>0127Jan:é日"], 1, 20]
        .Where(name => name is not ("." or ".."));

    [Theory]
    [InlineData("-rw-r--r--    1 ftp      ftp           589 Feb 14 15:47 name.log", "name.log", 589, "2026-02-14T15:47Z")]
    [InlineData("-rw-r--r--    1 ftp      ftp           589 Dec 24 15:47 last year", "last year", 589, "2025-12-24T15:47Z")]
    [InlineData("-rw-r--r--    1 0        0      8589934592 Feb  4  2019 big", "big", 8589934592, "2019-02-04T00:00Z")]
    [InlineData("-rw-r--r-- 1 owner 589 Feb 14 15:47 no group", "no group", 589, "2026-02-14T15:47Z")]
    [InlineData("-rw-r--r-- 1 DOMAIN\\some one users 589 Feb 14 15:47 spaced owner", "spaced owner", 589, "2026-02-14T15:47Z")]
    [InlineData("-rw-r--r-- 1 5 Jan 589 Feb 14 15:47 owner is a number", "owner is a number", 589, "2026-02-14T15:47Z")]
    [InlineData("-rw-r--r--+ 1 ftp ftp 589 2026-02-14 15:47 iso", "iso", 589, "2026-02-14T15:47Z")]
    [InlineData("-rw-r--r-- 1 ftp ftp 589 Feb 14 15:47  leading space", " leading space", 589, "2026-02-14T15:47Z")]
    [InlineData("-rw-r--r-- 1 ftp ftp 589 Feb 14 15:47 a -> b", "a -> b", 589, "2026-02-14T15:47Z")]
    [InlineData("lrwxrwxrwx 1 ftp ftp 7 Feb 14 15:47 link -> target", "link", 7, "2026-02-14T15:47Z")]
    [InlineData("04-14-26  03:47PM                  589 readme.htm", "readme.htm", 589, "2026-04-14T15:47Z")]
    [InlineData("04-14-2026  15:47                  589 a  b", "a  b", 589, "2026-04-14T15:47Z")]
    public void A_file_is_read_in_either_style(string line, string name, long size, string modified) =>
        Assert.Equal(new FtpListItem(name, false, size, DateTimeOffset.Parse(modified)), FtpListParser.ParseEntry(line, Now));

    [Theory]
    [InlineData("drwxr-xr-x    2 ftp      ftp          4096 Feb 14 15:47 some folder", "some folder")]
    [InlineData("04-14-26  03:47PM       <DIR>          some folder", "some folder")]
    [InlineData("04-14-26  03:47PM       <DIR>           leading", " leading")]
    public void A_folder_is_read_in_either_style(string line, string name)
    {
        var item = FtpListParser.ParseEntry(line, Now);
        Assert.Equal((name, true, 0L), (item?.Name, item?.IsDirectory, item?.Size));
    }

    [Theory]
    [InlineData("")]
    [InlineData("total 12")]
    [InlineData("drwxr-xr-x    2 ftp      ftp          4096 Feb 14 15:47 .")]
    [InlineData("drwxr-xr-x    2 ftp      ftp          4096 Feb 14 15:47 ..")]
    [InlineData("crw-rw-rw- 1 root root 1, 3 Feb 14 15:47 null")]
    [InlineData("-rw-r--r-- 1 ftp ftp 589 Feb 14 15:47 ../../etc/passwd")]
    [InlineData("-rw-r--r-- 1 ftp ftp 589 Feb 31 15:47 no such day")]
    [InlineData("-rw-r--r-- 1 ftp ftp 99999999999999999999 Feb 14 15:47 too big")]
    [InlineData("04-14-26  03:47PM       <DIR>")]
    [InlineData("ls: cannot open directory")]
    public void What_is_no_entry_is_passed_over(string line) => Assert.Null(FtpListParser.ParseEntry(line, Now));

    [Theory]
    [InlineData("2025-12-31T23:00Z", "Jan  1 10:00", "2026-01-01T10:00Z")]
    [InlineData("2026-01-01T01:00Z", "Dec 31 23:00", "2025-12-31T23:00Z")]
    [InlineData("2026-01-01T01:00Z", "Jan  2 01:00", "2026-01-02T01:00Z")]
    [InlineData("2026-01-01T01:00Z", "Jan  2 01:01", "2025-01-02T01:01Z")]
    public void A_time_without_year_is_the_latest_that_clocks_which_differ_by_a_day_could_tell(string now, string time, string modified) =>
        Assert.Equal(DateTimeOffset.Parse(modified), FtpListParser.ParseEntry($"-rw-r--r-- 1 ftp ftp 589 {time} name", DateTimeOffset.Parse(now))?.Modified);

    [Fact]
    public void Any_name_survives_the_unix_style() =>
        Names.Sample(name => FtpListParser.ParseEntry($"-rw-r--r--    1 ftp      ftp            12 Feb 14 15:47 {name}", Now)?.Name == name);

    [Fact]
    public void Any_name_survives_the_windows_style() =>
        Names.Sample(name => FtpListParser.ParseEntry($"04-14-26  03:47PM                   12 {name}", Now)?.Name == name);

    [Fact]
    public void Any_name_survives_machine_listings() =>
        Names.Sample(name => FtpFactsParser.ParseEntry($"type=file;size=12;modify=20260214154700; {name}")
            == new FtpListItem(name, false, 12, new DateTimeOffset(2026, 2, 14, 15, 47, 0, TimeSpan.Zero)));

    [Fact]
    public void Any_line_is_read_or_passed_over_but_never_breaks_the_parsers() =>
        Gen.Select(Gen.String[Gen.Char[" -dl0159JanFeb:;=<DIR>typesizemodify./\\é\0"], 0, 80], Gen.Int[0, 3]).Sample((noise, kind) =>
        {
            var line = kind switch { 0 => "-rw " + noise, 1 => "04-14-26  03:47PM " + noise, 2 => "type=file;" + noise, _ => noise };
            var items = new[] { FtpListParser.ParseEntry(line, Now), FtpFactsParser.ParseEntry(line) };
            return items.All(item => item is null || (item.Name.Length > 0 && !item.Name.Contains('/') && item.Size >= 0));
        });

    [Theory]
    [InlineData("Type=dir;Modify=20260214154700; a b", "a b", true, 0)]
    [InlineData("SIZE=5;TYPE=file;UNIX.mode=0644; x", "x", false, 5)]
    [InlineData("type=OS.unix=slink:/target;size=5; link", "link", false, 5)]
    public void Facts_are_read_in_any_order_and_case(string line, string name, bool isDirectory, long size)
    {
        var item = FtpFactsParser.ParseEntry(line);
        Assert.Equal((name, isDirectory, size), (item?.Name, item?.IsDirectory, item?.Size));
    }

    [Theory]
    [InlineData("type=cdir;size=1; /a")]
    [InlineData("type=pdir; ..")]
    [InlineData("no facts")]
    [InlineData("type=file;size=1;")]
    public void Machine_listings_leave_out_the_folder_itself(string line) => Assert.Null(FtpFactsParser.ParseEntry(line));

    [Theory]
    [InlineData("20260214154700", 0)]
    [InlineData("20260214154700.5", 5_000_000)]
    [InlineData("20260214154700.1234567", 1_234_567)]
    public void Times_are_utc_with_or_without_fractions(string text, long ticks) =>
        Assert.Equal(new DateTimeOffset(2026, 2, 14, 15, 47, 0, TimeSpan.Zero).AddTicks(ticks), FtpFactsParser.ParseTime(text));
}
