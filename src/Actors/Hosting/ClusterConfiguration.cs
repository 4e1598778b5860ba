using System.Net;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>Turns cluster settings into Akka configuration.</summary>
public static class ClusterConfiguration
{
    /// <summary>Name of every node's actor system: part of the addresses, so the same everywhere.</summary>
    public const string SystemName = "log-archive";

    /// <summary>An agent: joins the seeds, or runs without a network when there are none.</summary>
    public static Config ForAgent(AgentClusterSettings settings) => settings.Seeds.Count == 0
        ? ConfigurationFactory.ParseString("akka.actor.provider = local")
        : Remote(settings.Host, settings.Port, settings.Seeds);

    /// <summary>An archive node: its own seed, so that it forms the cluster that agents join.</summary>
    public static Config ForArchive(ArchiveClusterSettings settings) =>
        settings.PublicPort == 0
            ? Remote(settings.Host, settings.Port, settings.Port == 0 ? [] : [$"{settings.Host}:{settings.Port}"])
            : ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.public-port = {settings.PublicPort}")
                .WithFallback(Remote(settings.Host, settings.Port, [$"{settings.Host}:{settings.PublicPort}"]));

    /// <summary>The address of an archive node from a seed such as <c>192.0.2.1:4053</c>.</summary>
    public static string SeedAddress(string hostAndPort) => $"akka.tcp://{SystemName}@{hostAndPort}";

    private static Config Remote(string host, int port, IReadOnlyList<string> seeds) => ConfigurationFactory.ParseString($$"""
        akka.remote.dot-netty.tcp.hostname = "{{host}}"
        akka.remote.dot-netty.tcp.public-hostname = "{{host}}"
        akka.remote.dot-netty.tcp.port = {{port}}
        akka.remote.dot-netty.tcp.enforce-ip-family = {{(IPAddress.TryParse(host, out _) ? "on" : "off")}}
        akka.cluster.seed-nodes = [{{string.Join(", ", seeds.Select(seed => $"\"{SeedAddress(seed)}\""))}}]
        """);
}
