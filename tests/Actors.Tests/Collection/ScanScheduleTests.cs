using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class ScanScheduleTests
{
    private static readonly DateTimeOffset Started = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0.01, true, 10)]
    [InlineData(0.2, true, 60)]
    [InlineData(0.2, false, 10)]
    [InlineData(20, true, 600)]
    [InlineData(20, false, 10)]
    public void Walks_that_take_long_rest_where_file_events_are_reliable(double work, bool areEventsReliable, double seconds) =>
        Assert.Equal(
            Started + TimeSpan.FromSeconds(seconds),
            ScanSchedule.Next(Started, TimeSpan.FromSeconds(work), TimeSpan.FromSeconds(10), () => areEventsReliable));

    [Fact]
    public void An_interval_that_is_longer_than_the_rest_stays() =>
        Assert.Equal(Started + TimeSpan.FromHours(1), ScanSchedule.Next(Started, TimeSpan.FromSeconds(20), TimeSpan.FromHours(1), () => true));

    [Theory]
    [InlineData("36 35 98:0 / /srv/logs/nfs rw,noatime master:1 - nfs4 server:/export rw", false)]
    [InlineData("36 35 98:0 / /srv/logs/disk rw,noatime - ext4 /dev/sdb1 rw", true)]
    [InlineData("36 35 98:0 / /srv/logs-of-others rw,noatime - cifs //server/share rw", true)]
    [InlineData("36 35 98:0 / /srv/logs/with\\040blank rw shared:7 master:1 - fuse.sshfs host: rw", false)]
    [InlineData("not a line of mountinfo", false)]
    public void What_is_mounted_below_a_folder_counts(string line, bool isLocal) => Assert.Equal(isLocal, LocalFileSystems.IsLocalOrElsewhere(line, "/srv/logs"));

    [Fact]
    public async Task The_status_tells_the_next_walk_and_it_comes()
    {
        using var node = new TemporaryFolder();
        node.Write("a.log", "one");
        var archive = new FakeArchive();
        var options = AgentUnderTest.Options(node.Path, automatic: true) with { Watch = false, ScanInterval = TimeSpan.FromMilliseconds(300) };
        await using var agent = AgentUnderTest.Start(options, archive);

        var first = await NextAfterAsync(agent, DateTimeOffset.MinValue);
        var second = await NextAfterAsync(agent, first.NextScanAt!.Value);

        Assert.True(second.LastScanAt >= first.NextScanAt, $"{second.LastScanAt:O} is before {first.NextScanAt:O}");
        Assert.InRange(first.NextScanAt.Value - (first.LastScanAt - first.Duration), TimeSpan.FromMilliseconds(299), TimeSpan.FromMilliseconds(301));
    }

    private static async Task<ScanStatus> NextAfterAsync(AgentUnderTest agent, DateTimeOffset time)
    {
        var deadline = DateTime.UtcNow + Patience;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var status = await agent.Scanner.Ask<ScanStatus>(CollectionProtocol.GetScanStatus.Instance, Patience, TestContext.Current.CancellationToken);
            if (status.NextScanAt is { } next && next > time)
                return status;
            Assert.True(DateTime.UtcNow < deadline, "no walk came");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_folder_with_hard_links_is_walked_at_its_interval()
    {
        using var node = new TemporaryFolder();
        var scanner = new RootScanner(new WatchedRoot { Path = node.Path });
        node.Write("a.log", "one");
        scanner.ScanAll(new ScanDifferences(_ => { }), CancellationToken.None);
        Assert.False(scanner.HasLinkedFiles);
        Assert.SkipUnless(OperatingSystem.IsLinux(), "links are made by ln");

        using var link = System.Diagnostics.Process.Start("ln", [Path.Combine(node.Path, "a.log"), Path.Combine(node.Path, "b.log")]);
        await link.WaitForExitAsync(TestContext.Current.CancellationToken);
        scanner.ScanAll(new ScanDifferences(_ => { }), CancellationToken.None);

        Assert.True(scanner.HasLinkedFiles);
    }
}
