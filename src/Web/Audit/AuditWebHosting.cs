using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Audit;

internal static class AuditWebHosting
{
    /// <summary>Puts the recording around the gateway and the web accounts that are registered, so that nobody can get at the bare ones.</summary>
    public static void AddAuditing(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<CurrentCaller>();
        services.Configure<HubOptions>(hubs => hubs.AddFilter<CallerOfCircuit>());

        services.Around<IArchiveGateway>((provider, bare) => new AuditedGateway(
            bare, provider.GetRequiredService<IAuditLog>(), provider.GetRequiredService<CurrentCaller>(), provider.GetRequiredService<TimeProvider>()));
        services.Around<IWebAccounts>((provider, bare) => new AuditedWebAccounts(
            bare, provider.GetRequiredService<IAuditLog>(), provider.GetRequiredService<CurrentCaller>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static void Around<TService>(this IServiceCollection services, Func<IServiceProvider, TService, TService> wrap)
        where TService : class
    {
        var bare = services.Last(service => service.ServiceType == typeof(TService) && !service.IsKeyedService);
        services.Remove(bare);
        services.AddSingleton(provider => wrap(provider, (TService)(
            bare.ImplementationInstance ?? bare.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, bare.ImplementationType!))));
    }
}
