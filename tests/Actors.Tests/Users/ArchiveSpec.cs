using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;
using Akka.Persistence.Sql;
using Akka.TestKit.Xunit;

namespace ActorLogArchive.Actors.Tests.Users;

/// <summary>An actor system with the archive's own configuration, on free ports, with a journal in memory unless another is given.</summary>
public abstract class ArchiveSpec(Config? configuration = null) : TestKit(Configuration(configuration ?? InMemory), "log-archive")
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly Config InMemory = ConfigurationFactory.ParseString("""
        akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.local"
        """);

    public static Config Configuration(Config weaker) => ConfigurationFactory.ParseString("""
        akka.loglevel = WARNING
        akka.test.single-expect-default = 30s
        akka.remote.dot-netty.tcp.hostname = "127.0.0.1"
        akka.remote.dot-netty.tcp.port = 0
        """).WithFallback(weaker).WithFallback(NodeConfiguration.BuiltIn("archive"));

    public static Config OnDisk(string directory) => Configuration(NodeDataDirectory.Persistence(directory)).WithFallback(SqlPersistence.DefaultConfiguration);
}
