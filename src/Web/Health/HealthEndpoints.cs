using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
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
    /// <summary>Maps both; part of <see cref="Hosting.ArchiveWebHosting.MapArchiveWeb"/>.</summary>
    public static void MapArchiveHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Ok(new HealthReport("live", []))).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/health/ready", ReadyAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(
        IArchiveGateway gateway, [FromKeyedServices(ScopedArchiveGateway.Bare)] ICatalogQueries catalog, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(FtpAsync(gateway, cancellationToken), CatalogAsync(catalog, cancellationToken));
        var ready = parts.All(part => part.Ready);
        return Results.Json(
            new HealthReport(ready ? "ready" : "not ready", parts),
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<HealthPart> FtpAsync(IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        try
        {
            var status = await gateway.GetFtpStatusAsync(cancellationToken);
            return new HealthPart("ftp", status.Listening, status.Listening ? $"listening on {status.EndPoint}" : status.Error ?? "not listening");
        }
        catch (ArchiveUnavailableException unavailable)
        {
            return new HealthPart("ftp", false, unavailable.Message);
        }
    }

    private static async Task<HealthPart> CatalogAsync(ICatalogQueries catalog, CancellationToken cancellationToken)
    {
        try
        {
            var totals = await catalog.GetTotalsAsync(cancellationToken);
            return new HealthPart("catalog", !totals.Rebuilding, totals.Rebuilding ? "being rebuilt from the tree" : "ready");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Without sign-in: what exactly failed is for the log, not for a stranger.
            return new HealthPart("catalog", false, "cannot be read");
        }
    }
}
