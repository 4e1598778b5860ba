using ActorLogArchive.Actors.Collection;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class FileCadenceTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FileCadence _cadence;

    public FileCadenceTests() => _cadence = new FileCadence(_clock);

    [Fact]
    public void A_file_that_grew_every_minute_and_stopped_is_told_with_the_time_it_last_grew()
    {
        Grow("app/a.log", times: 10, every: TimeSpan.FromMinutes(1));
        var last = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(0, _cadence.Quiet(10).Count);

        _clock.Advance(TimeSpan.FromSeconds(1));

        var (count, files) = _cadence.Quiet(10);
        Assert.Equal((1, "app/a.log", last, TimeSpan.FromMinutes(1)), (count, files[0].Path, files[0].LastGrewAt, files[0].UsualGap));
    }

    [Fact]
    public void It_is_silent_no_more_when_it_grows_again()
    {
        Grow("a.log", times: 40, every: TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, _cadence.Quiet(10).Count);

        _cadence.Note("a.log", _clock.GetUtcNow());

        Assert.Equal(0, _cadence.Quiet(10).Count);
    }

    [Fact]
    public void What_never_grew_steadily_is_never_told()
    {
        Grow("rare.log", times: 10, every: TimeSpan.FromMinutes(9));
        Grow("short.log", times: 5, every: TimeSpan.FromSeconds(2));
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, _cadence.Quiet(10).Count);
    }

    [Fact]
    public void The_log_of_the_next_day_stands_for_that_of_the_day_before()
    {
        Grow("app-2026-03-01.log", times: 10, every: TimeSpan.FromMinutes(1));
        Grow("app-2026-03-02.log", times: 10, every: TimeSpan.FromMinutes(1));
        Assert.Equal(0, _cadence.Quiet(10).Count);

        _clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("app-2026-03-02.log", Assert.Single(_cadence.Quiet(10).Files).Path);
    }

    [Fact]
    public void Of_a_file_that_is_gone_nothing_is_expected()
    {
        Grow("a.log", times: 10, every: TimeSpan.FromMinutes(1));
        _cadence.Forget("a.log");
        _clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(0, _cadence.Quiet(10).Count);
    }

    [Fact]
    public void More_names_than_there_is_room_for_are_not_watched_and_room_comes_back()
    {
        for (var i = 0; i < FileCadence.MaxTracks; i++)
            _cadence.Note($"{Name(i)}.log", _clock.GetUtcNow());
        Grow("late.log", times: 5, every: TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMinutes(11));

        Grow("late.log", times: 10, every: TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("late.log", Assert.Single(_cadence.Quiet(10).Files).Path);
    }

    [Fact]
    public void What_was_learnt_lasts_over_a_restart_and_is_told_once_there_was_time_to_look()
    {
        Grow("steady.log", times: 10, every: TimeSpan.FromMinutes(1));
        var last = _clock.GetUtcNow();
        Grow("unsteady.log", times: 2, every: TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMinutes(10));
        var next = new FileCadence(_clock);

        next.Restore(_cadence.Save());

        Assert.Equal(0, next.Quiet(10).Count);
        _clock.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(1));
        var quiet = Assert.Single(next.Quiet(10).Files);
        Assert.Equal(("steady.log", last, TimeSpan.FromMinutes(1)), (quiet.Path, quiet.LastGrewAt, quiet.UsualGap));
    }

    [Fact]
    public void What_grew_over_the_restart_is_not_told()
    {
        Grow("a.log", times: 10, every: TimeSpan.FromMinutes(1));
        var next = new FileCadence(_clock);
        next.Restore(_cadence.Save());
        _clock.Advance(TimeSpan.FromMinutes(1));
        next.Note("a.log", _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(0, next.Quiet(10).Count);
    }

    // Letters only: digits would be taken for one name.
    private static string Name(int i) => string.Concat(i.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(digit => (char)('a' + (digit - '0'))));

    private void Grow(string path, int times, TimeSpan every)
    {
        for (var i = 0; i < times; i++)
        {
            _clock.Advance(every);
            _cadence.Note(path, _clock.GetUtcNow());
        }
    }
}
