using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class BackoffTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Every_cause_waits_and_is_never_given_up()
    {
        foreach (var cause in Enum.GetValues<FailureCause>())
        {
            var (first, longest) = BackoffTable.Default[cause];
            Assert.True(first >= TimeSpan.FromSeconds(1), cause.ToString());
            Assert.True(longest <= TimeSpan.FromMinutes(5), cause.ToString());
            Assert.Equal(first * 0.75, BackoffTable.Default.WaitAfter(cause, 1, 0));
            Assert.Equal(longest * 1.25, BackoffTable.Default.WaitAfter(cause, int.MaxValue, 1));
            Assert.InRange(BackoffTable.Default.WaitAfter(cause, 2, 0.5), first, longest);
        }
    }

    [Fact]
    public void No_space_waits_for_half_a_minute_first()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), BackoffTable.Default.WaitAfter(FailureCause.NoSpace, 1, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(30), BackoffTable.Default.WaitAfter(FailureCause.OverQuota, 1, 0.5));
    }

    [Fact]
    public void A_shorter_longest_wait_shortens_the_first_too()
    {
        var table = BackoffTable.Default.WithLongest(FailureCause.Unreachable, TimeSpan.FromSeconds(0.5));

        Assert.Equal(new BackoffWaits(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)), table[FailureCause.Unreachable]);
    }

    [Fact]
    public void After_the_wait_one_connection_goes_ahead()
    {
        var gate = new AccountGate(BackoffTable.Default, _clock);
        var closed = gate.Close(new ArchiveException(ArchiveFault.OverQuota, "552"), _clock.GetUtcNow());
        Assert.InRange(closed!.Wait, TimeSpan.FromSeconds(22), TimeSpan.FromSeconds(38));
        Assert.NotNull(gate.TryPass());

        _clock.Advance(closed.Wait);
        Assert.Null(gate.TryPass());
        Assert.NotNull(gate.TryPass());

        gate.Open(_clock.GetUtcNow());
        Assert.Null(gate.TryPass());
        Assert.Null(gate.TryPass());
    }

    [Fact]
    public void Connections_that_fail_together_count_once()
    {
        var gate = new AccountGate(BackoffTable.Default, _clock);
        var started = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromSeconds(1));
        gate.Close(new ArchiveException(ArchiveFault.NoSpace, "452"), started);

        Assert.Equal(1, gate.Close(new ArchiveException(ArchiveFault.NoSpace, "452"), started)!.Failures);

        // What was sent before the disk was full tells nothing either.
        gate.Open(started);
        Assert.NotNull(gate.TryPass());
    }

    [Fact]
    public void A_sign_in_refused_while_another_connection_works_is_that_connections_trouble()
    {
        var gate = new AccountGate(BackoffTable.Default, _clock);
        gate.CountSignedIn(1);

        Assert.Null(gate.Close(new ArchiveException(ArchiveFault.SignIn, "530 too many connections"), _clock.GetUtcNow()));
        gate.CountSignedIn(-1);
        Assert.NotNull(gate.Close(new ArchiveException(ArchiveFault.SignIn, "530"), _clock.GetUtcNow()));
    }

    [Fact]
    public void A_lost_connection_holds_no_other_back()
    {
        var gate = new AccountGate(BackoffTable.Default, _clock);

        Assert.Null(gate.Close(new ArchiveException(ArchiveFault.Connection, "reset"), _clock.GetUtcNow()));
        Assert.Null(gate.TryPass());
    }
}
