using System.ComponentModel;
using System.Net;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class BansApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("Addresses that may not sign in over FTP now").Produces<BanListModel>().ProducesProblem(503);
        group.MapDelete("/{address}", LiftAsync).WithSummary("Ends the ban of an address").Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(503)
            .RequireAuthorization(ArchivePolicies.Operate);
    }

    private static async Task<IResult> ListAsync(IArchiveGateway gateway, CancellationToken cancellationToken) =>
        Results.Ok(new BanListModel([.. (await gateway.GetBansAsync(cancellationToken)).Select(BanModel.From)]));

    private static async Task<IResult> LiftAsync(
        [Description("An IPv4 address, or any one of a banned IPv6 /64")] string address, IArchiveGateway gateway, CancellationToken cancellationToken) =>
        IPAddress.TryParse(address, out var banned) && await gateway.LiftBanAsync(banned, cancellationToken)
            ? Results.NoContent()
            : ApiProblems.NotFound($"There is no ban of '{address}'; GET /api/v1/bans lists them.");
}
