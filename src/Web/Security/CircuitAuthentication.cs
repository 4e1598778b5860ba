using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// Who a circuit belongs to. It looks every two seconds whether that account may still come in, and with which role: else an open page would keep
/// what its account had when it was opened.
/// </summary>
public sealed class CircuitAuthentication : RevalidatingServerAuthenticationStateProvider
{
    private readonly WebAccountDirectory _directory;

    /// <summary>Made by the container, one a circuit.</summary>
    public CircuitAuthentication(ILoggerFactory loggers, WebAccountDirectory directory, CurrentAccess current)
        : base(loggers)
    {
        _directory = directory;
        AuthenticationStateChanged += state => Tell(current, state);
    }

    /// <inheritdoc/>
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            var user = authenticationState.User;
            if (await _directory.FindAsync(user, cancellationToken) is not { } access)
                return false;

            var now = WebPrincipal.Of(access, user);
            if (Describe(now) != Describe(user))
                SetAuthenticationState(Task.FromResult(new AuthenticationState(now)));
            return true;
        }
        catch (ArchiveUnavailableException)
        {
            // The registry does not answer: the page says so by itself, and nothing is allowed by what is too old.
            return true;
        }
    }

    private static async void Tell(CurrentAccess current, Task<AuthenticationState> state)
    {
        // Set from a task that has ended; a failed one leaves nobody in.
        await ((Task)state).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (state.IsCompletedSuccessfully)
            current.Is(state.Result.User);
    }

    private static string Describe(System.Security.Claims.ClaimsPrincipal user) => string.Join('\n', user.Claims.Select(claim => $"{claim.Type}={claim.Value}"));
}
