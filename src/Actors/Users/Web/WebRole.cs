namespace ActorLogArchive.Actors.Users.Web;

/// <summary>What a web account may do; each role may what those before it may.</summary>
public enum WebRole
{
    /// <summary>Looks, reads, searches, downloads.</summary>
    Viewer,

    /// <summary>Also has agents do things, forgets them, ends FTP sessions and lifts bans.</summary>
    Operator,

    /// <summary>Also manages FTP accounts, web accounts and everybody's tokens.</summary>
    Admin,
}

/// <summary>Names of roles, as journals, the API and claims spell them.</summary>
public static class WebRoles
{
    /// <summary>All names.</summary>
    public const string Allowed = "viewer, operator, admin";

    /// <summary>The name of a role.</summary>
    public static string Name(this WebRole role) => role switch
    {
        WebRole.Viewer => "viewer",
        WebRole.Operator => "operator",
        _ => "admin",
    };

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string? name, out WebRole role)
    {
        (var known, role) = name switch
        {
            "viewer" => (true, WebRole.Viewer),
            "operator" => (true, WebRole.Operator),
            "admin" => (true, WebRole.Admin),
            _ => (false, WebRole.Viewer),
        };
        return known;
    }

    /// <summary>Reads a stored name; one of a later version is the least.</summary>
    public static WebRole Parse(string name) => TryParse(name, out var role) ? role : WebRole.Viewer;
}
