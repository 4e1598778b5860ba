using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Search;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class SearchApi
{
    private const string Ndjson = "application/x-ndjson";
    private const string EventStream = "text/event-stream";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("", SearchAsync).WithSummary("Searches inside files; streams hits and progress")
            .WithDescription("One JSON object a line (application/x-ndjson), or server-sent events when asked for text/event-stream. 'type' is hit, problem or progress; the last one is a progress with finished = true.")
            .Produces(200, contentType: Ndjson, additionalContentTypes: EventStream).ProducesValidationProblem();

    private static async Task<IResult> SearchAsync(
        HttpContext context,
        ArchiveContent content,
        [Description("What to look for, 1 to 1000 characters")] string? q = null,
        [Description("text, word or regex")] string? kind = null,
        [Description("Whether upper and lower case differ; false when left out")] string? matchCase = null,
        [Description("Lines before and after each hit, 0 to 20")] string? lines = null,
        [Description("Ends after this many hits, 1 to 10000")] string? maxHits = null,
        [Description("Hits told of one file, 1 to 10000; more are only counted")] string? maxHitsPerFile = null,
        [Description("Only files that match this glob")] string? glob = null,
        [Description("Only these agents")] string[]? agent = null,
        [Description("Only files modified at or after")] string? from = null,
        [Description("Only files modified before")] string? to = null)
    {
        var arguments = new ApiArguments();
        var query = new ContentQuery(
            arguments.Required("q", q),
            arguments.Choice("kind", kind, PatternKind.Text),
            !arguments.Flag("matchCase", matchCase, false),
            (int)arguments.Integer("lines", lines, 2, 0, 20),
            (int)arguments.Integer("maxHitsPerFile", maxHitsPerFile, 100, 1, 10_000),
            (int)arguments.Integer("maxHits", maxHits, 1000, 1, 10_000));
        var scope = FilesApi.Scope(arguments, glob, agent, from, to);
        if (arguments.Problem is null && query.Validate() is { } wrong)
            arguments.Reject("q", wrong);
        if (arguments.Problem is { } problem)
            return problem;

        await StreamAsync(context, content, scope, query);
        return Results.Empty;
    }

    private static async Task StreamAsync(HttpContext context, ArchiveContent content, FileQuery scope, ContentQuery query)
    {
        var asEvents = context.Request.Headers.Accept.ToString().Contains(EventStream, StringComparison.OrdinalIgnoreCase);
        var response = context.Response;
        response.ContentType = asEvents ? EventStream : Ndjson;
        response.Headers.CacheControl = "no-store";
        await foreach (var happening in content.SearchAsync(scope, query, context.RequestAborted))
        {
            var (type, json) = Describe(happening);
            await response.WriteAsync(asEvents ? $"event: {type}\ndata: {json}\n\n" : $"{json}\n", context.RequestAborted);
            // Hits of one moment may share a packet; progress is what a waiting reader looks at.
            if (happening is SearchProgress)
                await response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static (string Type, string Json) Describe(SearchEvent happening) => happening switch
    {
        SearchHit hit => ("hit", JsonSerializer.Serialize(new { type = "hit", path = hit.Id, line = hit.LineNumber, text = hit.Line, matches = hit.Matches, before = hit.Before, after = hit.After }, Json)),
        SearchProblem failed => ("problem", JsonSerializer.Serialize(new { type = "problem", path = failed.Id, message = failed.Message }, Json)),
        SearchProgress progress => ("progress", JsonSerializer.Serialize(
            new { type = "progress", progress.FilesDone, progress.FilesTotal, progress.BytesDone, progress.Hits, progress.Finished, progress.Truncated }, Json)),
        _ => throw new InvalidOperationException($"no JSON form for {happening.GetType().Name}"),
    };
}
