using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Search;
using ActorLogArchive.Web.Api;
using ActorLogArchive.Web.Audit;
using ActorLogArchive.Web.Events;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Health;
using ActorLogArchive.Web.Metrics;
using ActorLogArchive.Web.Pages;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;

namespace ActorLogArchive.Web.Hosting;

/// <summary>Puts the web part into a host.</summary>
public static class ArchiveWebHosting
{
    /// <summary>
    /// Adds pages, REST routes and sign-in. The host adds <see cref="ICatalogQueries"/> before and, by Akka.Hosting, the actors;
    /// it calls <c>UseStaticWebAssets()</c> on its web host, and <see cref="MapArchiveWeb"/>.
    /// </summary>
    public static IServiceCollection AddArchiveWeb(this IServiceCollection services, Action<ArchiveWebOptions>? configure = null)
    {
        var options = new ArchiveWebOptions();
        configure?.Invoke(options);
        services.AddSingleton(Options.Create(options));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IArchiveGateway, ActorArchiveGateway>();
        services.TryAddSingleton(_ => new LineReader());
        services.TryAddSingleton(_ => new ContentScanner(options.SearchParallelism));
        services.TryAddSingleton<IWebAccounts, ActorWebAccounts>();
        services.AddAuditing();
        services.Guard<IArchiveGateway, ScopedArchiveGateway>();
        services.Guard<ICatalogQueries, ScopedCatalog>();
        services.TryAddScoped<ArchiveContent>();
        services.AddScoped<LiveFeed>();
        services.AddSingleton<EventHub>();
        services.AddSingleton<StopAnnouncement>();
        services.AddHostedService(provider => provider.GetRequiredService<EventHub>());

        services.AddArchiveHealth();
        services.AddArchiveMetrics();
        services.AddArchiveAuthentication();
        services.AddArchiveApi();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "ala-antiforgery";
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddSigningKeys(options.KeysFolder);

        services.AddHttpContextAccessor();
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            mud.SnackbarConfiguration.PreventDuplicates = true;
            mud.SnackbarConfiguration.VisibleStateDuration = 4000;

            // It fades in and out for a second each else, and is too pale to be read meanwhile.
            mud.SnackbarConfiguration.MaximumOpacity = 100;
            mud.SnackbarConfiguration.ShowTransitionDuration = 150;
            mud.SnackbarConfiguration.HideTransitionDuration = 300;
        });
        return services;
    }

    // Requests and circuits get the service as their account may use it; what it stands before is to be had under a key only.
    private static void Guard<TService, TGuard>(this IServiceCollection services)
        where TService : class
        where TGuard : class, TService
    {
        var bare = services.LastOrDefault(service => service.ServiceType == typeof(TService) && !service.IsKeyedService)
            ?? throw new InvalidOperationException($"{typeof(TService).Name} has to be added before {nameof(AddArchiveWeb)}");
        services.RemoveAll<TService>();
        services.Add(bare switch
        {
            { ImplementationInstance: { } instance } => new ServiceDescriptor(typeof(TService), ScopedArchiveGateway.Bare, instance),
            { ImplementationFactory: { } make } => new ServiceDescriptor(typeof(TService), ScopedArchiveGateway.Bare, (provider, _) => make(provider), bare.Lifetime),
            _ => new ServiceDescriptor(typeof(TService), ScopedArchiveGateway.Bare, bare.ImplementationType!, bare.Lifetime),
        });
        services.AddScoped<TService, TGuard>();
    }

    private static void AddSigningKeys(this IServiceCollection services, string? folder)
    {
        var protection = services.AddDataProtection().SetApplicationName("ActorLogArchive");
        if (folder is null)
            return;

        // Who reads the keys can sign in as anybody: the folder is its owner's alone.
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        protection.PersistKeysToFileSystem(new DirectoryInfo(folder));

        // It warns at each start that the keys are not encrypted, which on Linux they cannot be without a certificate.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error));
    }

    /// <summary>Adds the middleware and maps pages, REST routes, health, metrics and the API's description.</summary>
    public static WebApplication MapArchiveWeb(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<ArchiveWebOptions>>().Value;
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandlingPath = "/error", CreateScopeForErrors = true, AllowStatusCode404Response = true });
        app.UseStatusCodePages(ApiProblems.DescribeStatusAsync);
        app.UseAuthentication();
        app.Use((context, next) =>
        {
            context.RequestServices.GetRequiredService<CurrentAccess>().Is(context.User);
            return next(context);
        });
        app.UseMiddleware<AuditedRoutes>();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapStaticAssets(options.StaticAssetsManifest).AllowAnonymous();
        app.MapArchiveHealth();
        app.MapArchiveMetrics();
        app.MapArchiveApi();
        app.MapSignOut();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }

    private static void MapSignOut(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/sign-out", SignOutEndpoint.SignOutAsync).ExcludeFromDescription().RequireAuthorization(ArchivePolicies.Own);
}
