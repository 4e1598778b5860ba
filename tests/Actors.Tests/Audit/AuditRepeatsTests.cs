using ActorLogArchive.Actors.Audit;

namespace ActorLogArchive.Actors.Tests.Audit;

public sealed class AuditRepeatsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private readonly AuditRepeats _repeats = new(TimeSpan.FromHours(1), most: 100);

    [Fact]
    public void The_first_is_written_and_the_others_become_one_entry_with_their_number()
    {
        Assert.True(_repeats.IsNew(SignIn(0, AuditOutcome.Refused, "wrong password")));
        for (var minute = 1; minute < 60; minute++)
            Assert.False(_repeats.IsNew(SignIn(minute, AuditOutcome.Refused, "wrong password")));

        Assert.Empty(_repeats.TakeDue(Start.AddMinutes(59)));
        var summary = Assert.Single(_repeats.TakeDue(Start.AddMinutes(60)));
        Assert.Equal((Start.AddMinutes(59), "59 more since 2026-11-23T10:00:00Z; the last: wrong password"), (summary.At, summary.Detail));
        Assert.Empty(_repeats.TakeDue(DateTimeOffset.MaxValue));
        Assert.True(_repeats.IsNew(SignIn(61, AuditOutcome.Refused, "wrong password")));
    }

    [Fact]
    public void Another_address_account_or_outcome_is_another_thing()
    {
        Assert.True(_repeats.IsNew(SignIn(0, AuditOutcome.Done)));
        Assert.True(_repeats.IsNew(SignIn(1, AuditOutcome.Refused)));
        Assert.True(_repeats.IsNew(SignIn(2, AuditOutcome.Done) with { Address = "10.0.0.2" }));
        Assert.True(_repeats.IsNew(SignIn(3, AuditOutcome.Done) with { Who = "agent02" }));
    }

    [Fact]
    public void What_a_person_does_at_a_page_and_changes_that_were_made_are_entries_each_time()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.True(_repeats.IsNew(SignIn(i, AuditOutcome.Done) with { By = AuditBy.Cookie }));
            Assert.True(_repeats.IsNew(SignIn(i, AuditOutcome.Done) with { Action = AuditActions.AccountChange, Subject = "x" }));
        }
    }

    [Fact]
    public void When_too_much_repeats_at_once_the_rest_is_written_entry_by_entry()
    {
        for (var i = 0; i < 100; i++)
            Assert.True(_repeats.IsNew(SignIn(0, AuditOutcome.Refused) with { Who = $"guess{i}" }));

        Assert.True(_repeats.IsNew(SignIn(0, AuditOutcome.Refused) with { Who = "one more" }));
        Assert.True(_repeats.IsNew(SignIn(0, AuditOutcome.Refused) with { Who = "one more" }));
        Assert.False(_repeats.IsNew(SignIn(0, AuditOutcome.Refused) with { Who = "guess7" }));
    }

    private static AuditEntry SignIn(int minute, AuditOutcome outcome, string detail = "") =>
        new(Start.AddMinutes(minute), "agent01", AuditBy.Ftp, "10.0.0.1", AuditActions.SignIn, "", outcome, detail);
}
