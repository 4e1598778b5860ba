using System.Security.Claims;
using ActorLogArchive.Web.Pages;
using ActorLogArchive.Web.Views;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActorLogArchive.Web.Security;

/// <summary>What a request gets that is signed in and still not allowed: a program a 403 that says why, a person a page, or the one where the first password is chosen.</summary>
internal sealed class RefusedRequest : IAuthorizationMiddlewareResultHandler
{
    public const string PasswordPage = "/account/password";

    private readonly AuthorizationMiddlewareResultHandler _otherwise = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult result)
    {
        if (!result.Forbidden)
            return _otherwise.HandleAsync(next, context, policy, result);

        var mustChange = context.User.MustChangePassword();
        if (ArchiveAuthentication.IsForPrograms(context.Request.Path))
        {
            return mustChange
                ? Problem(context, "Choose a password first.", $"The password of '{context.User.Identity?.Name}' is a one-time one. Sign in on the web page and choose another, or POST it to /api/v1/account/password.")
                : Problem(context, "Not allowed.", WhyNot(context.User));
        }

        if (mustChange)
        {
            context.Response.Redirect(HttpMethods.IsGet(context.Request.Method)
                ? Links.Query(PasswordPage, ("returnUrl", context.Request.Path + context.Request.QueryString))
                : PasswordPage);
            return Task.CompletedTask;
        }

        return new RazorComponentResult<NoticeDocument>(new { Title = "Not allowed", Reason = WhyNot(context.User) }) { StatusCode = StatusCodes.Status403Forbidden }.ExecuteAsync(context);
    }

    private static string WhyNot(ClaimsPrincipal user) => WebPrincipal.TokenOf(user) is null
        ? $"The role of '{user.Identity?.Name}', {user.FindFirst(ClaimTypes.Role)?.Value}, does not allow this. An admin can change it under Accounts."
        : $"This token of '{user.Identity?.Name}' has the role {user.FindFirst(ClaimTypes.Role)?.Value}; its role or its being a token does not allow this.";

    private static Task Problem(HttpContext context, string title, string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status403Forbidden, title: title).ExecuteAsync(context);
}
