using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Tests.Users;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet.History;

public sealed class FleetHistoryStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "history.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Changes_are_there_after_a_restart_once_each_and_thirty_days_later_no_more()
    {
        using (var store = FleetHistoryStore.Open(File))
        {
            store.Add([Change("a", AgentHealth.Online, -50), Change("a", AgentHealth.Failing, -40), Change("a", AgentHealth.Online, -3), Change("b", AgentHealth.Left, -1)]);
            store.Add([Change("a", AgentHealth.Online, -3)]);
        }

        using var again = FleetHistoryStore.Open(File);
        again.Sweep(Now);

        // That of 40 days ago tells how the 30 days began.
        Assert.Equal([AgentHealth.Failing, AgentHealth.Online], again.Changes("a", Now.AddDays(-30), Now).Select(change => change.Health));
        Assert.Equal([AgentHealth.Failing, AgentHealth.Online], again.Changes("a", Now.AddDays(-100), Now).Select(change => change.Health));
        Assert.Equal("r", Assert.Single(again.Changes("b", Now.AddDays(-30), Now)).Reason);
        again.Forget("b");
        Assert.Empty(again.Changes("b", Now.AddDays(-30), Now));
    }

    [Fact]
    public void An_agent_that_goes_up_and_down_all_the_time_is_bounded()
    {
        using var store = FleetHistoryStore.Open(File);
        store.Add([.. Enumerable.Range(0, FleetHistoryStore.MaxChangesOfAgent + 50).Select(i => new HealthChanged("a", new HealthChange(AgentHealth.Online, $"{i}", Now.AddSeconds(i))))]);

        store.Sweep(Now.AddHours(3));

        var kept = store.Changes("a", Now, Now.AddDays(1));
        Assert.Equal((FleetHistoryStore.MaxChangesOfAgent, "50"), (kept.Count, kept[0].Reason));
    }

    [Fact]
    public void Minutes_and_runs_are_kept()
    {
        using (var store = FleetHistoryStore.Open(File))
        {
            store.Put(new FleetHistoryProtocol.MinutePoint(Now, 1, 2, 3, 4));
            store.Put(new FleetHistoryProtocol.MinutePoint(Now, 10, 20, 30, 40));
            store.NoteRunning(Now, Now);
            store.NoteRunning(Now, Now.AddMinutes(5));
        }

        using var again = FleetHistoryStore.Open(File);
        Assert.Equal([new FleetHistoryProtocol.MinutePoint(Now, 10, 20, 30, 40)], again.Minutes(Now));
        Assert.Equal([(Now, Now.AddMinutes(5))], again.Runs());
    }

    [Fact]
    public void A_file_that_is_no_database_is_set_aside()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));

        using var store = FleetHistoryStore.Open(File);

        Assert.Empty(store.Runs());
        Assert.Single(Directory.GetFiles(_folder.Path, "history.db.damaged-*"));
    }

    private static HealthChanged Change(string agent, AgentHealth health, int day) => new(agent, new HealthChange(health, "r", Now.AddDays(day)));
}
