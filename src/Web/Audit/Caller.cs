using System.Security.Claims;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace ActorLogArchive.Web.Audit;

/// <summary>Who asks, how they came in, and from which address.</summary>
public sealed partial record Caller(string Name, string By, string Address)
{
    /// <summary>The archive itself: nobody asked.</summary>
    public static readonly Caller Archive = new("", AuditBy.Archive, "");

    /// <summary>The caller of a request.</summary>
    public static Caller Of(HttpContext context) => Of(context.User, AddressOf(context));

    /// <summary>The caller with these claims.</summary>
    public static Caller Of(ClaimsPrincipal user, string address) => new(user.Identity?.Name ?? "", ByOf(user.Identity?.AuthenticationType), address);

    /// <summary>The address a request came from.</summary>
    public static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "local",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };

    /// <summary>An entry of something this caller did.</summary>
    public AuditEntry Entry(DateTimeOffset at, string action, string subject, AuditOutcome outcome, string detail = "") =>
        new(at, Name, By, Address, action, subject, outcome, detail);

    /// <summary>A name that was tried: what cannot be one may be a password in the wrong field, and is not written down.</summary>
    public static string TriedName(string name) => NamePattern().IsMatch(name) ? name : "(no name)";

    private static string ByOf(string? scheme) => scheme switch
    {
        CookieAuthenticationDefaults.AuthenticationScheme => AuditBy.Cookie,
        BasicAuthenticationHandler.SchemeName => AuditBy.Basic,
        null => "",
        _ => AuditBy.Token,
    };

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NamePattern();
}
