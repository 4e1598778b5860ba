using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Service;
using ActorLogArchive.Actors.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary><c>run</c>: collects until the process is asked to stop.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(NodeCommandLine line, LoadedSettings settings)
    {
        using var dataDirectory = NodeDataDirectory.Open(settings.Settings.DataDir);
        var logLevel = new NodeLogLevel(settings.Settings.LogLevel);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        NodeLogging.Configure(builder.Logging, logLevel, settings.Settings.LogFormat);
        builder.Services.AddSingleton(line);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(logLevel);
        builder.Services.AddSingleton<RunningSettings>();
        builder.Services.AddHostedService<MemoryService>();
        builder.Services.AddHostedService<SettingsReloadService>();
        builder.Services.AddSingleton<NodeAnswers>();
        builder.Services.AddSingleton<AgentService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AgentService>());

        // Of a service manager of Windows; without one it does nothing.
        builder.Services.AddWindowsService(service => service.ServiceName = "LogArchiveAgent");
        if (ServiceNotifier.FromEnvironment(Environment.GetEnvironmentVariable, Environment.ProcessId) is { } manager)
        {
            builder.Services.AddSingleton(manager);
            builder.Services.AddHostedService<ServiceReporter>();
        }

        using var host = builder.Build();
        var service = host.Services.GetRequiredService<AgentService>();
        await host.RunAsync();
        return service.ExitCode;
    }
}
