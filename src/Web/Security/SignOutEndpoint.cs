using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Audit;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace ActorLogArchive.Web.Security;

internal static class SignOutEndpoint
{
    public static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, IAuditLog audit, TimeProvider time)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Results.Redirect("/");

        if (context.User.Identity?.IsAuthenticated == true)
            await audit.RecordAsync(Caller.Of(context).Entry(time.GetUtcNow(), AuditActions.SignOut, "", AuditOutcome.Done));
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.Redirect("/sign-in");
    }
}
