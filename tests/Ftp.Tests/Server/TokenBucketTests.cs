using ActorLogArchive.Ftp.Server;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Server;

public class TokenBucketTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Without_a_limit_nobody_waits() => Assert.Equal(TimeSpan.Zero, new TokenBucket(_clock, 0).Take(int.MaxValue));

    [Theory]
    [InlineData(1_000)]
    [InlineData(307_200)]
    [InlineData(50_000_000)]
    public void Over_ten_seconds_two_sharers_together_keep_the_rate_within_five_percent(long rate)
    {
        var bucket = new TokenBucket(_clock, rate);
        long moved = 0;
        var end = _clock.GetUtcNow().AddSeconds(10);
        while (_clock.GetUtcNow() < end)
        {
            for (var sharer = 0; sharer < 2; sharer++)
            {
                if (bucket.Remaining() > TimeSpan.Zero)
                    continue;
                var piece = bucket.PieceSize(1 << 20);
                moved += piece;
                bucket.Take(piece);
            }

            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(moved / (10.0 * rate), 0.95, 1.13); // at 1,000 bytes/s one piece of 512 is 5 % by itself
    }

    [Fact]
    public void A_changed_rate_acts_on_who_waits()
    {
        var bucket = new TokenBucket(_clock, 1_000_000);
        bucket.Take(10_000_000);
        bucket.SetRate(0);
        Assert.Equal(TimeSpan.Zero, bucket.Remaining());
        bucket.SetRate(1_000);
        _clock.Advance(TimeSpan.FromMilliseconds(101));
        Assert.Equal(TimeSpan.Zero, bucket.Remaining());
    }
}
