using System.Net;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Tests.Users;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;
using static ActorLogArchive.Actors.Fleet.History.FleetHistoryProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet.History;

public sealed class FleetHistoryActorSpecs : ArchiveSpec
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 4000);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TemporaryFolder _folder = new();
    private readonly TestProbe _fleet;

    public FleetHistoryActorSpecs() => _fleet = CreateTestProbe();

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task Health_is_a_timeline_that_goes_on_after_a_restart_with_what_the_fleet_remembers_and_a_gap_for_the_time_between()
    {
        var began = Clock;
        var first = await StartAsync();
        Tell(first, Health("a", AgentHealth.Online, "reports"));
        _time.Advance(TimeSpan.FromMinutes(10));
        Tell(first, Health("a", AgentHealth.Failing, "is refused"));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal([AgentHealth.Online, AgentHealth.Failing], (await TimelineAsync(first, began)).Select(span => span.Health));
        var stopped = Clock;
        await StopAsync(first);

        _time.Advance(TimeSpan.FromHours(1));
        var second = await StartAsync();
        var back = Health("a", AgentHealth.Online, "reports again");
        Tell(second, new KnownChanges([back]));
        _time.Advance(TimeSpan.FromMinutes(1));

        var spans = await TimelineAsync(second, began);
        Assert.Equal([AgentHealth.Online, AgentHealth.Failing, null, AgentHealth.Online], spans.Select(span => span.Health));
        Assert.Equal((stopped, back.Change.At), (spans[2].From, spans[2].To));
    }

    [Fact]
    public async Task What_arrives_is_counted_once_by_the_day_the_minute_and_the_agent_and_lasts_over_a_restart()
    {
        var first = await StartAsync();
        Tell(first, new FtpTransferProgressed(Clock, 1, Client, "a", FtpTransferKind.Store, FtpPath.Parse("/a/x.log"), 600, 0));
        Tell(first, Completed(1, "a", FtpTransferKind.Store, 1000));
        Tell(first, Completed(2, "a", FtpTransferKind.Retrieve, 5000));
        _time.Advance(TimeSpan.FromSeconds(1));

        var activity = await ActivityAsync(first);
        Assert.Equal((1, 1000), (activity.FilesToday, activity.BytesToday));
        Assert.Equal(["a"], activity.Rates.Keys);
        await StopAsync(first);

        var second = await StartAsync();
        Tell(second, Completed(3, "b", FtpTransferKind.Append, 24));
        _time.Advance(TimeSpan.FromSeconds(1));
        activity = await ActivityAsync(second);

        Assert.Equal((2, 1024), (activity.FilesToday, activity.BytesToday));
    }

    [Fact]
    public async Task Broken_uploads_are_told_but_not_in_a_flood_and_a_forgotten_agent_has_no_past()
    {
        var began = Clock;
        var history = await StartAsync();
        var happenings = CreateTestProbe();
        Sys.EventStream.Subscribe(happenings, typeof(FleetHappening));
        Tell(history, Health("a", AgentHealth.Online, "reports"));
        Assert.Equal("health", (await happenings.ExpectMsgAsync<FleetHappening>(cancellationToken: Cancel)).Kind);
        for (var i = 0; i < 50; i++)
            Tell(history, Aborted("a"));
        Tell(history, Aborted("b"));
        await BrokeOffAsync(happenings, "a");
        await BrokeOffAsync(happenings, "b");
        _time.Advance(TimeSpan.FromSeconds(10));
        Tell(history, Aborted("a"));
        await BrokeOffAsync(happenings, "a");

        Tell(history, new AgentForgotten("a"));
        Assert.Equal("forgotten", (await happenings.ExpectMsgAsync<FleetHappening>(cancellationToken: Cancel)).Kind);
        Assert.DoesNotContain(await TimelineAsync(history, began), span => span.Health is not null);
        Assert.Equal("forgotten", (await ActivityAsync(history)).Events[0].Kind);
    }

    private DateTimeOffset Clock => _time.GetUtcNow();

    private async Task<IActorRef> StartAsync()
    {
        var options = new FleetHistoryOptions { DatabaseFile = Path.Combine(_folder.Path, "history.db"), TimeProvider = _time };
        var history = Sys.ActorOf(Props.Create(() => new FleetHistoryActor(options, _fleet.Ref)));
        await _fleet.ExpectMsgAsync<GetKnownChanges>(cancellationToken: Cancel);
        return history;
    }

    private static void Tell(IActorRef history, object message) => history.Tell(message, ActorRefs.NoSender);

    private static async Task BrokeOffAsync(TestProbe happenings, string agent)
    {
        var told = await happenings.ExpectMsgAsync<FleetHappening>(cancellationToken: Cancel);
        Assert.Equal((agent, "upload-failed"), (told.AgentId, told.Kind));
        Assert.Contains("cut off", told.Text, StringComparison.Ordinal);
    }

    private async Task StopAsync(IActorRef history) => Assert.True(await history.GracefulStop(Patience));

    private async Task<IReadOnlyList<TimelineSpan>> TimelineAsync(IActorRef history, DateTimeOffset from) =>
        (await history.Ask<Timeline>(new GetTimeline("a", from, Clock), Patience, Cancel)).Spans;

    private static Task<Activity> ActivityAsync(IActorRef history) => history.Ask<Activity>(GetActivity.Instance, Patience, Cancel);

    private HealthChanged Health(string agent, AgentHealth health, string reason) => new(agent, new HealthChange(health, reason, Clock));

    private FtpTransferCompleted Completed(long session, string agent, FtpTransferKind kind, long bytes) =>
        new(Clock, session, Client, agent, kind, FtpPath.Parse($"/{agent}/x.log"), 0, bytes, bytes, null, TimeSpan.FromSeconds(1));

    private FtpTransferAborted Aborted(string agent) =>
        new(Clock, 9, Client, agent, FtpTransferKind.Store, FtpPath.Parse($"/{agent}/y.log"), 0, 10, "cut off");
}
