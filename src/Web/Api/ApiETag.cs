using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ActorLogArchive.Web.Api;

/// <summary>
/// Validators (RFC 9110) of what the API tells: made from the very values that are sent, so that one is the same exactly as long as the
/// answer is. With <c>If-None-Match</c> a program asks for news only; with <c>If-Match</c> it changes only what it has seen.
/// </summary>
internal static class ApiETag
{
    /// <summary>The validator of an answer.</summary>
    public static EntityTagHeaderValue Of<T>(T model) =>
        new($"\"{Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(model, JsonSerializerOptions.Web))))}\"");

    /// <summary>The answer with its validator; 304 when the program has it already.</summary>
    public static IResult Ok<T>(HttpContext context, T model)
    {
        var tag = Of(model);
        context.Response.GetTypedHeaders().ETag = tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        var known = context.Request.GetTypedHeaders().IfNoneMatch;
        return known.Any(have => have.Equals(EntityTagHeaderValue.Any) || have.Compare(tag, useStrongComparison: false))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Ok(model);
    }

    /// <summary>Whether the request names its condition.</summary>
    public static bool HasCondition(HttpContext context) => context.Request.GetTypedHeaders().IfMatch.Count > 0;

    /// <summary>The 412 of a change to something that is not any more what the program has seen; null when it is.</summary>
    public static IResult? Mismatch<T>(HttpContext context, T model)
    {
        var expected = context.Request.GetTypedHeaders().IfMatch;
        var tag = Of(model);
        return expected.Count == 0 || expected.Any(have => have.Equals(EntityTagHeaderValue.Any) || have.Compare(tag, useStrongComparison: true))
            ? null
            : Results.Problem(
                $"It is {tag} now; the request is for {string.Join(", ", expected)}. Get it again, and decide anew.",
                statusCode: StatusCodes.Status412PreconditionFailed,
                title: "It was changed meanwhile.");
    }
}
