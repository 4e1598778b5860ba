using System.Text;
using System.Text.Json;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Serialization;
using ActorLogArchive.Actors.Tests.Users;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Hosting;
using static ActorLogArchive.Actors.Fleet.FleetProtocol;

namespace ActorLogArchive.Actors.Tests.Fleet;

/// <summary>Commands go from the archive's fleet to the link of an agent that is a member of a real cluster.</summary>
public sealed class AgentCommandSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, object> Golden => new()
    {
        { "fleet.agent-command.v1", """{"Kind":"Bandwidth","BytesPerSecond":5000}""", new AgentCommand(AgentCommandKind.Bandwidth, 5000) },
        { "fleet.agent-command-done.v1", """{"IsPaused":true,"BandwidthLimit":null}""", new AgentCommandDone(true, null) },
        { "fleet.agent-explain.v1", """{"Path":"/var/log/a.log"}""", new AgentExplain("/var/log/a.log") },
        { "fleet.agent-verify.v1", """{"IsFull":true}""", new AgentVerify(true) },
        { "fleet.verification-started.v1", """{"StartedAt":"2026-03-01T12:00:00+00:00","WasRunning":false}""", new VerificationStarted(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), false) },
        { "fleet.agent-command-refused.v1", """{"Cause":"Refused","Reason":"no"}""", new AgentCommandRefused(CommandRefusal.Refused, "no") },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Golden))]
    public void Commands_are_read_as_ever(string manifest, string json, object expected)
    {
        var type = WireTypes.All.Single(type => type.Manifest == manifest);

        Assert.Equal(expected, JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), type.Json));
        Assert.Equal(json, JsonSerializer.Serialize(expected, type.Json));
    }

    [Fact]
    public void A_report_of_an_older_agent_is_read()
    {
        var type = WireTypes.All.Single(type => type.Manifest == "fleet.report.v1");
        using var document = JsonSerializer.SerializeToDocument((object)FleetActorSpecs.Report("agent01"), type.Json);
        var older = "{" + string.Join(",", document.RootElement.EnumerateObject()
            .Where(property => property.Name is not ("IsPaused" or "BandwidthLimit" or "OldestPendingAge" or "OldestPendingPath" or "ErrorCause" or "Details")).Select(property => $"\"{property.Name}\":{property.Value.GetRawText()}")) + "}";

        var report = (AgentReport)JsonSerializer.Deserialize(older, type.Json)!;

        Assert.Equal((false, null, null), (report.IsPaused, report.BandwidthLimit, report.Details));
    }

    [Fact]
    public void An_explanation_is_read_as_ever()
    {
        const string Golden = """{"Path":"/a","Standing":"Pending","Answer":"it waits","Advice":"wait","Next":null,"Facts":[{"Name":"rule","Value":"**/*"}]}""";
        var type = WireTypes.All.Single(type => type.Manifest == "fleet.path-explained.v1");

        var read = (PathExplained)JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(Golden), type.Json)!;

        Assert.Equal(("/a", "Pending", "wait", "**/*"), (read.Path, read.Standing, read.Advice, Assert.Single(read.Facts).Value));
        Assert.Equal(Golden, JsonSerializer.Serialize((object)read, type.Json));
    }

    [Fact]
    public void The_fullest_report_fits_into_a_message()
    {
        // A name of the greatest length, each character of which takes six bytes.
        var path = new string('ä', 4000);
        var at = DateTimeOffset.UnixEpoch;
        var details = AgentDetailsBounds.Fit(new AgentDetails
        {
            Failures = [.. Enumerable.Range(0, 12).Select(i => new FailureFigures($"Cause{i}", i, path, path))],
            Failed = [.. Enumerable.Range(0, 20).Select(i => new FailedUpload(path, "Refused", path, i, at, at))],
            Connections = [.. Enumerable.Range(0, 64).Select(i => new ConnectionFigures(i, "BackingOff", at, i, path, "Timeout", at))],
            Roots = [.. Enumerable.Range(0, 500).Select(i => new RootFigures($"/var/log/{i}", null, ["**/*.log"], ["**/*.tmp"], [], i, i, i))],
            InTransfer = [.. Enumerable.Range(0, 64).Select(i => new TransferFigures(path, i, i, at))],
            Recent = [.. Enumerable.Range(0, 10).Select(i => new RecentUpload($"short-{i}.log", i, at))],
            Quiet = [.. Enumerable.Range(0, 10).Select(i => new QuietFile(path, at, TimeSpan.FromSeconds(i)))],
            QuietCount = 1000,
        });
        var type = WireTypes.All.Single(type => type.Manifest == "fleet.report.v1");

        var bytes = JsonSerializer.SerializeToUtf8Bytes((object)(FleetActorSpecs.Report("agent01") with { Details = details }), type.Json);

        Assert.InRange(bytes.Length, 10_000, 100_000);
        Assert.NotEmpty(details.Failures);
        Assert.NotEmpty(details.Recent);
        Assert.Equal(1000, details.QuietCount);
    }

    [Fact]
    public async Task Questions_are_answered_from_the_node_and_refused_where_nobody_answers()
    {
        await using var archive = await StartArchive();
        var explained = new PathExplained("/a.log", "Pending", "it waits", null, null, []);
        var questions = new ArchiveQuestions(_ => Task.FromResult(explained), verify => Task.FromResult(new VerificationStarted(DateTimeOffset.UnixEpoch, verify.IsFull)));
        using var agent = StartAgent("agent01", archive, _ => Task.FromResult(new AgentCommandDone(false, null)), questions);
        using var silent = StartAgent("agent02", archive, _ => Task.FromResult(new AgentCommandDone(false, null)));
        await UntilReached(archive, new CommandAgent("agent01", AgentCommandKind.Resume, null));
        await UntilReached(archive, new CommandAgent("agent02", AgentCommandKind.Resume, null));
        var fleet = archive.Get<FleetActor>();

        Assert.Equal("it waits", (await fleet.Ask<PathExplained>(new ExplainPath("agent01", "/a.log"), Patience, Cancel)).Answer);
        Assert.True((await fleet.Ask<VerificationStarted>(new VerifyAgent("agent01", IsFull: true), Patience, Cancel)).WasRunning);
        Assert.Equal(CommandRefusal.Refused, (await fleet.Ask<AgentCommandRefused>(new ExplainPath("agent02", "/a.log"), Patience, Cancel)).Cause);
        Assert.Equal(CommandRefusal.Unknown, (await fleet.Ask<AgentCommandRefused>(new VerifyAgent("nobody", IsFull: false), Patience, Cancel)).Cause);
    }

    [Fact]
    public async Task A_command_is_done_by_the_agent_and_answered()
    {
        await using var archive = await StartArchive();
        var commands = new List<AgentCommand>();
        using var agent = StartAgent("agent01", archive, command =>
        {
            commands.Add(command);
            return Task.FromResult(new AgentCommandDone(command.Kind == AgentCommandKind.Pause, command.BytesPerSecond));
        });
        Assert.Equal(new AgentCommandDone(true, null), await UntilReached(archive, new CommandAgent("agent01", AgentCommandKind.Pause, null)));
        commands.Clear();

        Assert.Equal(new AgentCommandDone(false, 5000), await Ask(archive, new CommandAgent("agent01", AgentCommandKind.Bandwidth, 5000)));

        Assert.Equal([new AgentCommand(AgentCommandKind.Bandwidth, 5000)], commands);
    }

    [Fact]
    public async Task An_agent_that_is_not_known_not_there_or_does_not_answer_is_told_with_the_reason()
    {
        await using var archive = await StartArchive();
        using var agent = StartAgent("agent01", archive, _ => new TaskCompletionSource<AgentCommandDone>().Task);
        Assert.Equal(CommandRefusal.TimedOut, Assert.IsType<AgentCommandRefused>(await UntilReached(archive, new CommandAgent("agent01", AgentCommandKind.Pause, null))).Cause);

        Assert.Equal(CommandRefusal.Unknown, Assert.IsType<AgentCommandRefused>(await Ask(archive, new CommandAgent("other", AgentCommandKind.Pause, null))).Cause);
        archive.Get<FleetActor>().Tell(FleetActorSpecs.Report("gone") with { Address = "node9:1" });
        var refused = Assert.IsType<AgentCommandRefused>(await Ask(archive, new CommandAgent("gone", AgentCommandKind.Pause, null)));
        Assert.Equal(CommandRefusal.Unreachable, refused.Cause);
        Assert.Contains("gone", refused.Reason);
    }

    [Fact]
    public async Task A_command_that_fails_is_refused_with_the_reason()
    {
        await using var archive = await StartArchive();
        using var agent = StartAgent("agent01", archive, _ => Task.FromException<AgentCommandDone>(new InvalidOperationException("no uploader")));

        var refused = Assert.IsType<AgentCommandRefused>(await UntilReached(archive, new CommandAgent("agent01", AgentCommandKind.Pause, null)));

        Assert.Contains("no uploader", refused.Reason);
    }

    [Fact]
    public async Task Nobody_but_an_archive_of_the_cluster_is_obeyed()
    {
        await using var archive = await StartArchive();
        var commands = 0;
        using var agent = StartAgent("agent01", archive, _ =>
        {
            commands++;
            return Task.FromResult(new AgentCommandDone(false, null));
        });
        await UntilReached(archive, new CommandAgent("agent01", AgentCommandKind.Resume, null));
        commands = 0;
        using var stranger = ActorSystem.Create("log-archive", ArchiveSpec.Configuration(Config.Empty));
        using var otherAgent = StartAgent("agent02", archive, _ => Task.FromResult(new AgentCommandDone(false, null)));
        await UntilReached(archive, new CommandAgent("agent02", AgentCommandKind.Resume, null));

        foreach (var system in new[] { stranger, otherAgent })
        {
            var answer = await system.ActorSelection($"{Cluster.Get(agent).SelfAddress}/user/{LinkName}").Ask<object>(new AgentCommand(AgentCommandKind.Pause, null), Patience, Cancel);
            Assert.Equal(CommandRefusal.Refused, Assert.IsType<AgentCommandRefused>(answer).Cause);
        }

        Assert.Equal(0, commands);
    }

    private static Task<object> Ask(HostedSystem archive, CommandAgent command) => archive.Get<FleetActor>().Ask<object>(command, Patience, Cancel);

    // The agent is known to the fleet before it knows that the archive is Up.
    private static async Task<object> UntilReached(HostedSystem archive, CommandAgent command)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await Ask(archive, command) is var answer)
        {
            if (answer is not AgentCommandRefused { Cause: CommandRefusal.Unknown or CommandRefusal.Unreachable }
                && answer is not AgentCommandRefused { Reason: "commands are taken from an archive of the cluster only" })
            {
                return answer;
            }

            await timer.WaitForNextTickAsync(deadline.Token);
        }

        throw new InvalidOperationException();
    }

    private async Task<HostedSystem> StartArchive()
    {
        var archive = await HostedSystem.StartAsync(_folder.Path, akka => akka
            .AddHocon("akka.cluster.roles = [archive]", HoconAddMode.Prepend)
            .WithFleet(new FleetOptions { CommandTimeout = TimeSpan.FromSeconds(3) }));
        var cluster = Cluster.Get(archive.System);
        cluster.Join(cluster.SelfAddress);
        return archive;
    }

    private static ActorSystem StartAgent(string id, HostedSystem archive, Func<AgentCommand, Task<AgentCommandDone>> obey, ArchiveQuestions? questions = null)
    {
        var configuration = ConfigurationFactory.ParseString($"""akka.cluster.roles = [agent, "{AgentIdRolePrefix}{id}"]""");
        var system = ActorSystem.Create("log-archive", configuration.WithFallback(ArchiveSpec.Configuration(Config.Empty)));
        var options = new ArchiveLinkOptions([], TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Func<Address, Task<AgentReport>> figures = self => Task.FromResult(FleetActorSpecs.Report(id) with { Address = $"{self.Host}:{self.Port}" });
        Action<string> rejoin = _ => { };
        system.ActorOf(Props.Create(() => new ArchiveLinkActor(options, figures, obey, rejoin, TimeProvider.System, questions)), LinkName);
        Cluster.Get(system).Join(Cluster.Get(archive.System).SelfAddress);
        return system;
    }
}
