using ActorLogArchive.Actors.Fleet.History;
using static ActorLogArchive.Actors.Fleet.History.FleetHistoryProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet.History;

public sealed class ArrivalMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 23, 58, 0, TimeSpan.Zero);

    [Fact]
    public void Progress_and_end_of_a_transfer_are_counted_once()
    {
        var meter = new ArrivalMeter([], Start);
        meter.Progress(1, "a", 400);
        meter.Progress(1, "a", 900);
        meter.End(1, "a", 1000, isComplete: true);
        meter.End(1, "a", 50, isComplete: true);
        meter.End(2, "b", 500, isComplete: false);

        Assert.Equal((1550, 2), (meter.Current.Bytes, meter.Current.Files));
        Assert.Equal(310, meter.BytesPerSecond());
        Assert.Equal(105, meter.Rates()["a"][^1]);
    }

    [Fact]
    public void A_minute_that_ends_is_handed_out_with_the_backlog_and_today_begins_at_midnight()
    {
        var meter = new ArrivalMeter([new MinutePoint(Start.AddMinutes(-1), 7, 1, 0, 0), new MinutePoint(Start, 5, 1, 0, 0)], Start);
        meter.End(1, "a", 100, isComplete: true);
        Assert.Null(meter.Advance((9, 1), Start.AddSeconds(59)));
        Assert.Equal((3, 112), meter.Today(Start.AddSeconds(59)));

        Assert.Equal(new MinutePoint(Start, 105, 2, 10, 2), meter.Advance((10, 2), Start.AddSeconds(60)));

        meter.Advance((0, 0), Start.AddMinutes(2));
        meter.End(1, "a", 1, isComplete: true);
        Assert.Equal((1, 1), meter.Today(Start.AddMinutes(2)));
    }

    [Fact]
    public void Rates_pass_by_and_an_agent_that_sends_nothing_is_let_go()
    {
        var meter = new ArrivalMeter([], Start);
        meter.End(1, "a", 1000, isComplete: true);
        meter.Advance((0, 0), Start.AddSeconds(20));
        Assert.Equal((0, 100), (meter.BytesPerSecond(), meter.Rates()["a"][^3]));

        meter.Advance((0, 0), Start.AddMinutes(20));

        Assert.Empty(meter.Rates());
    }
}
