using System.Net;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Health;

/// <summary><c>/metrics</c> in Prometheus' text format: for a signed-in account, or from this machine without sign-in.</summary>
internal static class MetricsEndpoint
{
    public static void MapArchiveMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", GetAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> GetAsync(
        HttpContext context,
        [FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway gateway,
        [FromKeyedServices(ScopedArchiveGateway.Bare)] ICatalogQueries catalog,
        CancellationToken cancellationToken)
    {
        if (context.User.Identity?.IsAuthenticated != true && !IsFromThisMachine(context))
            return Results.Challenge();

        // The figures name all agents.
        if (context.User.Identity?.IsAuthenticated == true && (context.User.IsScoped() || context.User.MustChangePassword()))
            return Results.Problem("The metrics are of all agents; an account or a token that is confined to some may not see them.", statusCode: StatusCodes.Status403Forbidden, title: "Not allowed.");

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
