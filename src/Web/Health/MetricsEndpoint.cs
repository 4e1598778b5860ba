using System.Net;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Health;

/// <summary><c>/metrics</c> in Prometheus' text format: for a signed-in account, or from this machine without sign-in.</summary>
internal static class MetricsEndpoint
{
    public static void MapArchiveMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", GetAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> GetAsync(HttpContext context, IArchiveGateway gateway, ICatalogQueries catalog, CancellationToken cancellationToken)
    {
        if (context.User.Identity?.IsAuthenticated != true && !IsFromThisMachine(context))
            return Results.Challenge();

        var agents = await gateway.GetAgentsAsync(cancellationToken);
        var sessions = await gateway.GetSessionsAsync(cancellationToken);
        var ftp = await gateway.GetFtpStatusAsync(cancellationToken);
        var totals = await catalog.GetTotalsAsync(cancellationToken);
        return Results.Text(PrometheusText.Write(agents, totals, sessions, ftp), "text/plain; version=0.0.4; charset=utf-8");
    }

    // A request that a proxy on this machine passes on is not from this machine.
    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
}
