using ActorLogArchive.Web.Gateway;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Health;

/// <summary>One part of the archive as readiness sees it.</summary>
public sealed record HealthPart(string Name, bool Ready, string Detail);

/// <summary>Whether all parts are ready, and each of them.</summary>
public sealed record HealthReport(string Status, IReadOnlyList<HealthPart> Parts);

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it takes files in and can show them. Both without sign-in.</summary>
public static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>Adds the checks of what every archive has.</summary>
    internal static void AddArchiveHealth(this IServiceCollection services)
    {
        services.AddSingleton<IReadinessCheck, FtpCheck>();
        services.AddSingleton<IReadinessCheck, AccountsCheck>();
        services.AddSingleton<IReadinessCheck, CatalogCheck>();
    }

    /// <summary>Adds the checks of a node: journal, cluster, and room on the disk. The host adds <see cref="IDiskSpace"/> and the actors.</summary>
    /// <param name="services">The node's services.</param>
    /// <param name="leastFree">Free bytes below which the node is not ready.</param>
    public static IServiceCollection AddArchiveNodeHealth(this IServiceCollection services, long leastFree)
    {
        services.AddSingleton<IReadinessCheck, JournalCheck>();
        services.AddSingleton<IReadinessCheck>(provider => new ClusterCheck(provider.GetRequiredService<ActorSystem>()));
        services.AddSingleton<IReadinessCheck>(provider => new DiskCheck(provider.GetRequiredService<IDiskSpace>(), leastFree));
        return services;
    }

    /// <summary>Maps both; part of <see cref="Hosting.ArchiveWebHosting.MapArchiveWeb"/>.</summary>
    public static void MapArchiveHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Ok(new HealthReport("live", []))).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/health/ready", ReadyAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(IEnumerable<IReadinessCheck> checks, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(checks.Select(check => LookAsync(check, cancellationToken)));
        var ready = parts.All(part => part.Ready);
        return Results.Json(
            new HealthReport(ready ? "ready" : "not ready", parts),
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<HealthPart> LookAsync(IReadinessCheck check, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        try
        {
            var (ready, detail) = await check.LookAsync(bounded.Token);
            return new HealthPart(check.Name, ready, detail);
        }
        catch (ArchiveUnavailableException unavailable)
        {
            return new HealthPart(check.Name, false, unavailable.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthPart(check.Name, false, "it does not answer");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Without sign-in: what exactly failed is for the log, not for a stranger.
            return new HealthPart(check.Name, false, "cannot be read");
        }
    }
}
