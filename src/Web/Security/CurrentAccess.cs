using System.Security.Claims;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// Who asks in this request or this circuit. It remembers the principal only; what it may is looked up at each question, so that a changed
/// role or scope, or a disabled account, takes effect on what is open already. Until it is told who, nobody asks, and nothing is allowed.
/// </summary>
public sealed class CurrentAccess(WebAccountDirectory directory)
{
    private volatile ClaimsPrincipal? _user;

    /// <summary>What may be done now; null when nobody is signed in (any more).</summary>
    public Access? Known => _user is { } user ? directory.Find(user) : null;

    /// <summary>Tells who asks.</summary>
    public void Is(ClaimsPrincipal user) => _user = user;

    /// <summary>What may be done now, with a role of at least this.</summary>
    /// <exception cref="AccessDeniedException">Nobody is signed in, or the role is less.</exception>
    public Access Demand(WebRole least)
    {
        if (Known is not { } access)
            throw new AccessDeniedException("You are not signed in any more: the account was changed, disabled or removed. Sign in again.");
        if (access.MustChangePassword)
            throw new AccessDeniedException("Choose a password of your own first, on the page /account/password.");
        return access.Role >= least
            ? access
            : throw new AccessDeniedException($"The role {access.Role.Name()} does not allow this; {least.Name()} is needed.");
    }

    /// <summary>A person who is signed in, not a token of theirs: for what concerns their own password, second factor and tokens.</summary>
    /// <exception cref="AccessDeniedException">Nobody is signed in, or it is a token.</exception>
    public Access DemandPerson()
    {
        var access = Known ?? throw new AccessDeniedException("You are not signed in any more. Sign in again.");
        return access.TokenId is null ? access : throw new AccessDeniedException("A token cannot do this: sign in with name and password.");
    }
}
