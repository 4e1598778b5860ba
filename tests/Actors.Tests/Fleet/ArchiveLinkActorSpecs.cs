using System.Threading.Channels;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Tests.Users;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet;

/// <summary>Which of the figures an agent looks at are reported.</summary>
public sealed class ArchiveLinkActorSpecs : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("log-archive", ArchiveSpec.Configuration(Config.Empty));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _system.Dispose();

    [Fact]
    public async Task What_did_not_change_is_told_once_an_interval()
    {
        var reports = Report((report, look) => report with { BytesPerSecond = look });

        Assert.Equal([1, 3, 5], await Looks(reports, 3));
    }

    [Theory]
    [InlineData("error")]
    [InlineData("paused")]
    [InlineData("backlog")]
    [InlineData("archived")]
    public async Task What_changed_does_not_wait_for_its_turn(string what)
    {
        var reports = Report((report, look) => what switch
        {
            "error" => report with { LastError = "no space", ErrorCause = $"cause {look}" },
            "paused" => report with { IsPaused = look % 2 == 0 },
            "backlog" => report with { BacklogBytes = look },
            _ => report with { ArchivedFiles = look },
        });

        Assert.Equal([1, 2, 3, 4], await Looks(reports, 4));
    }

    private static async Task<List<double>> Looks(ChannelReader<AgentReport> reports, int count)
    {
        var looks = new List<double>();
        while (looks.Count < count)
            looks.Add((await reports.ReadAsync(Cancel)).At.ToUnixTimeSeconds());
        return looks;
    }

    /// <summary>The reports of a link to this very system; each look at the figures is numbered by the second it is made in.</summary>
    private ChannelReader<AgentReport> Report(Func<AgentReport, int, AgentReport> figures)
    {
        var reports = Channel.CreateUnbounded<AgentReport>();
        _system.ActorOf(Props.Create(() => new Collector(reports.Writer)), ActorName);
        var look = 0;
        Func<Address, Task<AgentReport>> takeFigures = _ =>
            Task.FromResult(figures(FleetActorSpecs.Report("agent01") with { At = DateTimeOffset.FromUnixTimeSeconds(++look) }, look));
        Func<AgentCommand, Task<AgentCommandDone>> obey = _ => Task.FromResult(new AgentCommandDone(false, null));
        Action<string> rejoin = _ => { };
        var options = new ArchiveLinkOptions([Cluster.Get(_system).SelfAddress.ToString()], TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(10));
        _system.ActorOf(Props.Create(() => new ArchiveLinkActor(options, takeFigures, obey, rejoin, TimeProvider.System)), LinkName);
        return reports.Reader;
    }

    private sealed class Collector : ReceiveActor
    {
        public Collector(ChannelWriter<AgentReport> reports) => Receive<AgentReport>(report => { reports.TryWrite(report); });
    }
}
