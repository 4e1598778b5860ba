using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Actors.Serialization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.SBR;
using Akka.Configuration;

namespace ActorLogArchive.Actors.Tests.Hosting;

/// <summary>Holds what is really in force, after all layers: the last one prepended wins, silently.</summary>
public sealed class EffectiveConfigurationTests
{
    [Theory]
    [InlineData("agent")]
    [InlineData("archive")]
    public async Task The_archive_cannot_be_downed_by_vanishing_agents(string node)
    {
        using var system = Start(node);
        var settings = new SplitBrainResolverSettings(system.Settings.Config);

        Assert.Equal("keep-majority", settings.DowningStrategy);
        Assert.Equal(FleetProtocol.ArchiveRole, settings.KeepMajorityRole);
        Assert.Equal(TimeSpan.Zero, settings.DownAllWhenUnstable);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.DowningStableAfter);
        Assert.IsType<SplitBrainResolverProvider>(Cluster.Get(system).DowningProvider);
        await system.Terminate();
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("archive")]
    public async Task Roles_heartbeats_and_frame_size_are_as_designed(string node)
    {
        using var system = Start(node);
        var cluster = Cluster.Get(system);

        Assert.Equal([node], cluster.Settings.Roles);
        Assert.Equal(TimeSpan.FromSeconds(10), cluster.Settings.FailureDetectorConfig.GetTimeSpan("acceptable-heartbeat-pause"));
        Assert.Null(cluster.Settings.ShutdownAfterUnsuccessfulJoinSeedNodes);
        Assert.Equal(128_000, system.Settings.Config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size"));
        Assert.Equal(TimeSpan.FromSeconds(10), system.Settings.AskTimeout);
        await system.Terminate();
    }

    [Fact]
    public async Task Only_types_with_a_manifest_can_be_serialized()
    {
        using var system = Start("archive");

        Assert.IsType<WireSerializer>(system.Serialization.FindSerializerFor(new FleetProtocol.ReportAnswer(1, true)));
        Assert.ThrowsAny<Exception>(() => system.Serialization.FindSerializerFor(FleetProtocol.GetFleet.Instance));
        await system.Terminate();
    }

    private static ActorSystem Start(string node) => ActorSystem.Create(
        ClusterConfiguration.SystemName,
        ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp { hostname = \"127.0.0.1\", port = 0 }").WithFallback(NodeConfiguration.BuiltIn(node)));
}
