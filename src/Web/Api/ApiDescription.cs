using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ActorLogArchive.Web.Api;

/// <summary>Says in the OpenAPI document what the API is and how a program signs in.</summary>
internal sealed class ApiDescription : IOpenApiDocumentTransformer
{
    // What every route answers, whatever it does.
    private static OpenApiResponse Problem(string description) =>
        new() { Description = description, Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() } };

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "ActorLogArchive",
            Version = "v1",
            Description = "Agents, archived files, searches, FTP accounts, sessions, web accounts and tokens. Errors are problem+json (RFC 9457).",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["basic"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "basic",
            Description = "A web account without a second factor, such as admin.",
        };
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API token, ala_…, made on the page /account or by POST /api/v1/tokens.",
        };
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("basic", document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] },
        ];
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations is { } operations ? operations.Values.AsEnumerable() : []))
        {
            operation.Responses ??= [];
            operation.Responses.TryAdd("401", Problem("Sign-in needed."));
            operation.Responses.TryAdd("429", Problem("Too many failed sign-ins; Retry-After says how long to wait."));
        }

        return Task.CompletedTask;
    }
}
