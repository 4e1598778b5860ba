using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Security;

/// <summary>Who may come in: a browser by cookie, a script by API token or HTTP Basic, all with a web account.</summary>
public static class ArchiveAuthentication
{
    /// <summary>Picks <see cref="BearerAuthenticationHandler.SchemeName"/>, <see cref="BasicAuthenticationHandler.SchemeName"/> or the cookie by what a request carries.</summary>
    public const string Scheme = "Archive";

    private const string SessionCookie = "ala-session";

    internal static void AddArchiveAuthentication(this IServiceCollection services)
    {
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<WebSignIn>();
        services.AddSingleton<WebAccountDirectory>();
        services.AddHostedService(provider => provider.GetRequiredService<WebAccountDirectory>());
        services.AddSingleton<SecondFactorTicket>();
        services.AddScoped<CurrentAccess>();
        services.AddScoped<WebAccountDesk>();
        services.AddScoped<AuthenticationStateProvider, CircuitAuthentication>();
        services.AddAuthentication(Scheme)
            .AddPolicyScheme(Scheme, null, options => options.ForwardDefaultSelector = SelectScheme)
            .AddScheme<AuthenticationSchemeOptions, BasicAuthenticationHandler>(BasicAuthenticationHandler.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthenticationHandler>(BearerAuthenticationHandler.SchemeName, null)
            .AddCookie(options =>
            {
                options.Cookie.Name = SessionCookie;
                options.Cookie.HttpOnly = true;
                // Lax, not Strict: a link to a line that a colleague sent must open without a second sign-in.
                options.Cookie.SameSite = SameSiteMode.Lax;
                options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                options.LoginPath = "/sign-in";
                options.ReturnUrlParameter = "returnUrl";
                options.ExpireTimeSpan = TimeSpan.FromHours(12);
                options.SlidingExpiration = true;
                options.Events.OnValidatePrincipal = ValidateAsync;
                options.Events.OnRedirectToLogin = RedirectPagesOnly;
                options.Events.OnRedirectToAccessDenied = RedirectPagesOnly;
            });
        services.AddArchivePolicies();
        services.AddCascadingAuthenticationState();
    }

    /// <summary>Whether the request is signed in by cookie, so that another site could have made the browser send it.</summary>
    internal static bool IsByCookie(this HttpContext context) =>
        context.User.Identity?.AuthenticationType == CookieAuthenticationDefaults.AuthenticationScheme;

    private static string SelectScheme(HttpContext context)
    {
        if (context.Request.Headers.Authorization is [{ } authorization, ..])
        {
            return authorization.StartsWith(BearerAuthenticationHandler.SchemeName + " ", StringComparison.OrdinalIgnoreCase)
                ? BearerAuthenticationHandler.SchemeName
                : BasicAuthenticationHandler.SchemeName;
        }

        // A program without credentials gets 401 and is told how, not a redirect to a page.
        var hasCookie = context.Request.Cookies.ContainsKey(SessionCookie);
        return IsForPrograms(context.Request.Path) && !hasCookie ? BasicAuthenticationHandler.SchemeName : CookieAuthenticationDefaults.AuthenticationScheme;
    }

    // At each request: a cookie says who was signed in and under which stamp, the account says what that is worth now.
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var directory = context.HttpContext.RequestServices.GetRequiredService<WebAccountDirectory>();
        var user = context.Principal!;
        try
        {
            if (await directory.FindAsync(user, context.HttpContext.RequestAborted) is { } access)
            {
                context.ReplacePrincipal(WebPrincipal.Of(access, user));
                return;
            }
        }
        catch (ArchiveUnavailableException) when (!IsForPrograms(context.HttpContext.Request.Path))
        {
            // Nobody can be judged now. The cookie stays: the sign-in page, where this leads to, goes on by itself once the archive answers.
            context.RejectPrincipal();
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    // A cookie that ran out: a page goes to the sign-in, a program is told what is missing.
    private static Task RedirectPagesOnly(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (IsForPrograms(context.Request.Path))
            return context.HttpContext.ChallengeAsync(BasicAuthenticationHandler.SchemeName);

        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    internal static bool IsForPrograms(PathString path) =>
        path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/metrics") || path.StartsWithSegments("/health");
}
