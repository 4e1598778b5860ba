using Microsoft.AspNetCore.Http;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// Headers of every answer. Archived text is written by strangers: should any of it ever reach a page as markup, the
/// content policy still runs no script of it and sends nothing away.
/// </summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    // MudBlazor and Blazor set style attributes and a <style> of the theme; scripts come from files only.
    internal const string ContentPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Sets the headers and goes on.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
        return next(context);
    }
}
