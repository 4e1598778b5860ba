using System.Globalization;
using System.Text;

namespace ActorLogArchive.Web.Views;

/// <summary>Addresses of pages and downloads. Every segment and value is escaped: names of files may hold anything.</summary>
public static class Links
{
    /// <summary>An address to go on to, if it is a path of this site: a link from elsewhere must not send the person on to another one. Null otherwise.</summary>
    public static string? Local(string? url) =>
        url is { Length: > 0 } && url[0] == '/' && !url.StartsWith("//", StringComparison.Ordinal) && !url.Contains('\\', StringComparison.Ordinal) ? url : null;

    /// <summary>An agent's page.</summary>
    public static string Agent(string id) => $"/agents/{Uri.EscapeDataString(id)}";

    /// <summary>A folder's page.</summary>
    public static string Folder(string path) => "/files" + Escape(path);

    /// <summary>A file's view, at a line and with a text marked where given.</summary>
    public static string View(string path, long? line = null, string? find = null) =>
        Query("/view" + Escape(path), ("line", line?.ToString(CultureInfo.InvariantCulture)), ("q", find));

    /// <summary>A file's bytes: a download, or plain text shown by the browser.</summary>
    public static string Content(string path, bool inline = false) =>
        Query("/api/v1/files/content", ("path", path), ("inline", inline ? "true" : null));

    /// <summary>A folder or file as a zip.</summary>
    public static string Zip(string path) => Query("/api/v1/files/zip", ("path", path));

    /// <summary>An address with the values that are not empty.</summary>
    public static string Query(string address, params IEnumerable<(string Name, string? Value)> values)
    {
        var text = new StringBuilder(address);
        var mark = '?';
        foreach (var (name, value) in values)
        {
            if (string.IsNullOrEmpty(value))
                continue;

            text.Append(mark).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            mark = '&';
        }

        return text.ToString();
    }

    /// <summary>The parts of a path as links, from the root on.</summary>
    public static IReadOnlyList<Crumb> Crumbs(string path)
    {
        var crumbs = new List<Crumb> { new("All agents", "/") };
        var at = new StringBuilder();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at.Append('/').Append(segment);
            crumbs.Add(new Crumb(segment, at.ToString()));
        }

        return crumbs;
    }

    /// <summary>The folder a path lies in.</summary>
    public static string ParentOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash <= 0 ? "/" : path[..slash];
    }

    /// <summary>The last segment of a path.</summary>
    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string Escape(string path) =>
        string.Concat(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(segment => "/" + Uri.EscapeDataString(segment)));
}

/// <summary>A part of a path, and the path up to it.</summary>
public sealed record Crumb(string Name, string Path);
