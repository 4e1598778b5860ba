using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorLogArchive.Web.Security;

/// <summary>API tokens (RFC 6750): <c>Authorization: Bearer ala_…</c>.</summary>
public sealed class BearerAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, IWebAccounts accounts, WebAccountDirectory directory)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string SchemeName = "Bearer";

    private string? _unavailable;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header)
            || !string.Equals(header.Scheme, SchemeName, StringComparison.OrdinalIgnoreCase)
            || string.IsNullOrEmpty(header.Parameter))
        {
            return AuthenticateResult.NoResult();
        }

        try
        {
            if (await accounts.CheckTokenAsync(header.Parameter, Context.RequestAborted) is not { } token)
                return AuthenticateResult.Fail("unknown token");

            if (directory.Account(token.Owner) is null)
                await directory.RefreshAsync(Context.RequestAborted);
            if (directory.Account(token.Owner) is not { } owner)
                return AuthenticateResult.Fail("the token's account is gone");

            var user = WebPrincipal.Of(owner, Scheme.Name, token.Id);
            return await directory.FindAsync(user, Context.RequestAborted) is { } access
                ? AuthenticateResult.Success(new AuthenticationTicket(WebPrincipal.Of(access, user), Scheme.Name))
                : AuthenticateResult.Fail("the token lets nobody in");
        }
        catch (ArchiveUnavailableException unavailable)
        {
            _unavailable = unavailable.Message;
            return AuthenticateResult.Fail(unavailable);
        }
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_unavailable is not null)
            return Problem(StatusCodes.Status503ServiceUnavailable, "The archive cannot check the token now.", _unavailable);

        Response.Headers.WWWAuthenticate = "Bearer realm=\"ActorLogArchive\", error=\"invalid_token\"";
        return Problem(StatusCodes.Status401Unauthorized, "The token is not accepted.", "It is unknown, was revoked or has expired, or its account may not come in. Make another one on the page /account.");
    }

    private Task Problem(int status, string title, string detail) => Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(Context);
}
