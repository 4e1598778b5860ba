using System.ComponentModel;
using System.Globalization;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class SessionsApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("Open FTP sessions").Produces<SessionListModel>();
        group.MapDelete("/{id}", CloseAsync).WithSummary("Ends an FTP session").Produces(StatusCodes.Status204NoContent).ProducesProblem(404)
            .RequireAuthorization(ArchivePolicies.Operate);
    }

    private static async Task<IResult> ListAsync(IArchiveGateway gateway, CancellationToken cancellationToken) =>
        Results.Ok(new SessionListModel([.. (await gateway.GetSessionsAsync(cancellationToken)).Select(SessionModel.From)]));

    private static async Task<IResult> CloseAsync([Description("Number of the session")] string id, IArchiveGateway gateway, CancellationToken cancellationToken) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await gateway.CloseSessionAsync(number, cancellationToken)
            ? Results.NoContent()
            : ApiProblems.NotFound($"There is no session '{id}'; GET /api/v1/sessions lists them.");
}
