using System.Security.Cryptography;
using System.Text;
using ActorLogArchive.Actors.Collection.Uploading;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class CompressionChoiceTests
{
    private const long Slice = 8 << 20;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly CompressionChoice _choice;

    public CompressionChoiceTests() => _choice = new CompressionChoice(_clock, level: 6);

    private static CompressionSample Text => new(0.1, 100e6);

    private bool? Choose(CompressionSample sample) => _choice.Choose(Slice, () => sample);

    // A link of so many bytes a second; a processor that compresses 100 MB a second.
    private void Send(bool compressed, double linkRate)
    {
        var wire = compressed ? Slice * Text.Ratio : Slice;
        var time = TimeSpan.FromSeconds(Math.Max(wire / linkRate, compressed ? Slice / Text.BytesPerSecond : 0));
        _clock.Advance(time);
        _choice.Measured(Slice, (long)wire, time, compressed);
    }

    [Theory]
    [InlineData(1e6, true)]
    [InlineData(50e6, true)]
    [InlineData(90e6, false)]
    [InlineData(1e9, false)]
    public void Text_is_compressed_where_the_link_is_slower_than_the_processor(double linkRate, bool compressed)
    {
        Assert.False(Choose(Text));
        Send(compressed: false, linkRate);

        Assert.Equal(compressed, Choose(Text));
    }

    [Fact]
    public void Content_that_does_not_get_smaller_is_not_compressed()
    {
        Send(compressed: false, 1e6);

        Assert.False(Choose(new CompressionSample(0.99, 100e6)));
        Assert.True(Choose(Text));
    }

    [Fact]
    public void Few_bytes_leave_it_as_it_is_and_are_not_looked_at()
    {
        Send(compressed: false, 1e6);

        Assert.Null(_choice.Choose(CompressionChoice.LeastBytes - 1, () => throw new InvalidOperationException("a sample was taken")));
    }

    [Fact]
    public void On_a_fast_link_no_sample_is_taken_for_a_minute()
    {
        var samples = 0;
        for (var i = 0; i < 100; i++)
        {
            Send(compressed: false, 1e9);
            Assert.False(_choice.Choose(Slice, () =>
            {
                samples++;
                return Text;
            }));
        }

        Assert.Equal(1, samples);
    }

    [Fact]
    public void A_link_that_stays_slow_is_compressed_on_without_sending_anything_as_it_is()
    {
        Send(compressed: false, 1e6);
        for (var i = 0; i < 200; i++)
        {
            Assert.True(Choose(Text), $"after {i} transfers");
            Send(compressed: true, 1e6);
        }
    }

    [Fact]
    public void A_link_that_gets_fast_is_noticed_within_two_minutes()
    {
        Send(compressed: false, 1e6);
        Assert.True(Choose(Text));
        var changed = _clock.GetUtcNow();
        while (Choose(Text) is true)
            Send(compressed: true, 1e9);
        Send(compressed: false, 1e9);

        Assert.False(Choose(Text));
        Assert.InRange(_clock.GetUtcNow() - changed, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void A_gain_between_both_bounds_changes_nothing()
    {
        // 1.2 times as fast: not enough to begin with it, enough to go on.
        var little = new CompressionSample(1 / 1.2, 1e9);
        Send(compressed: false, 1e6);
        Assert.False(Choose(little));
        Assert.True(Choose(Text));
        Assert.True(Choose(little));
    }

    [Fact]
    public void A_sample_tells_log_lines_from_random_bytes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "text"), string.Concat(Enumerable.Range(0, 20_000).Select(i => $"2026-03-01T12:00:00Z INFO request {i} served\n")), Encoding.ASCII);
        File.WriteAllBytes(Path.Combine(folder.Path, "random"), RandomNumberGenerator.GetBytes(200_000));
        using var text = File.OpenHandle(Path.Combine(folder.Path, "text"));
        using var random = File.OpenHandle(Path.Combine(folder.Path, "random"));

        Assert.InRange(_choice.Sample(text, 1000).Ratio, 0.01, 0.4);
        Assert.InRange(_choice.Sample(random, 0).Ratio, 0.99, 1.1);
        Assert.Equal(1, _choice.Sample(text, 1L << 30).Ratio);
    }
}
