using System.ComponentModel;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class UsersApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("All FTP accounts").Produces<UserListModel>().Produces(304).ProducesValidationProblem().ProducesProblem(503);
        group.MapGet("/{name}", GetAsync).WithSummary("One FTP account").Produces<UserModel>().Produces(304).ProducesProblem(404).ProducesProblem(503);
        group.MapPost("", AddAsync).WithSummary("Adds an FTP account").Produces<UserModel>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(409).ProducesProblem(503);
        group.MapPost("/import", ImportAsync).WithSummary("Adds the accounts of a users file or of the older system's userRecord.json; says what was added, and what was refused and why")
            .Accepts<Dictionary<string, object>>("application/json").Produces<UsersImportResult>().ProducesProblem(400).ProducesProblem(503);
        group.MapPatch("/{name}", ChangeAsync).WithSummary("Changes what is given of an FTP account; acts on open sessions")
            .WithDescription("With If-Match, only if the account is still the one whose ETag is given.").Produces<UserModel>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(412).ProducesProblem(503);
        group.MapDelete("/{name}", RemoveAsync).WithSummary("Removes an FTP account and ends its sessions")
            .WithDescription("With If-Match, only if the account is still the one whose ETag is given.").Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(412).ProducesProblem(503);
    }

    private static async Task<IResult> ImportAsync(
        HttpRequest request,
        IArchiveGateway gateway,
        CancellationToken cancellationToken,
        [Description("Only says what would be done")] string? dryRun = null)
    {
        var arguments = new ApiArguments();
        var isTrial = arguments.Flag("dryRun", dryRun, false);
        if (arguments.Problem is { } problem)
            return problem;

        try
        {
            var json = await UsersImport.ReadAsync(request.Body, cancellationToken);
            return Results.Ok(await UsersImport.RunAsync(gateway, json, "body", isTrial, cancellationToken));
        }
        catch (UsersFileException unreadable)
        {
            return Results.Problem(unreadable.Message, statusCode: StatusCodes.Status400BadRequest, title: "The accounts cannot be read.");
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        IArchiveGateway gateway,
        CancellationToken cancellationToken,
        [Description(ApiCursor.Help)] string? cursor = null,
        [Description("Accounts to return, 1 to 1000")] string? take = null)
    {
        var arguments = new ApiArguments();
        var (after, most) = (arguments.Text(cursor), (int)arguments.Integer("take", take, 500, 1, 1000));
        if (arguments.Problem is { } problem)
            return problem;

        var (page, next) = ApiCursor.Page(await gateway.GetUsersAsync(cancellationToken), user => user.Name, after, most);
        ApiCursor.LinkNext(context, next);
        return ApiETag.Ok(context, new UserListModel([.. page.Select(UserModel.From)]) { Next = next });
    }

    private static async Task<IResult> GetAsync(HttpContext context, [Description("Name of the account")] string name, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        var user = (await gateway.GetUsersAsync(cancellationToken)).FirstOrDefault(user => user.Name == name);
        return user is null ? NoSuchUser(name) : ApiETag.Ok(context, UserModel.From(user));
    }

    // Between the look and the change another change may come: the window is that of one question to the registry.
    private static async Task<IResult?> ChangedMeanwhileAsync(HttpContext context, string name, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        if (!ApiETag.HasCondition(context))
            return null;

        var user = (await gateway.GetUsersAsync(cancellationToken)).FirstOrDefault(user => user.Name == name);
        return user is null ? NoSuchUser(name) : ApiETag.Mismatch(context, UserModel.From(user));
    }

    private static IResult NoSuchUser(string name) => ApiProblems.NotFound($"There is no account '{name}'; GET /api/v1/users lists them.");

    private static async Task<IResult> AddAsync(NewUserModel body, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        var command = new UsersProtocol.AddUser(
            arguments.Required("name", body.Name), arguments.Required("password", body.Password), body.Home, arguments.Required("permissions", body.Permissions), body.UploadLimit, body.DownloadLimit)
        {
            QuotaBytes = body.QuotaBytes,
            QuotaFiles = body.QuotaFiles,
            IsDisabled = body.Disabled,
            ExpiresAt = body.ExpiresAt,
            AllowedAddresses = body.AllowedAddresses ?? [],
        };
        return arguments.Problem ?? Answer(
            await gateway.AddUserAsync(command, cancellationToken), user => Results.Created($"/api/v1/users/{Uri.EscapeDataString(user.Name)}", UserModel.From(user)));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, [Description("Name of the account")] string name, UserChangeModel body, IArchiveGateway gateway, CancellationToken cancellationToken) =>
        await ChangedMeanwhileAsync(context, name, gateway, cancellationToken) ?? Answer(
            await gateway.ChangeUserAsync(
                new UsersProtocol.ChangeUser(name, body.Password, body.Home, body.Permissions, body.UploadLimit, body.DownloadLimit)
                {
                    QuotaBytes = body.QuotaBytes,
                    QuotaFiles = body.QuotaFiles,
                    IsDisabled = body.Disabled,
                    ExpiresAt = body.ExpiresAt,
                    AllowedAddresses = body.AllowedAddresses,
                },
                cancellationToken),
            user => Results.Ok(UserModel.From(user)));

    private static async Task<IResult> RemoveAsync(
        HttpContext context, [Description("Name of the account")] string name, IArchiveGateway gateway, CancellationToken cancellationToken) =>
        await ChangedMeanwhileAsync(context, name, gateway, cancellationToken) ?? Answer(await gateway.RemoveUserAsync(name, cancellationToken), user => Results.Ok(UserModel.From(user)));

    private static IResult Answer(UserOutcome outcome, Func<UsersProtocol.UserAccount, IResult> saved) => outcome switch
    {
        { Rejection: { Cause: UsersProtocol.RejectionCause.NotFound } rejected } => ApiProblems.NotFound(rejected.Reason),
        { Rejection: { Cause: UsersProtocol.RejectionCause.Exists or UsersProtocol.RejectionCause.Conflict } rejected } => ApiProblems.Conflict(rejected.Reason),
        { Rejection: { Cause: UsersProtocol.RejectionCause.Busy } rejected } =>
            Results.Problem(rejected.Reason, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Too much at once."),
        { Rejection: { } rejected } => Results.Problem(rejected.Reason, statusCode: StatusCodes.Status400BadRequest, title: "A value is not acceptable."),
        { User: { } user } => saved(user),
        _ => Results.NoContent(),
    };
}
