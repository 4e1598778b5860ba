using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Tests.Fleet;

public sealed class RejoinRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan RejoinAfter = TimeSpan.FromSeconds(15);

    private static readonly ClusterEvidence Healthy = new(
        WasJoined: true, IsRemoved: false, ArchiveUid: 7, ArchiveGoneSince: null, new FleetProtocol.ReportAnswer(7, true), AnswersAsStranger: 0);

    [Fact]
    public void Nothing_to_do_while_all_is_well() => Assert.Null(Decide(Healthy));

    [Fact]
    public void A_removed_node_rejoins_at_once() => Assert.NotNull(Decide(Healthy with { IsRemoved = true }));

    [Fact]
    public void Another_incarnation_means_the_archive_was_restarted() =>
        Assert.Contains("restarted", Decide(Healthy with { Answer = new FleetProtocol.ReportAnswer(8, false) }));

    [Fact]
    public void One_answer_as_a_stranger_may_cross_with_gossip_two_count()
    {
        Assert.Null(Decide(Healthy with { ArchiveUid = null, AnswersAsStranger = 1 }));
        Assert.NotNull(Decide(Healthy with { ArchiveUid = null, AnswersAsStranger = 2 }));
    }

    [Fact]
    public void Without_an_archive_it_waits_for_rejoin_after()
    {
        var alone = Healthy with { ArchiveUid = null, Answer = null, ArchiveGoneSince = Now - TimeSpan.FromSeconds(14) };

        Assert.Null(Decide(alone));
        Assert.NotNull(Decide(alone with { ArchiveGoneSince = Now - RejoinAfter }));
    }

    [Fact]
    public void A_node_that_never_joined_keeps_joining_instead_of_restarting() =>
        Assert.Null(Decide(Healthy with { WasJoined = false, ArchiveUid = null, ArchiveGoneSince = Now - TimeSpan.FromHours(1), AnswersAsStranger = 99 }));

    private static string? Decide(ClusterEvidence evidence) => RejoinRules.Decide(evidence, RejoinAfter, Now);
}
