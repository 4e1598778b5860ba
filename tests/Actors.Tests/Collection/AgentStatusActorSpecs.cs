using System.Runtime.CompilerServices;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using Akka.Actor;
using Akka.TestKit.TestActors;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>A ledger that does not answer: for how long that is no fault.</summary>
public sealed class AgentStatusActorSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _node = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ActorSystem _system = ActorSystem.Create("status", "akka { stdout-loglevel = OFF, loglevel = OFF, log-dead-letters = off }");

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _node.Dispose();
    }

    [Fact]
    public async Task A_ledger_that_still_recovers_is_no_error()
    {
        var status = Status(_system.ActorOf(BlackHoleActor.Props));

        Assert.Null((await AskAsync(status)).LastError);
    }

    [Fact]
    public async Task A_ledger_that_falls_silent_keeps_its_figures_and_is_an_error_after_a_while()
    {
        var status = Status(_system.ActorOf(Props.Create(() => new AnswersOnce())));
        var first = await AskAsync(status);
        _time.Advance(TimeSpan.FromSeconds(14));
        var soon = await AskAsync(status);
        _time.Advance(TimeSpan.FromSeconds(1));
        var later = await AskAsync(status);

        Assert.NotNull(first.LastUploadAt);
        Assert.Equal((first.LastUploadAt, null), (soon.LastUploadAt, soon.LastError));
        Assert.Equal((first.LastUploadAt, "ledger: it does not answer"), (later.LastUploadAt, later.LastError));
    }

    [Fact]
    public async Task The_file_takes_the_figures_that_were_gathered_last_while_they_are_fresh()
    {
        var file = Path.Combine(_node.Path, "status.json");
        var asked = new StrongBox<int>();
        var options = AgentUnderTest.Options(_node.Path) with { TimeProvider = _time, StatusFile = file };
        var answers = _system.ActorOf(Props.Create(() => new Counts(asked)));
        _system.ActorOf(AgentStatusActor.Props(options, answers, answers, answers));
        await WrittenAsync(file);
        var once = asked.Value;
        await WrittenAsync(file);
        var fresh = asked.Value;
        _time.Advance(TimeSpan.FromSeconds(2));
        await WrittenAsync(file);

        Assert.Equal((3, 3), (once, fresh));
        Assert.Equal(_time.GetUtcNow(), AgentStatusFile.ReadRunning(file, _time.GetUtcNow())?.At);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("[{\"path\":null},{")]
    public async Task What_it_learnt_of_steady_files_is_kept_for_the_next_agent_and_a_broken_file_is_none(string? before)
    {
        var file = Path.Combine(_node.Path, "cadence.json");
        if (before is not null)
            await File.WriteAllTextAsync(file, before, TestContext.Current.CancellationToken);
        var options = AgentUnderTest.Options(_node.Path) with { TimeProvider = _time, CadenceFile = file, Cadence = new FileCadence(_time) };
        var first = Status(_system.ActorOf(BlackHoleActor.Props), options);
        await AskAsync(first);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            options.Cadence.Note("app/a.log", _time.GetUtcNow());
        }

        await first.GracefulStop(Patience);
        var next = options with { Cadence = new FileCadence(_time) };
        var second = Status(_system.ActorOf(BlackHoleActor.Props), next);
        await AskAsync(second);
        _time.Advance(TimeSpan.FromMinutes(4));

        Assert.Equal("app/a.log", Assert.Single((await AskAsync(second)).Quiet).Path);
    }

    // Written anew, it is another file.
    private static async Task WrittenAsync(string file)
    {
        File.Delete(file);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var until = DateTime.UtcNow + Patience; !File.Exists(file);)
        {
            Assert.True(DateTime.UtcNow < until, $"{file} is not written");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private IActorRef Status(IActorRef ledger) => Status(ledger, AgentUnderTest.Options(_node.Path) with { TimeProvider = _time });

    private IActorRef Status(IActorRef ledger, CollectionOptions options)
    {
        var silent = _system.ActorOf(BlackHoleActor.Props);
        return _system.ActorOf(AgentStatusActor.Props(options, ledger, silent, silent));
    }

    private static Task<AgentStatus> AskAsync(IActorRef status) =>
        status.Ask<AgentStatus>(CollectionProtocol.GetStatus.Instance, Patience, TestContext.Current.CancellationToken);

    private sealed class Counts : ReceiveActor
    {
        public Counts(StrongBox<int> asked)
        {
            Receive<CollectionProtocol.GetLedger>(_ => Answer(asked, new CollectionProtocol.LedgerView(LedgerFigures.None, 0)));
            Receive<CollectionProtocol.GetScanStatus>(_ => Answer(asked, new Status.Failure(new TaskCanceledException())));
            Receive<CollectionProtocol.GetUploaderStatus>(_ => Answer(asked, new Status.Failure(new TaskCanceledException())));
        }

        private void Answer(StrongBox<int> asked, object answer)
        {
            Interlocked.Increment(ref asked.Value);
            Sender.Tell(answer);
        }
    }

    private sealed class AnswersOnce : ReceiveActor
    {
        public AnswersOnce() => Receive<CollectionProtocol.GetLedger>(_ =>
        {
            Sender.Tell(new CollectionProtocol.LedgerView(LedgerFigures.None with { LastArchivedAt = DateTimeOffset.UnixEpoch }, 0));
            Become(() => { });
        });
    }
}
