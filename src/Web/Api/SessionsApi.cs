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
        group.MapGet("", ListAsync).WithSummary("Open FTP sessions").Produces<SessionListModel>().ProducesValidationProblem().ProducesProblem(503);
        group.MapDelete("/{id}", CloseAsync).WithSummary("Ends an FTP session").Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(503)
            .RequireAuthorization(ArchivePolicies.Operate);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        IArchiveGateway gateway,
        CancellationToken cancellationToken,
        [Description(ApiCursor.Help)] string? cursor = null,
        [Description("Sessions to return, 1 to 1000")] string? take = null)
    {
        var arguments = new ApiArguments();
        var (after, most) = (arguments.Text(cursor), (int)arguments.Integer("take", take, 500, 1, 1000));
        if (arguments.Problem is { } problem)
            return problem;

        // As text in the order of the numbers.
        var (page, next) = ApiCursor.Page(
            await gateway.GetSessionsAsync(cancellationToken), session => session.Id.ToString("D19", CultureInfo.InvariantCulture), after, most);
        ApiCursor.LinkNext(context, next);
        return Results.Ok(new SessionListModel([.. page.Select(SessionModel.From)]) { Next = next });
    }

    private static async Task<IResult> CloseAsync([Description("Number of the session")] string id, IArchiveGateway gateway, CancellationToken cancellationToken) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await gateway.CloseSessionAsync(number, cancellationToken)
            ? Results.NoContent()
            : ApiProblems.NotFound($"There is no session '{id}'; GET /api/v1/sessions lists them.");
}
