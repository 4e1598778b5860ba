using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Pages;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Web.Api;

/// <summary>Makes every failure of a route for programs a problem+json (RFC 9457) that says what is wrong.</summary>
internal sealed partial class ApiProblems(ILogger<ApiProblems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        // The middleware has put the path of the error page in place of the one that was asked for.
        var path = context.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? context.Request.Path;
        if (!ArchiveAuthentication.IsForPrograms(path))
            return false;

        await Describe(exception, path).ExecuteAsync(context);
        return true;
    }

    /// <summary>Gives an answer without a body (404 of no route, 405 …) one that a program, or a person, can read.</summary>
    public static Task DescribeStatusAsync(StatusCodeContext status)
    {
        var context = status.HttpContext;
        if (!ArchiveAuthentication.IsForPrograms(context.Request.Path))
            return IsMissingPage(context) ? MissingPage.ExecuteAsync(context) : Task.CompletedTask;

        var code = context.Response.StatusCode;
        return Results.Problem($"{context.Request.Method} {context.Request.Path}", statusCode: code, title: ReasonPhrases.GetReasonPhrase(code)).ExecuteAsync(context);
    }

    private static RazorComponentResult<NoticeDocument> MissingPage =>
        new(new { Title = "Not found", Reason = "There is no such page." }) { StatusCode = StatusCodes.Status404NotFound };

    // What a page loads by itself, such as a picture, is better off without a document.
    private static bool IsMissingPage(HttpContext context) =>
        context.Response.StatusCode == StatusCodes.Status404NotFound
        && HttpMethods.IsGet(context.Request.Method)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static IResult Unavailable(ArchiveUnavailableException unavailable) =>
        Results.Problem(unavailable.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "A part of the archive is not available.");

    public static IResult NotFound(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found.");

    public static IResult Conflict(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "Refused.");

    private IResult Describe(Exception exception, string path)
    {
        switch (exception)
        {
            case AccessDeniedException denied:
                return Results.Problem(denied.Message, statusCode: StatusCodes.Status403Forbidden, title: "Not allowed.");
            case ArchiveUnavailableException unavailable:
                return Unavailable(unavailable);
            case BadHttpRequestException bad:
                return Results.Problem(Explain(bad), statusCode: bad.StatusCode, title: "The request cannot be read.");
            default:
                LogFailed(path, exception);
                return Results.Problem("The archive's log says why.", statusCode: StatusCodes.Status500InternalServerError, title: "The archive failed.");
        }
    }

    [LoggerMessage(7201, LogLevel.Error, "A request for {Path} failed")]
    private partial void LogFailed(string path, Exception failure);

    private static string Explain(BadHttpRequestException bad) => bad.InnerException is { } inner ? $"{bad.Message} {inner.Message}" : bad.Message;
}
