using ActorLogArchive.Web.Views;

namespace ActorLogArchive.Web.Tests.Views;

public sealed class FormatTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(150 * 1024, "150 KiB")]
    [InlineData((1024 * 1024) - 1, "1.0 MiB")]
    [InlineData(3_400_000_000, "3.2 GiB")]
    [InlineData(long.MaxValue, "8192 PiB")]
    public void Bytes_are_written_in_the_largest_unit_that_fits(long bytes, string text) => Assert.Equal(text, Format.Bytes(bytes));

    [Theory]
    [InlineData(-5, "now")]
    [InlineData(1, "now")]
    [InlineData(12, "12 s ago")]
    [InlineData(59, "59 s ago")]
    [InlineData(185, "3 min ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(3 * 86400, "3 d ago")]
    public void An_age_is_written_in_its_largest_unit_and_the_future_is_now(int seconds, string text) =>
        Assert.Equal(text, Format.Age(Now - TimeSpan.FromSeconds(seconds), Now));

    [Fact]
    public void No_moment_has_no_age() => Assert.Equal("–", Format.Age(null, Now));

    [Fact]
    public void A_time_is_shown_in_the_zone_of_the_browser() =>
        Assert.Equal("2026-11-23 13:00:00", Format.Time(Now, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")));

    [Theory]
    [InlineData("plain é.log", "plain é.log")]
    [InlineData("a\nb", "a␊b")]
    [InlineData("exe\u202Egpj", "exe\uFFFDgpj")]
    public void Hidden_characters_are_made_visible(string text, string shown) => Assert.Equal(shown, Format.Visible(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("unlimited", 0)]
    [InlineData("500", 500)]
    [InlineData("500 KiB/s", 512_000)]
    [InlineData("300 kb", 300_000)]
    [InlineData("1.5 MiB/s", 1_572_864)]
    [InlineData("2m", 2_097_152)]
    public void A_speed_is_read_with_its_unit(string text, long bytesPerSecond)
    {
        Assert.True(SpeedText.TryParse(text, out var read));
        Assert.Equal(bytesPerSecond, read);
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("-5")]
    [InlineData("5 parsec")]
    [InlineData("1e30")]
    public void What_is_no_speed_is_refused(string text) => Assert.False(SpeedText.TryParse(text, out _));

    [Theory]
    [InlineData(307_200)]
    [InlineData(307_201)]
    [InlineData(5L << 30)]
    public void A_written_speed_is_read_back_without_loss(long limit)
    {
        Assert.True(SpeedText.TryParse(SpeedText.Write(limit), out var read));
        Assert.Equal(limit, read);
    }
}
