using System.ComponentModel;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class TokensApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("One's own API tokens; for an admin with all=true everybody's").Produces<TokenListModel>().ProducesValidationProblem();
        group.MapPost("", MakeAsync).WithSummary("Makes an API token; its text is in this answer and never shown again")
            .Produces<MadeTokenModel>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(409);
        group.MapDelete("/{id}", RevokeAsync).WithSummary("Revokes an API token").Produces(StatusCodes.Status204NoContent).ProducesProblem(404);
    }

    private static async Task<IResult> ListAsync(WebAccountDesk desk, CancellationToken cancellationToken, [Description("Those of all accounts")] string? all = null)
    {
        var arguments = new ApiArguments();
        var ofAll = arguments.Flag("all", all, false);
        return arguments.Problem ?? Results.Ok(new TokenListModel([.. (await desk.TokensAsync(ofAll, cancellationToken)).Select(TokenModel.From)]));
    }

    private static async Task<IResult> MakeAsync(NewTokenModel body, WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        var (name, role) = (arguments.Required("name", body.Name), arguments.Required("role", body.Role));
        if (arguments.Problem is { } problem)
            return problem;

        var (outcome, text) = await desk.MakeTokenAsync(name, role, body.Agents ?? [], body.ExpiresAt, cancellationToken);
        return WebUsersApi.Refusal(outcome) ?? Results.Created($"/api/v1/tokens/{outcome.Token!.Id}", new MadeTokenModel(TokenModel.From(outcome.Token), text!));
    }

    private static async Task<IResult> RevokeAsync([Description("Id of the token")] string id, WebAccountDesk desk, CancellationToken cancellationToken) =>
        WebUsersApi.Refusal(await desk.RevokeTokenAsync(id, cancellationToken)) ?? Results.NoContent();
}
