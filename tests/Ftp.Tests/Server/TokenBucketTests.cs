using ActorLogArchive.Ftp.Server;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Server;

public class TokenBucketTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Without_a_limit_nobody_waits()
    {
        var bucket = new TokenBucket(_clock, 0);
        Assert.Equal(TimeSpan.Zero, bucket.Wait(bucket.Take(int.MaxValue)));
        Assert.Equal(1 << 20, bucket.PieceSize(1 << 20));
    }

    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(1, 307_200)]
    [InlineData(2, 307_200)]
    [InlineData(10, 1_000_000)]
    [InlineData(10, 50_000_000)]
    public void Over_ten_seconds_sharers_together_keep_the_rate_within_five_percent_and_get_equal_shares(int sharers, long rate)
    {
        var bucket = new TokenBucket(_clock, rate);
        var moved = Run(sharers, TimeSpan.FromSeconds(10), _ => bucket);
        Assert.InRange(moved.Sum() / (10.0 * rate), 0.95, 1.05);
        Assert.All(moved, share => Assert.InRange((double)share * sharers / moved.Sum(), 0.9, 1.1));
    }

    [Fact]
    public void A_limit_of_all_holds_beside_those_of_each()
    {
        var all = new TokenBucket(_clock, 1_000_000);
        TokenBucket[] each = [new(_clock, 100_000), new(_clock, 0), new(_clock, 0)];
        var moved = Run(3, TimeSpan.FromSeconds(10), sharer => each[sharer], all);
        Assert.InRange(moved[0] / 1_000_000.0, 0.95, 1.05);
        Assert.InRange(moved.Sum() / 10_000_000.0, 0.95, 1.05);
        Assert.InRange((double)moved[1] / moved[2], 0.9, 1.1);
    }

    [Fact]
    public void A_changed_rate_acts_on_who_waits()
    {
        var bucket = new TokenBucket(_clock, 1_000_000);
        var ticket = bucket.Take(10_000_000);
        bucket.SetRate(0);
        Assert.Equal(TimeSpan.Zero, bucket.Wait(ticket));
        bucket.SetRate(1_000);
        ticket = bucket.Take(1_000_000);
        bucket.SetRate(2_000);
        _clock.Advance(TimeSpan.FromMilliseconds(101));
        Assert.Equal(TimeSpan.Zero, bucket.Wait(ticket));
    }

    [Fact]
    public void Setting_the_same_rate_again_forgives_nothing()
    {
        var bucket = new TokenBucket(_clock, 1_000);
        var ticket = bucket.Take(10_000);
        bucket.SetRate(1_000);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.NotEqual(TimeSpan.Zero, bucket.Wait(ticket));
    }

    private long[] Run(int sharers, TimeSpan time, Func<int, TokenBucket> own, TokenBucket? all = null)
    {
        var moved = new long[sharers];
        var tickets = new (double Own, double All)[sharers];
        var end = _clock.GetUtcNow() + time;
        while (_clock.GetUtcNow() < end)
        {
            for (var sharer = 0; sharer < sharers; sharer++)
            {
                var bucket = own(sharer);
                if (bucket.Wait(tickets[sharer].Own) > TimeSpan.Zero || all?.Wait(tickets[sharer].All) > TimeSpan.Zero)
                    continue;
                var piece = bucket.PieceSize(1 << 20);
                piece = all?.PieceSize(piece) ?? piece;
                moved[sharer] += piece;
                tickets[sharer] = (bucket.Take(piece), all?.Take(piece) ?? 0);
            }

            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        return moved;
    }
}
