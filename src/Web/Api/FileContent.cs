using System.ComponentModel;
using ActorLogArchive.Actors.Catalog;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ActorLogArchive.Web.Api;

/// <summary>
/// Sends archived bytes: as a download, or as plain text to be looked at. Never as anything a browser would run:
/// contents and names come from the nodes.
/// </summary>
internal static class FileContent
{
    public static IResult Send(
        HttpContext context,
        ICatalogQueries catalog,
        [Description("Path in the archive, such as /agent01/Logs/a.log")] string? path = null,
        [Description("Shows it as text/plain instead of offering a download")] string? inline = null)
    {
        var arguments = new ApiArguments();
        var wanted = arguments.Required("path", path);
        var shown = arguments.Flag("inline", inline, false);
        if (arguments.Problem is { } problem)
            return problem;
        if (catalog.ResolveOnDisk(wanted) is not { } file || new FileInfo(file) is not { Exists: true } info)
            return FilesApi.NoSuchFile(wanted);

        var disposition = new ContentDispositionHeaderValue(shown ? "inline" : "attachment");
        disposition.SetHttpFileName(wanted[(wanted.LastIndexOf('/') + 1)..]);
        context.Response.Headers.ContentDisposition = disposition.ToString();
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        context.Response.Headers.CacheControl = "private, no-cache";
        return Results.File(
            file,
            shown ? "text/plain; charset=utf-8" : "application/octet-stream",
            lastModified: info.LastWriteTimeUtc,
            entityTag: new EntityTagHeaderValue($"\"{info.Length:x}-{info.LastWriteTimeUtc.Ticks:x}\""),
            enableRangeProcessing: true);
    }
}
