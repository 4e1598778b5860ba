using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Web.Events;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.Web.Api;

/// <summary>The archive's changes as they happen, as server-sent events.</summary>
internal static class EventsApi
{
    public const string EventStream = "text/event-stream";

    /// <summary>How often a stream without events says that it is alive: proxies close what is silent for a minute.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("", StreamAsync).WithSummary("Changes as they happen, as server-sent events")
            .WithDescription(
                "Events: 'agent' (an agent as it is now), 'agent-removed', 'file' (a file arrived or grew), 'users', 'sessions' and 'audit' (ask again), 'reset' (events "
                + "were missed that are held no more: ask for the whole state), 'stopping' (the archive stops). A comment comes at least every 15 seconds. "
                + "Last-Event-ID continues after an event, as far as the last 4096 events reach.")
            .Produces(200, contentType: EventStream).ProducesValidationProblem().ProducesProblem(503);

    private static async Task<IResult> StreamAsync(
        HttpContext context,
        EventHub hub,
        CurrentAccess current,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        [Description("Only these, separated by commas: agents, files, users, sessions, audit; all when left out")] string? types = null,
        [FromHeader(Name = "Last-Event-ID"), Description("Id of the last event had")] string? lastEventId = null)
    {
        var arguments = new ApiArguments();
        var wanted = Wanted(arguments, types);
        if (arguments.Problem is { } problem)
            return problem;
        if (await hub.FollowAsync(lastEventId, context.RequestAborted) is not { } following)
            return Results.Problem($"At most {EventHub.MaxFollowers} programs may follow at once.", statusCode: StatusCodes.Status503ServiceUnavailable, title: "Too many follow already.");

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = EventStream;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await foreach (var text in TextsAsync(hub, following, wanted, current, time, ended.Token))
            {
                await context.Response.WriteAsync(text, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The program left, or the archive stops: either is an end in good order.
        }
        finally
        {
            hub.Leave(following);
        }

        return Results.Empty;
    }

    private static async IAsyncEnumerable<string> TextsAsync(
        EventHub hub, Following following, IReadOnlySet<string>? wanted, CurrentAccess current, TimeProvider time, [EnumeratorCancellation] CancellationToken ended)
    {
        yield return $"retry: 2000\n: follows from {hub.IdOf(hub.Latest)} on\n\n";
        if (following.IsGap)
            yield return $"id: {hub.IdOf(hub.Latest)}\nevent: reset\ndata: {{}}\n\n";
        foreach (var missed in following.Missed)
        {
            if (Describe(hub, missed, wanted, current.Known) is { } text)
                yield return text;
        }

        while (true)
        {
            var readable = following.Next.WaitToReadAsync(ended).AsTask();
            while (!readable.IsCompleted)
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ended);
                if (await Task.WhenAny(readable, Task.Delay(Heartbeat, time, waiting.Token)) != readable && !ended.IsCancellationRequested)
                    yield return ": alive\n\n";
                await waiting.CancelAsync();
                if (ended.IsCancellationRequested)
                    break;
            }

            if (ended.IsCancellationRequested || !await readable)
                break;
            while (following.Next.TryRead(out var next))
            {
                // Judged at each event: an account that may not look any more has its stream ended.
                if (current.Known is not { MustChangePassword: false } access)
                    yield break;
                if (Describe(hub, next, wanted, access) is { } text)
                    yield return text;
            }
        }

        yield return "event: stopping\ndata: {}\n\n";
    }

    private static string? Describe(EventHub hub, NumberedEvent numbered, IReadOnlySet<string>? wanted, Access? access)
    {
        if (access is null || !ScopedEvents.IsFor(access, numbered.Event))
            return null;

        var (group, type, data) = numbered.Event switch
        {
            BridgeProtocol.AgentUpdated updated => ("agents", "agent", JsonSerializer.Serialize(AgentModel.From(updated.Agent), Json)),
            BridgeProtocol.AgentRemoved removed => ("agents", "agent-removed", JsonSerializer.Serialize(new { id = removed.AgentId }, Json)),
            BridgeProtocol.FileArchived archived => ("files", "file", JsonSerializer.Serialize(FileModel.From(archived.File), Json)),
            BridgeProtocol.UsersChanged => ("users", "users", "{}"),
            BridgeProtocol.SessionsChanged => ("sessions", "sessions", "{}"),
            BridgeProtocol.AuditGrew => ("audit", "audit", "{}"),
            _ => ("", "", ""),
        };
        return type.Length == 0 || wanted?.Contains(group) == false
            ? null
            : $"id: {hub.IdOf(numbered.Number)}\nevent: {type}\ndata: {data}\n\n";
    }

    private static HashSet<string>? Wanted(ApiArguments arguments, string? types)
    {
        if (string.IsNullOrEmpty(types))
            return null;

        HashSet<string> known = ["agents", "files", "users", "sessions", "audit"];
        var wanted = types.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        if (!wanted.IsSubsetOf(known))
            arguments.Reject("types", $"'types' is '{types}'; allowed are {string.Join(", ", known)}.");
        return wanted;
    }
}
