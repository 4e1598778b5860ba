using System.Net;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Access;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Server;

public class SignInGuardTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly SignInGuard _guard;

    public SignInGuardTests() => _guard = new SignInGuard(new FtpServerOptions { TimeProvider = _clock });

    [Fact]
    public void Each_failure_of_an_address_doubles_the_delay_up_to_the_longest()
    {
        var delays = Enumerable.Range(0, 6).Select(number => _guard.Failed(Attempt($"user{number}", "192.0.2.1")).Delay.TotalSeconds);
        Assert.Equal([1, 2, 4, 8, 10, 10], delays);
    }

    [Fact]
    public void Parallel_connections_of_an_address_wait_as_one_would()
    {
        _guard.Failed(Attempt("a", "192.0.2.1"));
        _guard.Failed(Attempt("b", "192.0.2.1"));
        Assert.Equal(2, _guard.Enter(Attempt("c", "192.0.2.1")).Wait.TotalSeconds);
        Assert.Equal(TimeSpan.Zero, _guard.Enter(Attempt("c", "192.0.2.2")).Wait);
    }

    [Fact]
    public void No_more_are_checked_at_once_than_would_lead_to_a_ban()
    {
        for (var number = 0; number < 7; number++)
            _guard.Failed(Attempt($"user{number}", "192.0.2.1"));
        var verdicts = Enumerable.Range(0, 5).Select(_ => _guard.Enter(Attempt("x", "192.0.2.1")).Verdict).ToList();
        Assert.Equal([SignInVerdict.Check, SignInVerdict.Check, SignInVerdict.Check, SignInVerdict.Busy, SignInVerdict.Busy], verdicts);
        _guard.Leave(Attempt("x", "192.0.2.1"));
        Assert.Equal(SignInVerdict.Check, _guard.Enter(Attempt("x", "192.0.2.1")).Verdict);
    }

    [Fact]
    public void The_tenth_failure_bans_and_time_ends_it()
    {
        for (var number = 0; number < 9; number++)
        {
            Assert.Null(_guard.Failed(Attempt("a", "192.0.2.1")).Ban);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        var ban = _guard.Failed(Attempt("a", "192.0.2.1")).Ban;
        Assert.Equal(("192.0.2.1/32", _clock.GetUtcNow().AddMinutes(10)), (ban!.Addresses.ToString(), ban.Until));
        Assert.Equal(ban, _guard.BanOf(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.Equal(SignInVerdict.Banned, _guard.Enter(Attempt("a", "192.0.2.1")).Verdict);
        Assert.Null(_guard.BanOf(IPAddress.Parse("192.0.2.2")));

        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(_guard.BanOf(IPAddress.Parse("192.0.2.1")));
        Assert.Empty(_guard.Bans);
        Assert.Equal(SignInVerdict.Check, _guard.Enter(Attempt("a", "192.0.2.1")).Verdict);
    }

    [Fact]
    public void All_of_an_IPv6_64_count_as_one()
    {
        for (var number = 0; number < 10; number++)
            _guard.Failed(Attempt("a", $"2001:db8::{number:x}"));
        Assert.NotNull(_guard.BanOf(IPAddress.Parse("2001:db8::ffff")));
        Assert.Null(_guard.BanOf(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void Failures_are_forgotten_as_time_goes_by()
    {
        for (var number = 0; number < 9; number++)
            _guard.Failed(Attempt("a", "192.0.2.1"));
        _clock.Advance(TimeSpan.FromMinutes(9));
        for (var number = 0; number < 9; number++)
            Assert.Null(_guard.Failed(Attempt("a", "192.0.2.1")).Ban);
    }

    [Fact]
    public void A_ban_can_be_lifted_and_made_by_hand()
    {
        var address = IPAddress.Parse("192.0.2.1");
        _guard.Ban(address, TimeSpan.FromHours(1), "by hand");
        Assert.Equal("by hand", Assert.Single(_guard.Bans).Reason);
        Assert.True(_guard.Unban(address));
        Assert.False(_guard.Unban(address));
        Assert.Null(_guard.BanOf(address));
    }

    [Fact]
    public void Whoever_knows_the_name_of_an_account_delays_it_for_a_bounded_time_and_not_where_it_is_known()
    {
        _guard.Succeeded(Attempt("agent01", "198.51.100.1"));
        for (var attacker = 1; attacker < 250; attacker++)
            _guard.Failed(Attempt("agent01", $"192.0.2.{attacker}"));

        Assert.Equal((SignInVerdict.Check, TimeSpan.FromSeconds(3), false), _guard.Enter(Attempt("agent01", "198.51.100.2")));
        Assert.Equal((SignInVerdict.Check, TimeSpan.Zero, false), _guard.Enter(Attempt("agent01", "198.51.100.1")));
    }

    [Fact]
    public void A_neighbour_behind_the_same_address_does_not_lock_out_who_is_known_there()
    {
        _guard.Succeeded(Attempt("agent01", "192.0.2.1"));
        for (var number = 0; number < 30; number++)
            _guard.Failed(Attempt("agent02", "192.0.2.1"));

        Assert.Equal("192.0.2.1/32", Assert.Single(_guard.Bans).Addresses.ToString());
        Assert.Null(_guard.BanOf(IPAddress.Parse("192.0.2.1")));
        Assert.Equal(SignInVerdict.Banned, _guard.Enter(Attempt("agent02", "192.0.2.1")).Verdict);
        Assert.Equal(SignInVerdict.Check, _guard.Enter(Attempt("agent01", "192.0.2.1")).Verdict);

        // Guessing at the known account itself ends that.
        for (var number = 0; number < 3; number++)
            _guard.Failed(Attempt("agent01", "192.0.2.1"));
        Assert.NotNull(_guard.BanOf(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void A_ban_by_hand_shuts_out_who_is_known_too()
    {
        _guard.Succeeded(Attempt("agent01", "192.0.2.1"));
        _guard.Ban(IPAddress.Parse("192.0.2.1"), TimeSpan.FromHours(1), "by hand");
        Assert.NotNull(_guard.BanOf(IPAddress.Parse("192.0.2.1")));
        Assert.Equal(SignInVerdict.Banned, _guard.Enter(Attempt("agent01", "192.0.2.1")).Verdict);
    }

    [Fact]
    public void A_mistyped_password_is_forgiven_and_guesses_at_others_are_not()
    {
        for (var number = 0; number < 4; number++)
            _guard.Failed(Attempt("agent01", "192.0.2.1"));
        _guard.Succeeded(Attempt("agent01", "192.0.2.1"));
        Assert.Equal(1, _guard.Failed(Attempt("agent02", "192.0.2.1")).Delay.TotalSeconds);

        // An attacker with an account of its own signs in between its guesses.
        var banned = 0;
        for (var guess = 0; guess < 12; guess++)
        {
            banned += _guard.Failed(Attempt("agent03", "192.0.2.9")).Ban is null ? 0 : 1;
            _guard.Succeeded(Attempt("mine", "192.0.2.9"));
        }

        Assert.Equal(1, banned);
    }

    [Fact]
    public void Any_number_of_addresses_and_names_takes_bounded_memory()
    {
        for (var number = 0; number < 50_000; number++)
            _guard.Failed(Attempt(new string('x', 4000) + number, new IPAddress(number + 1_000_000L).ToString()));
        for (var number = 0; number < 50_000; number++)
            _guard.Failed(Attempt($"user{number}", new IPAddress(number + 1_000_000L).ToString()));
        Assert.InRange(_guard.Entries, 1, 30_000);
    }

    private static FtpSignIn Attempt(string user, string address) => new(user, "guess", new IPEndPoint(IPAddress.Parse(address), 50_000));
}
