using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Api;

/// <summary>The routes under <c>/api/v1</c> and their description under <c>/openapi/v1.json</c>.</summary>
internal static class ArchiveApi
{
    public const string AntiforgeryHeader = "X-Antiforgery-Token";

    public static void AddArchiveApi(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ApiProblems>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<AntiforgeryOptions>(options => options.HeaderName = AntiforgeryHeader);
        services.AddOpenApi("v1", options => options.AddDocumentTransformer<ApiDescription>());
    }

    public static void MapArchiveApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").RequireAuthorization().AddEndpointFilter(RequireTokenOfBrowsersAsync);
        api.MapGet("/session", GetSession).WithTags("Session").WithSummary("Who is signed in, and the token for changes by cookie")
            .Produces<SignedInModel>();
        AgentsApi.Map(api.MapGroup("/agents").WithTags("Agents"));
        FleetApi.Map(api.MapGroup("/fleet").WithTags("Agents"));
        FilesApi.Map(api.MapGroup("/files").WithTags("Files"));
        CatalogApi.Map(api.MapGroup("/catalog").WithTags("Catalog"));
        SearchApi.Map(api.MapGroup("/search").WithTags("Search"));
        UsersApi.Map(api.MapGroup("/users").WithTags("Users").RequireAuthorization(ArchivePolicies.Administer));
        WebUsersApi.Map(api.MapGroup("/web-users").WithTags("Web users").RequireAuthorization(ArchivePolicies.Administer));
        TokensApi.Map(api.MapGroup("/tokens").WithTags("Tokens").RequireAuthorization(ArchivePolicies.Own));
        SessionsApi.Map(api.MapGroup("/sessions").WithTags("Sessions"));
        BansApi.Map(api.MapGroup("/bans").WithTags("Bans"));
        AuditApi.Map(api.MapGroup("/audit").WithTags("Audit").RequireAuthorization(ArchivePolicies.Administer));
        EventsApi.Map(api.MapGroup("/events").WithTags("Events"));

        // Not below the group above: who must choose a password first has to get here.
        OwnAccountApi.Map(routes.MapGroup("/api/v1/account").WithTags("Own account").RequireAuthorization(ArchivePolicies.Own).AddEndpointFilter(RequireTokenOfBrowsersAsync));
        routes.MapOpenApi().RequireAuthorization();
    }

    private static IResult GetSession(HttpContext context, IAntiforgery antiforgery)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        var role = context.User.Claims.FirstOrDefault(claim => claim.Type == System.Security.Claims.ClaimTypes.Role)?.Value ?? "";
        return Results.Ok(new SignedInModel(context.User.Identity?.Name ?? "", role, tokens.RequestToken ?? ""));
    }

    // Another site can make a browser send the cookie, but can neither read the token nor set the header. Basic credentials and tokens are never sent by themselves.
    private static async ValueTask<object?> RequireTokenOfBrowsersAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var changes = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        if (changes && context.IsByCookie() && !await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context))
        {
            return Results.Problem(
                $"A request signed in by cookie has to carry the token of GET /api/v1/session in the header {AntiforgeryHeader}.",
                statusCode: StatusCodes.Status400BadRequest,
                title: "The antiforgery token is missing or wrong.");
        }

        return await next(invocation);
    }
}
