using ActorLogArchive.Actors.Collection.Ledger;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;

namespace ActorLogArchive.Actors.Collection;

/// <summary>Reads the ledger without a running agent, or beside one: it only recovers, and writes no event.</summary>
public static class LedgerReader
{
    /// <summary>Recovers the ledger's state.</summary>
    /// <param name="persistence">Configuration of journal, snapshot store and serializer, as the agent uses it.</param>
    /// <param name="ledgerFile">The file of the <see cref="LedgerStore"/>; null for none.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The ledger cannot be read.</exception>
    public static async Task<LedgerState> ReadAsync(Config persistence, string? ledgerFile, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var local = ConfigurationFactory.ParseString("""
            akka.actor.provider = local
            akka.loglevel = ERROR
            akka.stdout-loglevel = OFF
            akka.log-dead-letters = off
            """);
        var system = ActorSystem.Create("ledger-reader", local.WithFallback(persistence));
        try
        {
            var answer = new TaskCompletionSource<LedgerState>(TaskCreationOptions.RunContinuationsAsynchronously);
            system.ActorOf(Props.Create(() => new RecoveringActor(answer, ledgerFile)));
            return await answer.Task.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new IOException($"the ledger could not be read within {timeout.TotalSeconds:0} s", e);
        }
        finally
        {
            await system.Terminate().ConfigureAwait(false);
        }
    }

    private sealed class RecoveringActor : ReceivePersistentActor
    {
        private readonly TaskCompletionSource<LedgerState> _answer;
        private readonly long _written;
        private LedgerState _state = new();

        public RecoveringActor(TaskCompletionSource<LedgerState> answer, string? ledgerFile)
        {
            _answer = answer;
            if (ledgerFile is not null && LedgerStore.OpenToRead(ledgerFile) is { } store)
            {
                using (store)
                    (_written, _state) = (store.Sequence, store.Load());
            }

            Recover<SnapshotOffer>(offer => offer.Metadata.SequenceNr > _written, offer => _state = LedgerState.FromSnapshot((LedgerSnapshot)offer.Snapshot));
            Recover<ILedgerEvent>(_ => LastSequenceNr > _written, happened => LedgerDecisions.Apply(_state, happened));
            Recover<RecoveryCompleted>(_ => _answer.TrySetResult(_state));
            RecoverAny(_ => { });
        }

        public override string PersistenceId => LedgerActor.LedgerId;

        protected override void OnRecoveryFailure(Exception reason, object? message = null)
        {
            _answer.TrySetException(new IOException($"the ledger cannot be read: {reason.GetBaseException().Message}", reason));
            base.OnRecoveryFailure(reason, message);
        }
    }
}
