using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Audit;

internal static class AuditWebHosting
{
    /// <summary>Puts the recording around the gateway that is registered, so that nobody can get at the bare one.</summary>
    public static void AddAuditing(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<CurrentCaller>();
        services.Configure<HubOptions>(hubs => hubs.AddFilter<CallerOfCircuit>());

        var bare = services.Last(service => service.ServiceType == typeof(IArchiveGateway));
        services.Remove(bare);
        services.AddSingleton<IArchiveGateway>(provider => new AuditedGateway(
            Create(provider, bare), provider.GetRequiredService<IAuditLog>(), provider.GetRequiredService<CurrentCaller>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static IArchiveGateway Create(IServiceProvider provider, ServiceDescriptor bare) => (IArchiveGateway)(
        bare.ImplementationInstance ?? bare.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, bare.ImplementationType!));
}
