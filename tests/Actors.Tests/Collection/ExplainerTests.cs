using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Explaining;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class ExplainerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly FileId Id = new(1, 7, 1);
    private static readonly WatchedRoot Root = new() { Path = "/var/log/app" };
    private static readonly CollectionOptions Options = new() { AgentId = "web01", Roots = [Root] };

    private static readonly AgentStatus Running = AgentStatus.FromLedger("web01", LedgerFigures.None, [], Now) with
    {
        Scan = new ScanStatus(Now.AddSeconds(-3), TimeSpan.Zero, 1, 0, 0, []),
        Connections = [new ConnectionStatus(1, ConnectionState.Idle, Now, 0, null, null, null)],
    };

    private static readonly LedgerEntry Pending = new() { Path = "a.log", Root = Root.Path, Id = Id, Size = 10, Modified = Now.UtcTicks, Pending = true, PendingSince = Now };

    private static FileEvidence Evidence(FileRule rule = FileRule.Included, string text = "included", LedgerEntry? entry = null, AgentStatus? running = null, params StoryItem[] story) => new(
        "/var/log/app/a.log",
        new FileVerdict(rule, text, rule == FileRule.NotWatched ? null : Root, "a.log"),
        rule == FileRule.Missing ? null : 10,
        rule == FileRule.Missing ? null : Now,
        rule == FileRule.Missing ? default : Id,
        entry,
        story,
        running,
        Options,
        "web01@192.0.2.1:2121",
        "logarchive",
        Now);

    private static AgentStatus Failing(FailureCause cause, string error) => Running with
    {
        Connections = [new ConnectionStatus(1, ConnectionState.BackingOff, Now, 3, error, Now, Now.AddSeconds(9), cause)],
    };

    public static TheoryData<string, FileEvidence, FileStanding, string, string> Stuck => new()
    {
        { "no root", Evidence(FileRule.NotWatched, "no watched folder contains it", running: Running), FileStanding.NotCollected, "no watched folder contains it", "/var/log/app" },
        { "pattern", Evidence(FileRule.NoPattern, "matches no include pattern (**/*.log)", running: Running), FileStanding.NotCollected, "matches no include pattern", "include of /var/log/app" },
        { "exclude", Evidence(FileRule.Excluded, "left out by exclude pattern '*.tmp'", running: Running), FileStanding.NotCollected, "'*.tmp'", "!" },
        { "size", Evidence(FileRule.TooLarge, "larger than max-file-size 1 GB", running: Running), FileStanding.NotCollected, "max-file-size", "raise max-file-size" },
        { "rights", Evidence(FileRule.PermissionDenied, "permission denied", running: Running), FileStanding.NotCollected, "permission denied", "logarchive" },
        { "no agent", Evidence(entry: Pending), FileStanding.Pending, "no agent is running", "start the agent" },
        { "paused", Evidence(entry: Pending, running: Running with { IsPaused = true }), FileStanding.Pending, "paused", "resume" },
        { "unreachable", Evidence(entry: Pending, running: Failing(FailureCause.Unreachable, "Connection refused")), FileStanding.Pending, "Connection refused", "firewall" },
        { "account", Evidence(entry: Pending, running: Failing(FailureCause.NoAccount, "530 Sign-in incorrect")), FileStanding.Pending, "530", "ALA_FTP_PASSWORD" },
        { "certificate", Evidence(entry: Pending, running: Failing(FailureCause.Untrusted, "another certificate")), FileStanding.Pending, "certificate", "ftp-certificates" },
        { "ledger", Evidence(entry: Pending, running: Running with { LastError = "ledger: the disk is full", LastErrorCause = "Ledger", IsPaused = true }), FileStanding.Pending, "the disk is full", "make room on the disk of data-dir" },
        { "ledger, not seen yet", Evidence(running: Running with { LastError = "ledger: the disk is full", LastErrorCause = "Ledger" }), FileStanding.Pending, "the disk is full", "make room on the disk of data-dir" },
        { "quota", Evidence(entry: Fail(FailureCause.OverQuota, "552 over quota"), running: Running), FileStanding.Pending, "552", "quota" },
        { "disk full", Evidence(entry: Fail(FailureCause.NoSpace, "452 no space"), running: Running), FileStanding.Pending, "452", "make room" },
        { "refused", Evidence(entry: Fail(FailureCause.Refused, "550 Permission denied"), running: Running), FileStanding.Pending, "550", "permissions" },
    };

    private static LedgerEntry Fail(FailureCause cause, string message) => Pending with { Failure = new UploadFailure(cause, message, 4, Now, Now.AddSeconds(30)) };

    [Theory]
    [MemberData(nameof(Stuck))]
    public void A_file_that_is_stuck_is_told_why_and_what_to_do(string name, FileEvidence file, FileStanding standing, string answer, string advice)
    {
        var explanation = Explainer.Explain(file);

        Assert.Equal(standing, explanation.Standing);
        Assert.Contains(answer, explanation.Answer, StringComparison.Ordinal);
        Assert.Contains(advice, explanation.Advice ?? $"no advice for {name}", StringComparison.Ordinal);
    }

    [Fact]
    public void What_comes_next_is_told_with_its_time()
    {
        Assert.Contains("03:04:35", Explainer.Explain(Evidence(entry: Fail(FailureCause.Busy, "450"), running: Running)).Next, StringComparison.Ordinal);
        Assert.Contains("03:04:14", Explainer.Explain(Evidence(entry: Pending, running: Failing(FailureCause.Unreachable, "refused"))).Next, StringComparison.Ordinal);
        Assert.Contains("next walk", Explainer.Explain(Evidence(running: Running)).Next, StringComparison.Ordinal);
    }

    [Fact]
    public void A_settling_file_tells_until_when_it_waits()
    {
        var settling = Evidence(entry: Pending, running: Running);
        var explanation = Explainer.Explain(settling with { Verdict = settling.Verdict with { Root = Root with { Settle = TimeSpan.FromMinutes(1) } } });

        Assert.Contains("settle = 60 s", explanation.Answer, StringComparison.Ordinal);
        Assert.Contains("03:05:05", explanation.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_file_went_is_told_even_after_its_name_was_found_gone()
    {
        var explanation = Explainer.Explain(Evidence(
            FileRule.Missing, "does not exist", Pending with { GoneAt = Now, Pending = false }, Running,
            new StoryItem(StoryKind.Seen, Now), new StoryItem(StoryKind.RenamedTo, Now) { Other = "a.log.1" }, new StoryItem(StoryKind.Vanished, Now)));

        Assert.Equal(FileStanding.Gone, explanation.Standing);
        Assert.Contains("/web01/a.log.1", explanation.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_went_before_anything_of_it_was_archived_is_told_as_lost()
    {
        var explanation = Explainer.Explain(Evidence(FileRule.Missing, "does not exist", null, Running, new StoryItem(StoryKind.Seen, Now), new StoryItem(StoryKind.Vanished, Now)));

        Assert.Contains("nothing of it was archived", explanation.Answer, StringComparison.Ordinal);
        Assert.Contains("gate", explanation.Advice, StringComparison.Ordinal);
    }
}
