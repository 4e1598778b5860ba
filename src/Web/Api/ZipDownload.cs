using System.ComponentModel;
using ActorLogArchive.Web.Audit;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace ActorLogArchive.Web.Api;

/// <summary>Sends files and folders as one zip, made while it is sent: nothing of it is held in memory or on disk.</summary>
internal static partial class ZipDownload
{
    private const int MostPaths = 10_000;

    // Compressing costs a processor for as long as the browser takes.
    private const int MostAtOnce = 4;
    private static readonly SemaphoreSlim Places = new(MostAtOnce);

    public static Task<IResult> GetAsync(
        HttpContext context,
        ArchiveContent content,
        ILogger<ZipFolder> logger,
        [Description("A file or folder such as /agent01/Logs; may be given several times")][FromQuery] string[]? path = null) =>
        SendAsync(context, content, logger, path ?? []);

    public static async Task<IResult> PostAsync(HttpContext context, ArchiveContent content, ILogger<ZipFolder> logger)
    {
        if (context.Request.HasFormContentType)
        {
            context.Features.Set<IFormFeature>(new FormFeature(context.Request, new FormOptions { ValueCountLimit = MostPaths + 16 }));
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            return await SendAsync(context, content, logger, [.. form["path"].OfType<string>()]);
        }

        var body = await context.Request.ReadFromJsonAsync<ZipModel>(context.RequestAborted);
        return await SendAsync(context, content, logger, [.. body?.Paths ?? []]);
    }

    private static async Task<IResult> SendAsync(HttpContext context, ArchiveContent content, ILogger logger, string[] paths)
    {
        var arguments = new ApiArguments();
        if (paths.Length is 0 or > MostPaths)
            arguments.Reject("path", paths.Length == 0 ? "'path' is missing: name at least one file or folder." : $"'path' is given {paths.Length} times; allowed are {MostPaths}. Choose the folder instead.");
        if (arguments.Problem is { } problem)
            return problem;

        AuditedRoute.Name(context, paths);
        var selection = await ZipSelection.FindAsync(content.Catalog, paths, context.RequestAborted);
        if (selection.Missing is { } missing)
            return ApiProblems.NotFound($"There is no file or folder '{missing}' in the archive.");
        if (!await Places.WaitAsync(0, CancellationToken.None))
        {
            context.Response.Headers.RetryAfter = "30";
            return Results.Problem($"{MostAtOnce} zips are being sent already. Try again in a moment.", statusCode: StatusCodes.Status429TooManyRequests, title: "Too many zips at once.");
        }

        try
        {
            await WriteAsync(context, content, logger, selection);
            return Results.Empty;
        }
        finally
        {
            Places.Release();
        }
    }

    private static async Task WriteAsync(HttpContext context, ArchiveContent content, ILogger logger, ZipSelection selection)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(selection.Name + ".zip");
        context.Response.ContentType = "application/zip";
        context.Response.Headers.ContentDisposition = disposition.ToString();
        context.Response.Headers.CacheControl = "private, no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // Contents are written asynchronously; the few bytes between two files ZipArchive writes at once, whatever it is asked for.
        if (context.Features.Get<IHttpBodyControlFeature>() is { } body)
            body.AllowSynchronousIO = true;
        try
        {
            await new ZipFolder(content.Catalog).WriteAsync(context.Response.Body, selection, context.RequestAborted);
        }
        catch (Exception failure) when (context.Response.HasStarted)
        {
            // The answer cannot become an error any more. Cut off, it is seen to be broken; ended well, a part would pass for the whole.
            if (!context.RequestAborted.IsCancellationRequested)
                LogBroken(logger, selection.Name, failure);
            context.Abort();
        }
    }

    [LoggerMessage(7202, LogLevel.Error, "The zip of {Name} was cut off")]
    private static partial void LogBroken(ILogger logger, string name, Exception failure);
}
