using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ActorLogArchive.Web.Api;

/// <summary>Makes every failure of a route for programs a problem+json (RFC 9457) that says what is wrong.</summary>
internal sealed class ApiProblems : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (!ArchiveAuthentication.IsForPrograms(context.Request.Path))
            return false;

        var problem = exception switch
        {
            ArchiveUnavailableException unavailable => Unavailable(unavailable),
            BadHttpRequestException bad => Results.Problem(Explain(bad), statusCode: bad.StatusCode, title: "The request cannot be read."),
            _ => null,
        };
        if (problem is null)
            return false;

        await problem.ExecuteAsync(context);
        return true;
    }

    /// <summary>Gives an answer without a body (404 of no route, 405 …) one that a program can read.</summary>
    public static Task DescribeStatusAsync(StatusCodeContext status)
    {
        var context = status.HttpContext;
        if (!ArchiveAuthentication.IsForPrograms(context.Request.Path))
            return Task.CompletedTask;

        var code = context.Response.StatusCode;
        return Results.Problem($"{context.Request.Method} {context.Request.Path}", statusCode: code, title: ReasonPhrases.GetReasonPhrase(code)).ExecuteAsync(context);
    }

    public static IResult Unavailable(ArchiveUnavailableException unavailable) =>
        Results.Problem(unavailable.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "A part of the archive is not available.");

    public static IResult NotFound(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found.");

    public static IResult Conflict(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "Refused.");

    private static string Explain(BadHttpRequestException bad) => bad.InnerException is { } inner ? $"{bad.Message} {inner.Message}" : bad.Message;
}
