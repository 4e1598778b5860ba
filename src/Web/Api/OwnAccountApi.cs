using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class OwnAccountApi
{
    /// <summary>What authenticator apps show beside the account.</summary>
    public const string Issuer = "ActorLogArchive";

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", GetAsync).WithSummary("One's own web account").Produces<WebUserModel>();
        group.MapPost("/password", ChangePasswordAsync).WithSummary("Changes one's own password; every other sign-in with the old one ends")
            .Produces(StatusCodes.Status204NoContent).ProducesValidationProblem().ProducesProblem(403).ProducesProblem(429);
        group.MapPost("/totp/secret", NewSecretAsync).WithSummary("Makes up a secret for an authenticator app; nothing is switched on yet").Produces<TotpSecretModel>();
        group.MapPost("/totp", EnableAsync).WithSummary("Switches the second factor on; the answer has the recovery codes, never shown again")
            .Produces<RecoveryCodesModel>().ProducesValidationProblem().ProducesProblem(409);
        group.MapPost("/totp/off", DisableAsync).WithSummary("Switches the second factor off, with a code of it").Produces(StatusCodes.Status204NoContent).ProducesProblem(400);
    }

    private static async Task<IResult> GetAsync(WebAccountDesk desk, CancellationToken cancellationToken) => Results.Ok(WebUserModel.From(await desk.MineAsync(cancellationToken)));

    private static async Task<IResult> ChangePasswordAsync(HttpContext context, OwnPasswordModel body, WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        var (now, next) = (arguments.Required("current", body.Current), arguments.Required("new", body.New));
        if (arguments.Problem is { } problem)
            return problem;

        var (outcome, wait) = await desk.ChangeMyPasswordAsync(now, next, Address(context), cancellationToken);
        if (outcome is not null)
            return WebUsersApi.Refusal(outcome) ?? Results.NoContent();

        if (wait > TimeSpan.Zero)
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
        return Results.Problem(
            "The current password is wrong.", statusCode: wait > TimeSpan.Zero ? StatusCodes.Status429TooManyRequests : StatusCodes.Status403Forbidden, title: "The password is not changed.");
    }

    private static async Task<IResult> NewSecretAsync(WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var account = await desk.MineAsync(cancellationToken);
        var secret = Totp.NewSecret();
        return Results.Ok(new TotpSecretModel(secret, Totp.Uri(secret, account.Name, Issuer)));
    }

    private static async Task<IResult> EnableAsync(TotpCodeModel body, WebAccountDesk desk, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        var (secret, code) = (arguments.Required("secret", body.Secret), arguments.Required("code", body.Code));
        if (arguments.Problem is { } problem)
            return problem;

        var (outcome, codes) = await desk.EnableTotpAsync(secret, code, cancellationToken);
        return WebUsersApi.Refusal(outcome) ?? Results.Ok(new RecoveryCodesModel(codes));
    }

    private static async Task<IResult> DisableAsync(HttpContext context, TotpCodeModel body, WebAccountDesk desk, CancellationToken cancellationToken) =>
        WebUsersApi.Refusal(await desk.DisableTotpAsync(body.Code ?? "", Address(context), cancellationToken)) ?? Results.NoContent();

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local";
}
