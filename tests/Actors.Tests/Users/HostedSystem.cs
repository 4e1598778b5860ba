using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.Actors.Tests.Users;

/// <summary>An actor system put together by the same hosting extensions as the node's, started and stopped in good order.</summary>
public sealed class HostedSystem : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private HostedSystem(ServiceProvider services) => _services = services;

    public ActorSystem System => _services.GetRequiredService<ActorSystem>();

    public static async Task<HostedSystem> StartAsync(string dataDirectory, Action<AkkaConfigurationBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IHostApplicationLifetime, NoLifetime>();
        services.AddAkka("log-archive", akka => configure(akka.AddHocon(ArchiveSpec.OnDisk(dataDirectory), HoconAddMode.Prepend)));
        var hosted = new HostedSystem(services.BuildServiceProvider());
        foreach (var service in hosted._services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        return hosted;
    }

    public IActorRef Get<TActor>() => _services.GetRequiredService<IRequiredActor<TActor>>().ActorRef;

    public async ValueTask DisposeAsync()
    {
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await _services.DisposeAsync();
    }

    private sealed class NoLifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
