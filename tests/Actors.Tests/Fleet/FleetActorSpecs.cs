using System.Net;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Tests.Users;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Time.Testing;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet;

public sealed class FleetActorSpecs : ArchiveSpec
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_report_is_answered_with_the_incarnation_and_whether_its_sender_is_a_member()
    {
        var fleet = await Start();
        var uid = Cluster.Get(Sys).SelfUniqueAddress.Uid;

        Assert.Equal(new ReportAnswer(uid, false), await fleet.Ask<ReportAnswer>(Report("agent01"), Patience, Cancel));
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        Assert.Equal(new ReportAnswer(uid, true), await fleet.Ask<ReportAnswer>(Report("agent01"), Patience, Cancel));
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Removed, null));
        Assert.Equal(new ReportAnswer(uid, false), await fleet.Ask<ReportAnswer>(Report("agent01"), Patience, Cancel));
    }

    [Fact]
    public async Task An_agent_goes_from_online_to_silent_to_unreachable_to_online()
    {
        var fleet = await Start();
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        Tell(fleet, Report("agent01"));
        Assert.Equal(AgentHealth.Online, (await View(fleet)).Health);

        _time.Advance(TimeSpan.FromSeconds(7));
        await AwaitAssertAsync(async () => Assert.Equal(AgentHealth.Silent, (await View(fleet)).Health), Patience, cancellationToken: Cancel);

        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Unreachable, null));
        var gone = await View(fleet);
        Assert.Equal((AgentHealth.Unreachable, _time.GetUtcNow()), (gone.Health, gone.Since));

        // Killed and started again: another port, another incarnation. The old one's removal is no news any more.
        Tell(fleet, new MemberChange("node1:2", 6, AgentMembership.Reachable, null));
        Tell(fleet, Report("agent01") with { Address = "node1:2" });
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Removed, null));
        Assert.Equal(AgentHealth.Online, (await View(fleet)).Health);

        var history = await fleet.Ask<AgentHistory>(new GetAgentHistory("agent01"), Patience, Cancel);
        Assert.Equal(
            [AgentHealth.Online, AgentHealth.Silent, AgentHealth.Unreachable, AgentHealth.Online], history.Changes.Select(change => change.Health));
    }

    [Fact]
    public async Task A_restart_on_the_same_address_is_not_undone_by_the_old_incarnation()
    {
        var fleet = await Start();
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        Tell(fleet, Report("agent01"));
        Tell(fleet, new MemberChange("node1:1", 6, AgentMembership.Reachable, null));
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Removed, null));

        Assert.Equal(AgentHealth.Online, (await View(fleet)).Health);
    }

    [Fact]
    public async Task A_clean_goodbye_stays_one_although_a_last_report_crosses_it()
    {
        var fleet = await Start();
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        Tell(fleet, Report("agent01"));
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Left, null));
        _time.Advance(TimeSpan.FromSeconds(1));
        Tell(fleet, Report("agent01"));

        Assert.Equal(AgentHealth.Left, (await View(fleet)).Health);
    }

    [Fact]
    public async Task A_role_names_an_agent_before_its_first_report()
    {
        var fleet = await Start();
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, "agent01"));

        Assert.Equal(AgentHealth.Online, (await View(fleet)).Health);
    }

    [Fact]
    public async Task An_account_that_stores_into_its_own_folder_is_an_agent_that_uploads_only()
    {
        var fleet = await Start();
        Sys.EventStream.Publish(Stored("agent07", "/agent07/a.log"));
        Sys.EventStream.Publish(Stored("admin", "/other/a.log"));
        Sys.EventStream.Publish(Stored("admin", "/admin.log"));

        await AwaitAssertAsync(async () => Assert.Equal(AgentHealth.UploadsOnly, (await View(fleet)).Health), Patience, cancellationToken: Cancel);
        Assert.Equal(_time.GetUtcNow(), (await View(fleet)).LastStoredAt);
    }

    [Fact]
    public async Task Changes_are_published_and_coalesced()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(AgentChanged));
        var fleet = await Start();
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        for (var backlog = 0; backlog < 100; backlog++)
        {
            Tell(fleet, Report("agent01") with { BacklogFiles = backlog });
        }

        Assert.Equal(0, (await ExpectMsgAsync<AgentChanged>(cancellationToken: Cancel)).Agent.LastReport!.BacklogFiles);
        await View(fleet);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(99, (await ExpectMsgAsync<AgentChanged>(cancellationToken: Cancel)).Agent.LastReport!.BacklogFiles);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task Only_an_agent_that_is_gone_can_be_forgotten()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(AgentForgotten));
        var fleet = await Start();
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        Tell(fleet, Report("agent01"));
        Assert.Contains("is a member", (await fleet.Ask<AgentNotForgotten>(new ForgetAgent("agent01"), Patience, Cancel)).Reason, StringComparison.Ordinal);
        Assert.Contains("no agent 'x'", (await fleet.Ask<AgentNotForgotten>(new ForgetAgent("x"), Patience, Cancel)).Reason, StringComparison.Ordinal);

        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Left, null));
        _time.Advance(TimeSpan.FromSeconds(10));
        await fleet.Ask<AgentForgotten>(new ForgetAgent("agent01"), Patience, Cancel);

        await ExpectMsgAsync<AgentForgotten>(cancellationToken: Cancel);
        Assert.Empty((await fleet.Ask<FleetView>(GetFleet.Instance, Patience, Cancel)).Agents);
    }

    [Fact]
    public async Task A_report_under_an_impossible_name_is_answered_but_not_taken_in()
    {
        var fleet = await Start();

        await fleet.Ask<ReportAnswer>(Report("../x"), Patience, Cancel);

        Assert.Empty((await fleet.Ask<FleetView>(GetFleet.Instance, Patience, Cancel)).Agents);
    }

    [Fact]
    public async Task Accounts_that_look_like_an_agents_are_listed_until_one_comes()
    {
        var registry = CreateTestProbe();
        Sys.EventStream.Subscribe(TestActor, typeof(AgentChanged));
        var fleet = Sys.ActorOf(Props.Create(() => new FleetActor(new FleetOptions { TimeProvider = _time }, registry.Ref)));
        await registry.ExpectMsgAsync<UsersProtocol.GetUsers>(cancellationToken: Cancel);
        registry.Reply(new UsersProtocol.UserList([Account("web1", "/web1", "elrw"), Account("reader", "/reader", "elr"), Account("admin", "/", "elrw")]));

        var unused = (await ExpectMsgAsync<AgentChanged>(cancellationToken: Cancel)).Agent;
        Assert.Equal(("web1", AgentHealth.NeverSeen, _time.GetUtcNow()), (unused.AgentId, unused.Health, unused.Since));
        Assert.Contains("id web1", unused.ToDo, StringComparison.Ordinal);
        Assert.Equal("web1", (await View(fleet)).AgentId);
        Assert.Equal(CommandRefusal.Unreachable, (await fleet.Ask<AgentCommandRefused>(new CommandAgent("web1", AgentCommandKind.Pause, null), Patience, Cancel)).Cause);

        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        Tell(fleet, Report("web1"));
        Assert.Equal(AgentHealth.Online, (await View(fleet)).Health);
    }

    [Fact]
    public async Task A_change_of_health_is_published_once_it_is_in_the_journal()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(HealthChanged));
        var fleet = await Start();
        Tell(fleet, new MemberChange("node1:1", 5, AgentMembership.Reachable, null));
        Tell(fleet, Report("agent01"));
        Tell(fleet, Report("agent01") with { LastError = "archive: refused", ErrorCause = "Unreachable" });

        Assert.Equal(AgentHealth.Online, (await ExpectMsgAsync<HealthChanged>(cancellationToken: Cancel)).Change.Health);
        Assert.Equal(AgentHealth.Failing, (await ExpectMsgAsync<HealthChanged>(cancellationToken: Cancel)).Change.Health);
        Assert.Equal("Unreachable", (await View(fleet)).Cause);
        Assert.Equal(2, (await fleet.Ask<FleetHistoryProtocol.KnownChanges>(FleetHistoryProtocol.GetKnownChanges.Instance, Patience, Cancel)).Changes.Count);
    }

    private UsersProtocol.UserAccount Account(string name, string home, string permissions) => new(name, home, permissions, 0, 0, _time.GetUtcNow(), _time.GetUtcNow());

    private async Task<IActorRef> Start()
    {
        var fleet = Sys.ActorOf(Props.Create(() => new FleetActor(new FleetOptions { TimeProvider = _time })));
        await fleet.Ask<FleetView>(GetFleet.Instance, Patience, Cancel);
        return fleet;
    }

    private static void Tell(IActorRef fleet, object message) => fleet.Tell(message, ActorRefs.NoSender);

    private static async Task<AgentView> View(IActorRef fleet) => Assert.Single((await fleet.Ask<FleetView>(GetFleet.Instance, Patience, Cancel)).Agents);

    private FtpTransferCompleted Stored(string account, string path) => new(
        _time.GetUtcNow(), 1, new IPEndPoint(IPAddress.Loopback, 1), account, FtpTransferKind.Store, FtpPath.Parse(path), 0, 1, 1, null, TimeSpan.Zero);

    internal static AgentReport Report(string agentId) => new(
        agentId, "node1:1", "0.1.0", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0, 0, 0, 0, 0, null, null, null, ["/var/log **/*.log"]);
}
