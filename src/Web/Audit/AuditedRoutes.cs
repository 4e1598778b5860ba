using System.Globalization;
using ActorLogArchive.Actors.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorLogArchive.Web.Audit;

/// <summary>Marks a route that gives archived content away: each use of it is an entry.</summary>
/// <param name="Action">See <see cref="AuditActions"/>.</param>
/// <param name="Subjects">Names of the query values that say what was asked for.</param>
public sealed record AuditedRoute(string Action, params string[] Subjects)
{
    private const int LongestSubject = 500;
    private static readonly object SubjectKey = new();

    /// <summary>Says what was asked for, where the body of the request did and not its address.</summary>
    public static void Name(HttpContext context, IEnumerable<string> subjects)
    {
        var text = string.Join(' ', subjects);
        context.Items[SubjectKey] = text.Length <= LongestSubject ? text : string.Concat(text.AsSpan(0, LongestSubject), " …");
    }

    internal static string? NameOf(HttpContext context) => context.Items.TryGetValue(SubjectKey, out var name) ? name as string : null;
}

/// <summary>Records the uses of routes with an <see cref="AuditedRoute"/>, when their answer has ended.</summary>
internal sealed class AuditedRoutes(RequestDelegate next, IAuditLog audit, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AuditedRoute>() is not { } route || HttpMethods.IsHead(context.Request.Method))
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
            await RecordAsync(context, route, null);
        }
        catch (Exception failure)
        {
            await RecordAsync(context, route, failure);
            throw;
        }
    }

    private Task RecordAsync(HttpContext context, AuditedRoute route, Exception? failure)
    {
        // A stranger is sent to the sign-in, which has entries of its own.
        var status = context.Response.StatusCode;
        if (status == StatusCodes.Status401Unauthorized || context.User.Identity?.IsAuthenticated != true)
            return Task.CompletedTask;

        var (outcome, detail) = context.RequestAborted.IsCancellationRequested
            ? (AuditOutcome.Aborted, "the client left")
            : failure is not null
                ? (AuditOutcome.Failed, failure.Message)
                : status switch
                {
                    StatusCodes.Status304NotModified => (AuditOutcome.Done, "not modified"),
                    < 400 => (AuditOutcome.Done, Describe(context)),
                    < 500 => (AuditOutcome.Refused, Status(status)),
                    _ => (AuditOutcome.Failed, Status(status)),
                };
        return audit.RecordAsync(Caller.Of(context).Entry(time.GetUtcNow(), route.Action, Subject(context, route), outcome, detail));
    }

    private static string Describe(HttpContext context)
    {
        var bytes = context.Response.ContentLength is { } length ? string.Create(CultureInfo.InvariantCulture, $"{length} bytes") : "";
        return context.Response.Headers.ContentRange is { Count: > 0 } range ? $"{bytes} ({range})" : bytes;
    }

    private static string Status(int status) => string.Create(CultureInfo.InvariantCulture, $"status {status}");

    private static string Subject(HttpContext context, AuditedRoute route) => AuditedRoute.NameOf(context) ?? string.Join(
        ' ', route.Subjects.SelectMany(name => context.Request.Query[name]).Where(value => !string.IsNullOrEmpty(value)));
}

internal static class AuditedRouteConventions
{
    /// <summary>Records each use of the route.</summary>
    public static TBuilder Audited<TBuilder>(this TBuilder route, string action, params string[] subjects)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AuditedRoute(action, subjects));
}
