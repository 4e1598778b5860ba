using System.Security.Claims;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// What a signed-in request carries. A cookie holds name and stamp; role, scope and state are put in at each request from the account as it
/// is then, and policies look at these alone.
/// </summary>
internal static class WebPrincipal
{
    private const string StampClaim = "ala:stamp";
    private const string TokenClaim = "ala:token";
    private const string ScopeClaim = "ala:scoped";
    private const string MustChangeClaim = "ala:must-change-password";

    /// <summary>Of an account that has just shown its password, or whose token was good.</summary>
    public static ClaimsPrincipal Of(UsersProtocol.WebAccount account, string scheme, string? tokenId = null) =>
        new(new ClaimsIdentity(Identify(account.Name, account.Stamp, tokenId), scheme));

    /// <summary>The same with what the account may do now.</summary>
    public static ClaimsPrincipal Of(Access access, ClaimsPrincipal user)
    {
        var identity = new ClaimsIdentity(
            [.. Identify(access.Name, StampOf(user) ?? "", access.TokenId), new Claim(ClaimTypes.Role, access.Role.Name())], user.Identity?.AuthenticationType);
        if (!access.Scope.IsAll)
            identity.AddClaim(new Claim(ScopeClaim, "true"));
        if (access.MustChangePassword)
            identity.AddClaim(new Claim(MustChangeClaim, "true"));
        return new ClaimsPrincipal(identity);
    }

    public static string? StampOf(ClaimsPrincipal user) => user.FindFirst(StampClaim)?.Value;

    public static string? TokenOf(ClaimsPrincipal user) => user.FindFirst(TokenClaim)?.Value;

    public static bool IsScoped(this ClaimsPrincipal user) => user.HasClaim(claim => claim.Type == ScopeClaim);

    public static bool MustChangePassword(this ClaimsPrincipal user) => user.HasClaim(claim => claim.Type == MustChangeClaim);

    /// <summary>Whether the principal may what a role may; for what a page offers, not for what is allowed: that is decided where it is done.</summary>
    public static bool Has(this ClaimsPrincipal user, WebRole role) =>
        user.Identity?.IsAuthenticated == true && WebRoles.Parse(user.FindFirst(ClaimTypes.Role)?.Value ?? "") >= role;

    private static IEnumerable<Claim> Identify(string name, string stamp, string? tokenId)
    {
        yield return new Claim(ClaimTypes.Name, name);
        yield return new Claim(StampClaim, stamp);
        if (tokenId is not null)
            yield return new Claim(TokenClaim, tokenId);
    }
}
