using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary><c>run</c>: collects until the process is asked to stop.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(AgentSettings settings, Config config, CollectionOptions options, Func<IArchiveTransport> transports)
    {
        using var dataDirectory = NodeDataDirectory.Open(settings.DataDir);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        NodeLogging.Configure(builder.Logging, settings.LogLevel);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(config);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(transports);
        builder.Services.AddSingleton<AgentService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AgentService>());
        using var host = builder.Build();
        var service = host.Services.GetRequiredService<AgentService>();
        await host.RunAsync();
        return service.ExitCode;
    }
}
