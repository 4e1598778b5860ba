using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Audit;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorLogArchive.Web.Security;

/// <summary>HTTP Basic (RFC 7617) with a web account, for scripts.</summary>
public sealed class BasicAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, WebSignIn signIn, WebAccountDirectory directory)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string SchemeName = "Basic";

    private TimeSpan _retryAfter;
    private string? _unavailable;
    private bool _needsCode;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header) || !string.Equals(header.Scheme, SchemeName, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();

        if (!TryDecode(header.Parameter, out var name, out var password))
            return AuthenticateResult.Fail("the Basic credentials are not base64 of 'name:password'");

        var address = Caller.AddressOf(Context);
        try
        {
            var outcome = await signIn.CheckAsync(name, password, address, AuditBy.Basic, Context.RequestAborted);
            if (outcome.Account is { HasTotp: true })
            {
                _needsCode = true;
                return AuthenticateResult.Fail("a password alone does not do for an account with a second factor");
            }

            if (outcome.Account is not null)
            {
                var user = WebPrincipal.Of(outcome.Account, Scheme.Name);
                return await directory.FindAsync(user, Context.RequestAborted) is { } access
                    ? AuthenticateResult.Success(new AuthenticationTicket(WebPrincipal.Of(access, user), Scheme.Name))
                    : AuthenticateResult.Fail("the account was changed just now");
            }

            _retryAfter = outcome.RetryAfter;
            return AuthenticateResult.Fail("wrong name or password");
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
            return Problem(StatusCodes.Status503ServiceUnavailable, "The archive cannot check the sign-in now.", _unavailable);

        if (_retryAfter > TimeSpan.Zero)
        {
            var seconds = Math.Ceiling(_retryAfter.TotalSeconds);
            Response.Headers.RetryAfter = seconds.ToString("0");
            return Problem(StatusCodes.Status429TooManyRequests, "Too many failed sign-ins.", $"Try again in {seconds:0} s.");
        }

        Response.Headers.WWWAuthenticate = "Basic realm=\"ActorLogArchive\", charset=\"UTF-8\"";
        if (_needsCode)
        {
            return Problem(
                StatusCodes.Status401Unauthorized,
                "This account has a second factor.",
                "A password alone is not accepted. Make an API token on the page /account and send it as 'Authorization: Bearer ala_…'.");
        }

        var given = Request.Headers.Authorization.Count > 0;
        return Problem(
            StatusCodes.Status401Unauthorized,
            "Sign-in needed.",
            given ? "Name or password is wrong." : "Send an API token (Authorization: Bearer ala_…), HTTP Basic credentials of a web account, or the cookie of a signed-in browser.");
    }

    private static bool TryDecode(string? parameter, out string name, out string password)
    {
        name = password = "";
        var buffer = new byte[parameter?.Length ?? 0];
        if (string.IsNullOrEmpty(parameter) || !Convert.TryFromBase64String(parameter, buffer, out var length))
            return false;

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return false;

        name = text[..colon];
        password = text[(colon + 1)..];
        return true;
    }

    private Task Problem(int status, string title, string detail) =>
        Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(Context);
}
