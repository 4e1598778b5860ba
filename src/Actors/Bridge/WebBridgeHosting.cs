using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Bridge;

/// <summary>Hosting of <see cref="WebBridgeActor"/>.</summary>
public static class WebBridgeHosting
{
    /// <summary>Starts the actor and registers it under its type.</summary>
    public static AkkaConfigurationBuilder WithWebBridge(this AkkaConfigurationBuilder builder, WebBridgeOptions options) =>
        builder.WithActors((system, registry) =>
            registry.Register<WebBridgeActor>(system.ActorOf(Props.Create(() => new WebBridgeActor(options)), "web-bridge")));
}
