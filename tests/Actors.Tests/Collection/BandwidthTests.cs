using ActorLogArchive.Actors.Collection.Uploading;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class BandwidthTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static BandwidthSchedule Schedule(params string[] windows) => new(1_000_000, [.. windows.Select(text =>
    {
        Assert.True(BandwidthSchedule.TryParseWindow(text, out var window, out var error), error);
        return window;
    })]);

    [Theory]
    [InlineData("unlimited", null)]
    [InlineData("2MB/s", 2_000_000L)]
    [InlineData(" 500 KB/s", 500_000L)]
    [InlineData("1.5MiB/s", 1_572_864L)]
    [InlineData("4000 b/s", 4000L)]
    public void Rates_are_read(string text, long? expected)
    {
        Assert.True(BandwidthSchedule.TryParseRate(text, out var rate, out _));
        Assert.Equal(expected, rate);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2MB")]
    [InlineData("-1MB/s")]
    [InlineData("fast")]
    [InlineData("1.2.3MB/s")]
    [InlineData("99999999999GB/s")]
    [InlineData("10 B/s")]
    [InlineData("0MB/s")]
    public void Other_rates_are_refused_with_what_is_allowed(string text)
    {
        Assert.False(BandwidthSchedule.TryParseRate(text, out _, out var error));
        Assert.Contains("allowed", error);
    }

    [Theory]
    [InlineData("22:00-06:00")]
    [InlineData("22:00-06:00 = fast")]
    [InlineData("22:00 = unlimited")]
    [InlineData("22:00-25:00 = unlimited")]
    [InlineData("Mon-Fri = unlimited")]
    [InlineData("Lun 22:00-06:00 = unlimited")]
    [InlineData("Mon Tue 22:00-06:00 = unlimited")]
    [InlineData("08:00-08:00 = unlimited")]
    [InlineData("24:00-08:00 = unlimited")]
    public void Windows_that_mean_nothing_are_refused_with_the_reason(string text)
    {
        Assert.False(BandwidthSchedule.TryParseWindow(text, out _, out var error));
        Assert.NotEmpty(error);
    }

    // 2026-03-02 is a Monday.
    [Theory]
    [InlineData("2026-03-02 21:59", 1_000_000L)]
    [InlineData("2026-03-02 22:00", null)]
    [InlineData("2026-03-02 23:59", null)]
    [InlineData("2026-03-03 00:00", null)]
    [InlineData("2026-03-03 05:59", null)]
    [InlineData("2026-03-03 06:00", 1000L)]
    [InlineData("2026-03-03 07:00", 1_000_000L)]
    [InlineData("2026-03-03 08:00", 500_000L)]
    [InlineData("2026-03-03 18:00", 1_000_000L)]
    [InlineData("2026-03-07 12:00", 1_000_000L)]
    public void The_first_window_that_holds_the_local_time_counts(string local, long? expected) =>
        Assert.Equal(expected, Schedule("22:00-06:00 = unlimited", "Mon-Fri 08:00-18:00 = 500KB/s", "Mon-Fri 00:00-07:00 = 1KB/s").RateAt(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("2026-03-06 23:00", 5000L)] // Friday evening
    [InlineData("2026-03-07 03:00", 5000L)] // belongs to Friday
    [InlineData("2026-03-02 03:00", 1_000_000L)] // would belong to Sunday
    [InlineData("2026-03-07 23:00", 1_000_000L)]
    public void The_early_hours_belong_to_the_day_before(string local, long expected) =>
        Assert.Equal(expected, Schedule("Mon-Fri 22:00-06:00 = 5KB/s").RateAt(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Days_may_run_over_the_end_of_the_week()
    {
        var schedule = Schedule("Fri-Mon,Wed 00:00-24:00 = 5KB/s");

        Assert.Equal(
            [5000L, 1_000_000L, 5000L, 1_000_000L, 5000L, 5000L, 5000L],
            Enumerable.Range(2, 7).Select(day => schedule.RateAt(new DateTime(2026, 3, day, 12, 0, 0, DateTimeKind.Local))));
    }

    [Fact]
    public void When_the_clocks_change_the_clock_of_the_wall_counts()
    {
        // Berlin: 2026-03-29 has no hour from 02:00, 2026-10-25 has it twice.
        _clock.SetLocalTimeZone(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        var limiter = new BandwidthLimiter(_clock) { Schedule = Schedule("02:00-03:00 = 5KB/s", "03:00-04:00 = 7KB/s") };
        long? At(int month, int day, int hour, int minute)
        {
            _clock.SetUtcNow(new DateTimeOffset(2026, month, day, hour, minute, 0, TimeSpan.Zero));
            return limiter.Rate;
        }

        Assert.Equal(1_000_000, At(3, 29, 0, 59));
        Assert.Equal(7000, At(3, 29, 1, 0));
        Assert.Equal(1_000_000, At(3, 29, 2, 0));
        Assert.Equal((5000, 5000), (At(10, 25, 0, 30), At(10, 25, 1, 30)));
        Assert.Equal(7000, At(10, 25, 2, 0));
    }

    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(4, 4_000_000)]
    [InlineData(12, 90_000_000)]
    public async Task Transfers_together_keep_to_the_rate_over_ten_seconds_within_five_percent(int transfers, long rate)
    {
        var limiter = new BandwidthLimiter(_clock) { Override = rate };
        var (sent, started, step) = (0L, _clock.GetUtcNow(), TimeSpan.FromMilliseconds(1));

        // Off the test's own context, so that who waits goes on within the advance of the clock.
        await Task.Run(() =>
        {
            var waiting = new ValueTask[transfers];
            while (_clock.GetUtcNow() - started < TimeSpan.FromSeconds(10))
            {
                for (var i = 0; i < transfers; i++)
                {
                    for (; waiting[i].IsCompleted && _clock.GetUtcNow() - started < TimeSpan.FromSeconds(10); sent += limiter.MaxPiece)
                        waiting[i] = limiter.MovedAsync(limiter.MaxPiece, Stop);
                }

                _clock.Advance(step);
            }
        }, Stop);

        Assert.InRange(sent / 10.0 / rate, 0.95, 1.05);
    }

    [Fact]
    public async Task A_change_acts_on_a_transfer_that_waits()
    {
        var limiter = new BandwidthLimiter(_clock) { Override = 1000 };
        var waiting = limiter.MovedAsync(1_000_000, Stop).AsTask();
        Assert.False(waiting.IsCompleted);

        limiter.Override = 0;

        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.True(limiter.MovedAsync(1_000_000_000, Stop).IsCompleted);
        limiter.Override = null;
        Assert.Null(limiter.Rate);
    }

    [Fact]
    public async Task A_debt_of_a_slower_time_is_forgotten()
    {
        var limiter = new BandwidthLimiter(_clock) { Override = 1000 };
        var waiting = limiter.MovedAsync(1_000_000, Stop).AsTask();
        limiter.Override = 1_000_000;
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Stop);

        var next = limiter.MovedAsync(500_000, Stop).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(0.6));

        await next.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }
}
