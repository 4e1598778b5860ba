using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorLogArchive.Web.Api;

/// <summary>
/// Cursors of lists: where the next page begins, in a form that says nothing to whoever holds it. A cursor belongs to the list and the
/// filters that it was given for.
/// </summary>
internal static class ApiCursor
{
    public const string Help = "Where the page begins: the 'next' of the page before it";

    /// <summary>A cursor that holds a text.</summary>
    public static string Of(string place) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes("1" + place));

    /// <summary>A cursor that holds a number.</summary>
    public static string Of(long place) => Of(place.ToString(CultureInfo.InvariantCulture));

    /// <summary>The text of a cursor; null without one, or with one that is rejected.</summary>
    public static string? Text(this ApiArguments arguments, string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        if (cursor.Length <= 8192 && Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)) is ['1', .. var place])
            return place;

        Reject(arguments, cursor);
        return null;
    }

    /// <summary>The number of a cursor; null without one, or with one that is rejected.</summary>
    public static long? Number(this ApiArguments arguments, string? cursor)
    {
        if (arguments.Text(cursor) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;

        Reject(arguments, cursor!);
        return null;
    }

    /// <summary>A page of a list that is whole in memory, in the order of its keys.</summary>
    public static (IReadOnlyList<T> Page, string? Next) Page<T>(IReadOnlyList<T> all, Func<T, string> keyOf, string? after, int take)
    {
        var ordered = all.OrderBy(keyOf, StringComparer.Ordinal).Where(item => after is null || string.CompareOrdinal(keyOf(item), after) > 0);
        var page = ordered.Take(take + 1).ToList();
        return page.Count > take ? (page.GetRange(0, take), Of(keyOf(page[take - 1]))) : (page, null);
    }

    /// <summary>Names the next page in a Link header (RFC 8288) too, for programs that follow it without a look at the body.</summary>
    public static void LinkNext(HttpContext context, string? next)
    {
        if (next is null)
            return;

        var request = context.Request;
        var query = QueryString.Create(request.Query.Where(value => value.Key is not ("cursor" or "skip"))).Add("cursor", next);
        context.Response.Headers.Link = $"<{request.PathBase}{request.Path}{query}>; rel=\"next\"";
    }

    private static void Reject(ApiArguments arguments, string cursor) =>
        arguments.Reject("cursor", $"'cursor' is '{(cursor.Length > 60 ? cursor[..60] + "…" : cursor)}'; allowed is the 'next' of a page of this list.");
}
