using System.Security.Claims;
using ActorLogArchive.Actors.Users.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Security;

/// <summary>The policies of routes and pages. A route without one has <see cref="View"/>.</summary>
public static class ArchivePolicies
{
    /// <summary>To look, read, search and download: every role.</summary>
    public const string View = "View";

    /// <summary>To have agents do things, end sessions, lift bans: operators and admins.</summary>
    public const string Operate = "Operate";

    /// <summary>To manage accounts: admins.</summary>
    public const string Administer = "Administer";

    /// <summary>One's own account: a person of any role, also one who must choose a password first; no token.</summary>
    public const string Own = "Own";

    internal static void AddArchivePolicies(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            .AddPolicy(View, Role(WebRole.Viewer))
            .AddPolicy(Operate, Role(WebRole.Operator))
            .AddPolicy(Administer, Role(WebRole.Admin))
            .AddPolicy(Own, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => WebPrincipal.TokenOf(context.User) is null))
            .SetDefaultPolicy(Build(Role(WebRole.Viewer)))
            .SetFallbackPolicy(Build(Role(WebRole.Viewer)));
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusedRequest>();
    }

    private static Action<AuthorizationPolicyBuilder> Role(WebRole least) => policy =>
        policy.RequireAuthenticatedUser().RequireAssertion(context => May(context.User, least));

    private static bool May(ClaimsPrincipal user, WebRole least) => user.Has(least) && !user.MustChangePassword();

    private static AuthorizationPolicy Build(Action<AuthorizationPolicyBuilder> configure)
    {
        var builder = new AuthorizationPolicyBuilder();
        configure(builder);
        return builder.Build();
    }
}
