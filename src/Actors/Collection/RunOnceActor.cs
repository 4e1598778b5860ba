using Akka.Actor;

namespace ActorLogArchive.Actors.Collection;

/// <summary>
/// Conducts a single run: one complete walk, then all that is pending, each file with a few attempts. Ends early, with the reason,
/// when the archive or the ledger cannot be used.
/// </summary>
public sealed class RunOnceActor : ReceiveActor
{
    private readonly CollectionOptions _options;
    private readonly IActorRef _ledger;
    private readonly IActorRef _scanner;
    private IActorRef _asker = ActorRefs.Nobody;
    private ScanStatus? _scan;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public RunOnceActor(CollectionOptions options, IActorRef ledger, IActorRef scanner)
    {
        _options = options;
        _ledger = ledger;
        _scanner = scanner;
        Idle();
    }

    /// <summary>A conductor of the others.</summary>
    public static Props Props(CollectionOptions options, IActorRef ledger, IActorRef scanner) =>
        Akka.Actor.Props.Create(() => new RunOnceActor(options, ledger, scanner));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(CollectionProtocol.ArchiveUnreachable));
        Context.System.EventStream.Subscribe(Self, typeof(CollectionProtocol.LedgerFailed));
    }

    /// <inheritdoc/>
    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Idle()
    {
        Receive<CollectionProtocol.RunOnce>(_ =>
        {
            _asker = Sender;
            _scan = null;
            _ledger.Tell(new CollectionProtocol.BeginRun(_options.Upload.OnceAttempts));
            _scanner.Tell(CollectionProtocol.ScanNow.Instance);
            Become(Running);
        });
        ReceiveAny(_ => { });
    }

    private void Running()
    {
        Receive<CollectionProtocol.ScanFinished>(finished =>
        {
            _scan = finished.Scan;
            _ledger.Tell(CollectionProtocol.Drain.Instance);
        });
        Receive<CollectionProtocol.ArchiveUnreachable>(
            unreachable => unreachable.Failures >= _options.Upload.OnceAttempts && _scan is not null,
            unreachable => _ledger.Tell(new CollectionProtocol.StopDraining($"the archive cannot be used: {unreachable.Reason}")));
        Receive<CollectionProtocol.LedgerFailed>(failed => Finish(new RunSummary(0, 0, [], 0, [], $"ledger: {failed.Reason}"), failed.Damaged));
        Receive<CollectionProtocol.Drained>(drained => Finish(drained.Summary, []));
        ReceiveAny(_ => { });
    }

    private void Finish(RunSummary summary, IReadOnlyList<string> damaged)
    {
        var unread = (_scan?.Problems ?? []).Where(problem => !problem.IsLeftOut);
        _asker.Tell(new CollectionProtocol.RunOnceCompleted(summary with { Problems = [.. unread] }) { Damaged = damaged });
        Become(Idle);
    }
}
