using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Collection.Verifying;
using ActorLogArchive.Actors.Hosting;
using Akka.Actor;
using Akka.Configuration;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>The agent's actors in a system of their own, without cluster; walks happen when a spec asks for them.</summary>
internal sealed class AgentUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ActorSystem _system;
    private readonly IActorRef _status;
    private readonly IActorRef _once;

    private AgentUnderTest(CollectionOptions options, Func<IArchiveTransport> transport, Config persistence)
    {
        _system = ActorSystem.Create("agent", persistence.WithFallback(ConfigurationFactory.ParseString("""
            akka.loglevel = WARNING
            akka.stdout-loglevel = OFF
            akka.log-dead-letters = off
            """)).WithFallback(Wire));
        Ledger = _system.ActorOf(LedgerActor.Props(options), "ledger-supervisor");
        Scanner = _system.ActorOf(ScannerActor.Props(options, Ledger), "scanner");
        Uploader = _system.ActorOf(UploaderActor.Props(Ledger, options.Upload, transport, options.TimeProvider), "uploader");
        _status = _system.ActorOf(AgentStatusActor.Props(options, Ledger, Scanner, Uploader), "status");
        if (options.Periodic)
            _system.ActorOf(ArchiveCheckActor.Props(options, Ledger, transport), "archive-check");
        if (options.Retention.IsOn)
            _system.ActorOf(RetentionActor.Props(options, Ledger, Scanner, transport), "retention");
        _once = _system.ActorOf(RunOnceActor.Props(options, Ledger, Scanner), "once");
    }

    public static Config Wire { get; } = ConfigurationFactory.ParseString("""
        akka.actor.serializers.wire = "ActorLogArchive.Actors.Serialization.WireSerializer, ActorLogArchive.Actors"
        akka.actor.serialization-bindings {
          "ActorLogArchive.Actors.Serialization.IWireMessage, ActorLogArchive.Actors" = wire
        }
        """);

    public static Config InMemory { get; } = ConfigurationFactory.ParseString("""
        akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """);

    public IActorRef Ledger { get; }

    public IActorRef Scanner { get; }

    public IActorRef Uploader { get; }

    public ActorSystem System => _system;

    public static Config Sqlite(string folder) => NodeDataDirectory.Persistence(folder).WithFallback(ConfigurationFactory.ParseString("""
        akka.persistence.journal {
          plugin = "akka.persistence.journal.sql"
          sql { provider-name = "SQLite.MS", parallelism = 1 }
        }
        akka.persistence.snapshot-store {
          plugin = "akka.persistence.snapshot-store.sql"
          sql.provider-name = "SQLite.MS"
        }
        """)).WithFallback(Akka.Persistence.Sql.SqlPersistence.DefaultConfiguration).WithFallback(Wire);

    public static CollectionOptions Options(string root, bool automatic = false) => new()
    {
        AgentId = "agent01",
        Roots = [new WatchedRoot { Path = root }],
        Periodic = automatic,
        Watch = automatic,
        ScanInterval = TimeSpan.FromSeconds(1),
        EventDelay = TimeSpan.FromMilliseconds(50),
        Upload = new UploadOptions
        {
            Backoff = BackoffTable.Uniform(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)),
        },
    };

    public static AgentUnderTest Start(CollectionOptions options, FakeArchive archive, Config? persistence = null) =>
        new(options, archive.NewTransport, persistence ?? InMemory);

    public static AgentUnderTest Start(CollectionOptions options, Func<IArchiveTransport> transport, Config persistence) => new(options, transport, persistence);

    public async Task<RunSummary> RunOnceAsync() =>
        (await _once.Ask<CollectionProtocol.RunOnceCompleted>(CollectionProtocol.RunOnce.Instance, Patience)).Summary;

    public async Task ApplyAsync(CollectionOptions options, Func<IArchiveTransport> transport)
    {
        foreach (var actor in new[] { Ledger, Uploader, Scanner, _status })
            await actor.Ask<CollectionProtocol.SettingsApplied>(new CollectionProtocol.ApplySettings(options, transport), Patience);
    }

    public Task<AgentStatus> StatusAsync() => _status.Ask<AgentStatus>(CollectionProtocol.GetStatus.Instance, Patience);

    public async Task<LedgerFigures> LedgerAsync() =>
        (await Ledger.Ask<CollectionProtocol.LedgerView>(CollectionProtocol.GetLedger.Instance, Patience)).Figures;

    public async Task WriteDownAsync() => await Ledger.Ask<CollectionProtocol.WrittenDown>(CollectionProtocol.WriteDown.Instance, Patience);

    public async ValueTask DisposeAsync() => await _system.Terminate();
}
