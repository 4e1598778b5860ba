using System.ComponentModel;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class WebUsersApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("All web accounts").Produces<WebUserListModel>();
        group.MapGet("/{name}", GetAsync).WithSummary("One web account").Produces<WebUserModel>().ProducesProblem(404);
        group.MapPost("", AddAsync).WithSummary("Adds a web account").Produces<WebUserModel>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(409);
        group.MapPatch("/{name}", ChangeAsync).WithSummary("Changes role, agents or state of a web account; acts on who is signed in")
            .Produces<WebUserModel>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        group.MapPost("/{name}/password", ResetAsync).WithSummary("Sets a one-time password, given or made up")
            .Produces<OneTimePasswordModel>().ProducesProblem(400).ProducesProblem(404);
        group.MapDelete("/{name}/totp", ResetTotpAsync).WithSummary("Takes the second factor away, for somebody who lost theirs").Produces<WebUserModel>().ProducesProblem(404);
        group.MapDelete("/{name}", RemoveAsync).WithSummary("Removes a web account with its tokens")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(409);
    }

    /// <summary>A refusal as the API tells it; null when there is none.</summary>
    public static IResult? Refusal(WebOutcome outcome) => outcome.Rejection switch
    {
        null => null,
        { Cause: UsersProtocol.RejectionCause.NotFound } rejected => ApiProblems.NotFound(rejected.Reason),
        { Cause: UsersProtocol.RejectionCause.Exists or UsersProtocol.RejectionCause.Conflict } rejected => ApiProblems.Conflict(rejected.Reason),
        { Cause: UsersProtocol.RejectionCause.Busy } rejected =>
            Results.Problem(rejected.Reason, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Too much at once."),
        { } rejected => Results.Problem(rejected.Reason, statusCode: StatusCodes.Status400BadRequest, title: "A value is not acceptable."),
    };

    private static async Task<IResult> ListAsync(WebAccountDesk desk, CancellationToken cancellationToken) =>
        Results.Ok(new WebUserListModel([.. (await desk.ListAsync(cancellationToken)).Accounts.Select(WebUserModel.From)]));

    private static async Task<IResult> GetAsync([Description("Name of the account")] string name, WebAccountDesk desk, CancellationToken cancellationToken) =>
        (await desk.ListAsync(cancellationToken)).Accounts.FirstOrDefault(account => account.Name == name) is { } account
            ? Results.Ok(WebUserModel.From(account))
            : ApiProblems.NotFound($"There is no web account '{name}'; GET /api/v1/web-users lists them.");

    private static async Task<IResult> AddAsync(NewWebUserModel body, WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        var command = new WebUsersProtocol.AddWebUser(
            arguments.Required("name", body.Name), arguments.Required("password", body.Password), arguments.Required("role", body.Role), body.Agents ?? [], body.MustChangePassword);
        if (arguments.Problem is { } problem)
            return problem;

        var outcome = await desk.AddAsync(command, cancellationToken);
        return Refusal(outcome) ?? Results.Created($"/api/v1/web-users/{Uri.EscapeDataString(command.Name)}", WebUserModel.From(outcome.Account!));
    }

    private static async Task<IResult> ChangeAsync([Description("Name of the account")] string name, WebUserChangeModel body, WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var outcome = await desk.ChangeAsync(new WebUsersProtocol.ChangeWebUser(name, body.Role, body.Agents, body.Disabled), cancellationToken);
        return Refusal(outcome) ?? Results.Ok(WebUserModel.From(outcome.Account!));
    }

    private static async Task<IResult> ResetAsync([Description("Name of the account")] string name, PasswordResetModel body, WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var password = string.IsNullOrEmpty(body.Password) ? PasswordGenerator.Create() : body.Password;
        return Refusal(await desk.ResetPasswordAsync(name, password, cancellationToken)) ?? Results.Ok(new OneTimePasswordModel(name, password));
    }

    private static async Task<IResult> ResetTotpAsync([Description("Name of the account")] string name, WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var outcome = await desk.ResetTotpAsync(name, cancellationToken);
        return Refusal(outcome) ?? Results.Ok(WebUserModel.From(outcome.Account!));
    }

    private static async Task<IResult> RemoveAsync([Description("Name of the account")] string name, WebAccountDesk desk, CancellationToken cancellationToken) =>
        Refusal(await desk.RemoveAsync(name, cancellationToken)) ?? Results.NoContent();
}
