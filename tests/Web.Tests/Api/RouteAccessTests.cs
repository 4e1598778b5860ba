using System.Net;
using System.Net.Http.Json;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Tests.Api;

/// <summary>Every route for programs, asked by a stranger, with a wrong password and by an account. A route without a row fails.</summary>
public sealed class RouteAccessTests
{
    private static readonly (string Method, string Route, string Address, object? Body, int ForStranger, int ForAccount)[] Rows =
    [
        ("GET", "/api/v1/session", "/api/v1/session", null, 401, 200),
        ("GET", "/api/v1/agents", "/api/v1/agents", null, 401, 200),
        ("GET", "/api/v1/agents/{id}", "/api/v1/agents/agent01", null, 401, 200),
        ("DELETE", "/api/v1/agents/{id}", "/api/v1/agents/batch-3", null, 401, 204),
        ("GET", "/api/v1/fleet", "/api/v1/fleet", null, 401, 200),
        ("GET", "/api/v1/agents/{id}/history", "/api/v1/agents/agent01/history?days=7", null, 401, 200),
        ("GET", "/api/v1/agents/{id}/explain", "/api/v1/agents/agent01/explain?path=/var/log/app.log", null, 401, 200),
        ("GET", "/api/v1/agents/{id}/verification", "/api/v1/agents/agent01/verification", null, 401, 404), // never asked to compare
        ("POST", "/api/v1/agents/{id}/verification", "/api/v1/agents/agent01/verification", new { full = false }, 401, 202),
        ("POST", "/api/v1/agents/{id}/commands", "/api/v1/agents/agent01/commands", new { command = "pause" }, 401, 200),
        ("GET", "/api/v1/files", "/api/v1/files?path=/agent01", null, 401, 200),
        ("GET", "/api/v1/files/find", "/api/v1/files/find?glob=*.log", null, 401, 200),
        ("GET", "/api/v1/files/metadata", "/api/v1/files/metadata?path=/agent01/app/service.log", null, 401, 200),
        ("GET", "/api/v1/files/versions", "/api/v1/files/versions?path=/agent01/app/service.log", null, 401, 200),
        ("GET", "/api/v1/files/zip", "/api/v1/files/zip?path=/agent01/app", null, 401, 200),
        ("POST", "/api/v1/files/zip", "/api/v1/files/zip", new { paths = new[] { "/agent01/app" } }, 401, 200),
        ("GET", "/api/v1/catalog", "/api/v1/catalog", null, 401, 200),
        ("POST", "/api/v1/catalog/rebuild", "/api/v1/catalog/rebuild", null, 401, 202),
        ("GET", "/api/v1/files/lines", "/api/v1/files/lines?path=/agent01/app/service.log", null, 401, 200),
        ("GET", "/api/v1/files/content", "/api/v1/files/content?path=/agent01/app/service.log", null, 401, 200),
        ("HEAD", "/api/v1/files/content", "/api/v1/files/content?path=/agent01/app/service.log", null, 401, 200),
        ("GET", "/api/v1/search", "/api/v1/search?q=refused", null, 401, 200),
        ("GET", "/api/v1/users", "/api/v1/users", null, 401, 200),
        ("GET", "/api/v1/users/{name}", "/api/v1/users/auditor", null, 401, 200),
        ("POST", "/api/v1/users", "/api/v1/users", new { name = "new", password = "long enough", permissions = "elr" }, 401, 201),
        ("PATCH", "/api/v1/users/{name}", "/api/v1/users/auditor", new { permissions = "el" }, 401, 200),
        ("DELETE", "/api/v1/users/{name}", "/api/v1/users/auditor", null, 401, 204),
        ("POST", "/api/v1/users/import", "/api/v1/users/import", new { older = new { passwd = "long enough", perm = "elr" } }, 401, 200),
        ("GET", "/api/v1/web-users", "/api/v1/web-users", null, 401, 200),
        ("GET", "/api/v1/web-users/{name}", "/api/v1/web-users/admin", null, 401, 200),
        ("POST", "/api/v1/web-users", "/api/v1/web-users", new { name = "second", password = "long enough", role = "operator" }, 401, 201),
        ("PATCH", "/api/v1/web-users/{name}", "/api/v1/web-users/second", new { role = "viewer" }, 401, 200),
        ("POST", "/api/v1/web-users/{name}/password", "/api/v1/web-users/second/password", new { }, 401, 200),
        ("DELETE", "/api/v1/web-users/{name}/totp", "/api/v1/web-users/second/totp", null, 401, 200),
        ("DELETE", "/api/v1/web-users/{name}", "/api/v1/web-users/second", null, 401, 204),
        ("GET", "/api/v1/tokens", "/api/v1/tokens", null, 401, 200),
        ("POST", "/api/v1/tokens", "/api/v1/tokens", new { name = "export", role = "viewer" }, 401, 201),
        ("DELETE", "/api/v1/tokens/{id}", "/api/v1/tokens/none", null, 401, 404),
        ("GET", "/api/v1/account", "/api/v1/account", null, 401, 200),
        ("POST", "/api/v1/account/password", "/api/v1/account/password", new { current = "not it", @new = "long enough" }, 401, 403),
        ("POST", "/api/v1/account/totp/secret", "/api/v1/account/totp/secret", new { }, 401, 200),
        ("POST", "/api/v1/account/totp", "/api/v1/account/totp", new { secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", code = "12345" }, 401, 400),
        ("POST", "/api/v1/account/totp/off", "/api/v1/account/totp/off", new { code = "12345" }, 401, 400),
        ("GET", "/api/v1/sessions", "/api/v1/sessions", null, 401, 200),
        ("DELETE", "/api/v1/sessions/{id}", "/api/v1/sessions/17", null, 401, 204),
        ("GET", "/api/v1/bans", "/api/v1/bans", null, 401, 200),
        ("DELETE", "/api/v1/bans/{address}", "/api/v1/bans/192.0.2.9", null, 401, 204),
        ("GET", "/api/v1/audit", "/api/v1/audit", null, 401, 200),
        ("GET", "/api/v1/audit/export", "/api/v1/audit/export?format=csv", null, 401, 200),
        ("GET", "/api/v1/events", "/api/v1/events", null, 401, 200),
        ("GET", "/openapi/{documentName}.json", "/openapi/v1.json", null, 401, 200),
        ("GET", "/health/live", "/health/live", null, 200, 200),
        ("GET", "/health/ready", "/health/ready", null, 200, 200),
        ("GET", "/metrics", "/metrics", null, 200, 200), // From this machine it needs no sign-in; through a proxy it does, below.
    ];

    [Fact]
    public async Task Each_route_lets_in_whom_it_should()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var stranger = site.Client();
        using var wrong = site.Client("admin", "wrong");
        using var account = site.SignedIn();

        var wrongTries = 0;
        foreach (var row in Rows)
        {
            Assert.Equal((row.Address, row.ForStranger), (row.Address, await AskAsync(stranger, row.Method, row.Address, row.Body)));
            // A few tries are answered 401; after them the address is closed for a while.
            var refused = await AskAsync(wrong, row.Method, row.Address, row.Body);
            Assert.True(row.ForStranger == 200 || refused == (++wrongTries <= 4 ? 401 : 429), $"{row.Method} {row.Address} answered {refused} to a wrong password");
        }
    }

    [Fact]
    public async Task An_account_may_use_each_route()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var account = site.SignedIn();

        foreach (var row in Rows)
            Assert.Equal((row.Method, row.Address, row.ForAccount), (row.Method, row.Address, await AskAsync(account, row.Method, row.Address, row.Body)));
    }

    [Fact]
    public async Task No_route_for_programs_is_missing_here()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);

        var mapped = site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText is { } text && new[] { "/api/", "/openapi/", "/health/", "/metrics" }.Any(text.StartsWith))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}"))
            .Distinct().Order();

        Assert.Equal(Rows.Select(row => $"{row.Method} {row.Route}").Order(), mapped);
    }

    [Fact]
    public async Task Metrics_through_a_proxy_need_a_sign_in()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/metrics", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/agents")]
    [InlineData("/agents/agent01")]
    [InlineData("/files/agent01/app")]
    [InlineData("/view/agent01/app/service.log")]
    [InlineData("/search?q=x")]
    [InlineData("/accounts")]
    [InlineData("/audit")]
    public async Task A_page_sends_a_stranger_to_the_sign_in(string address)
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.Client();

        var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/sign-in?returnUrl=", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    private static async Task<int> AskAsync(HttpClient client, string method, string address, object? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return (int)answer.StatusCode; // It has no end.
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if ((int)answer.StatusCode == 401)
        {
            Assert.Contains("Basic", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        Assert.True((int)answer.StatusCode < 500, text);
        return (int)answer.StatusCode;
    }
}
