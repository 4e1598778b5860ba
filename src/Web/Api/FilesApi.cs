using System.ComponentModel;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Web.Audit;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class FilesApi
{
    private const string GlobHelp = "Glob such as **/*.log over the path below the agent, or over the name when it has no slash; a text without *?[{ matches names that contain it";
    private const string SortHelp = "name, size, modified or received";
    private const int MaxGlob = 1024;
    private const string PathHelp = "Path in the archive, such as /agent01/Logs/a.log";

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("A page of a folder: sub-folders, then files").Produces<FolderPageModel>().ProducesValidationProblem().ProducesProblem(404);
        group.MapGet("/find", FindAsync).WithSummary("Files by name, glob, agent and date over all folders").Produces<FilePageModel>().ProducesValidationProblem();
        group.MapGet("/metadata", GetAsync).WithSummary("What is known of one file").Produces<FileModel>().Produces(304).ProducesValidationProblem().ProducesProblem(404);
        group.MapGet("/versions", VersionsAsync).WithSummary("Older content that was kept of a file").Produces<VersionListModel>().ProducesValidationProblem().ProducesProblem(404);
        group.MapGet("/zip", ZipDownload.GetAsync).WithSummary("Files and folders as one zip").Produces(200, contentType: "application/zip").ProducesValidationProblem().ProducesProblem(404).ProducesProblem(429)
            .Audited(AuditActions.ZipDownload, "path");
        group.MapPost("/zip", ZipDownload.PostAsync).Accepts<ZipModel>("application/json", "application/x-www-form-urlencoded")
            .WithSummary("The same, for a selection too long for an address").Produces(200, contentType: "application/zip").ProducesValidationProblem().ProducesProblem(404).ProducesProblem(429)
            .Audited(AuditActions.ZipDownload);
        group.MapGet("/lines", LinesAsync).WithSummary("A window of lines of a text file").Produces<LinesModel>().ProducesValidationProblem().ProducesProblem(404);
        group.MapMethods("/content", [HttpMethods.Get, HttpMethods.Head], FileContent.Send)
            .WithSummary("The bytes of a file; ranges are honoured").Produces(200, contentType: "application/octet-stream").Produces(206).Produces(304).ProducesValidationProblem().ProducesProblem(404).ProducesProblem(416)
            .Audited(AuditActions.FileDownload, "path");
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        ArchiveContent content,
        CancellationToken cancellationToken,
        [Description("Folder; / lists the agents")] string? path = null,
        [Description("Only files whose name contains this, in any case")] string? contains = null,
        [Description(GlobHelp)] string? glob = null,
        [Description("Modified at or after")] string? from = null,
        [Description("Modified before")] string? to = null,
        [Description("At least so many bytes")] string? minSize = null,
        [Description("At most so many bytes")] string? maxSize = null,
        [Description(SortHelp)] string? sort = null,
        [Description("Reverses the order")] string? descending = null,
        [Description("Files to skip, where there is no cursor")] string? skip = null,
        [Description(ApiCursor.Help)] string? cursor = null,
        [Description("Files to return, 1 to 1000")] string? take = null)
    {
        var arguments = new ApiArguments();
        var query = new FolderQuery(
            string.IsNullOrEmpty(path) ? "/" : path,
            string.IsNullOrEmpty(contains) ? null : contains,
            arguments.Choice("sort", sort, CatalogSort.Name),
            arguments.Flag("descending", descending, false),
            Place(arguments, cursor, skip),
            (int)arguments.Integer("take", take, 200, 1, 1000));
        var scope = Scope(arguments, glob, null, from, to, minSize, maxSize);
        query = query with { NameGlob = scope.NameGlob, ModifiedFrom = scope.ModifiedFrom, ModifiedTo = scope.ModifiedTo, MinSize = scope.MinSize, MaxSize = scope.MaxSize };
        if (arguments.Problem is { } problem)
            return problem;

        var page = await content.Catalog.GetFolderAsync(query, cancellationToken);
        if (page is null)
            return ApiProblems.NotFound($"There is no folder '{path}' in the archive.");

        var next = Next(query.Skip + page.Files.Count, page.TotalFiles, page.Files.Count);
        ApiCursor.LinkNext(context, next);
        return Results.Ok(
            new FolderPageModel(FolderModel.From(page.Folder), [.. page.Folders.Select(FolderModel.From)], [.. page.Files.Select(FileModel.From)], page.TotalFiles) { Next = next });
    }

    private static int Place(ApiArguments arguments, string? cursor, string? skip) =>
        (int)Math.Min(int.MaxValue, arguments.Number(cursor) ?? arguments.Integer("skip", skip, 0, 0, int.MaxValue));

    private static string? Next(int end, int total, int count) => count > 0 && end < total ? ApiCursor.Of(end) : null;

    private static async Task<IResult> FindAsync(
        HttpContext context,
        ArchiveContent content,
        CancellationToken cancellationToken,
        [Description(GlobHelp)] string? glob = null,
        [Description("Only these agents")] string[]? agent = null,
        [Description("Modified at or after")] string? from = null,
        [Description("Modified before")] string? to = null,
        [Description("Only in this folder or below it")] string? below = null,
        [Description("At least so many bytes")] string? minSize = null,
        [Description("At most so many bytes")] string? maxSize = null,
        [Description(SortHelp)] string? sort = null,
        [Description("Reverses the order")] string? descending = null,
        [Description("Files to skip, where there is no cursor")] string? skip = null,
        [Description(ApiCursor.Help)] string? cursor = null,
        [Description("Files to return, 1 to 1000")] string? take = null)
    {
        var arguments = new ApiArguments();
        var query = Scope(arguments, glob, agent, from, to, minSize, maxSize) with
        {
            Below = string.IsNullOrEmpty(below) ? null : below,
            Sort = arguments.Choice("sort", sort, CatalogSort.Name),
            Descending = arguments.Flag("descending", descending, false),
            Skip = Place(arguments, cursor, skip),
            Take = (int)arguments.Integer("take", take, 200, 1, 1000),
        };
        if (arguments.Problem is { } problem)
            return problem;

        var page = await content.Catalog.FindFilesAsync(query, cancellationToken);
        var next = Next(query.Skip + page.Files.Count, page.Total, page.Files.Count);
        ApiCursor.LinkNext(context, next);
        return Results.Ok(new FilePageModel([.. page.Files.Select(FileModel.From)], page.Total) { Next = next });
    }

    internal static FileQuery Scope(
        ApiArguments arguments, string? glob, string[]? agents, string? from, string? to, string? minSize = null, string? maxSize = null)
    {
        if (glob is { Length: > MaxGlob })
            arguments.Reject("glob", $"'glob' has {glob.Length} characters; allowed are at most {MaxGlob}.");
        return new FileQuery(string.IsNullOrEmpty(glob) ? null : glob, agents is { Length: > 0 } ? agents : null, arguments.Time("from", from), arguments.Time("to", to))
        {
            MinSize = Size(arguments, "minSize", minSize),
            MaxSize = Size(arguments, "maxSize", maxSize),
        };
    }

    private static long? Size(ApiArguments arguments, string name, string? text) =>
        string.IsNullOrEmpty(text) ? null : arguments.Integer(name, text, 0, 0, long.MaxValue);

    private static async Task<IResult> VersionsAsync(ArchiveContent content, CancellationToken cancellationToken, [Description(PathHelp)] string? path = null)
    {
        var arguments = new ApiArguments();
        var wanted = arguments.Required("path", path);
        if (arguments.Problem is { } problem)
            return problem;

        var versions = await content.Catalog.GetVersionsAsync(wanted, cancellationToken);
        if (versions.Count == 0 && await content.Catalog.GetFileAsync(wanted, cancellationToken) is null)
            return ApiProblems.NotFound($"There is no file '{wanted}' in the archive.");

        return Results.Ok(new VersionListModel(wanted, [.. versions.Select(FileModel.From)]));
    }

    private static async Task<IResult> GetAsync(HttpContext context, ArchiveContent content, CancellationToken cancellationToken, [Description(PathHelp)] string? path = null)
    {
        var arguments = new ApiArguments();
        var wanted = arguments.Required("path", path);
        if (arguments.Problem is { } problem)
            return problem;

        var file = await content.Catalog.GetFileAsync(wanted, cancellationToken);
        return file is null ? NoSuchFile(wanted) : ApiETag.Ok(context, FileModel.From(file));
    }

    private static async Task<IResult> LinesAsync(
        ArchiveContent content,
        CancellationToken cancellationToken,
        [Description(PathHelp)] string? path = null,
        [Description("First line, from 1; negative counts from the end")] string? first = null,
        [Description("Lines, 1 to 5000")] string? count = null)
    {
        var arguments = new ApiArguments();
        var wanted = arguments.Required("path", path);
        var firstLine = arguments.Integer("first", first, 1, long.MinValue, long.MaxValue);
        if (firstLine == 0)
            arguments.Reject("first", "'first' is '0'; allowed are line numbers from 1, or negative ones counted from the end.");
        var lines = (int)arguments.Integer("count", count, 200, 1, 5000);
        if (arguments.Problem is { } problem)
            return problem;

        var window = await content.ReadLinesAsync(wanted, firstLine, lines, cancellationToken);
        return window is null
            ? NoSuchFile(wanted)
            : Results.Ok(new LinesModel(wanted, window.FirstLine, window.Lines, window.TotalLines, window.FileSize, window.IsBinary));
    }

    internal static IResult NoSuchFile(string path) => ApiProblems.NotFound($"There is no file '{path}' in the archive.");
}
