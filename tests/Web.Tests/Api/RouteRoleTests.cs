using System.Net;
using System.Net.Http.Json;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Security;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Tests.Api;

/// <summary>
/// Every route and page, asked by every role, and by an account that is confined to agent01. A route or page without a row fails.
/// <c>Mine</c> is an address within agent01, <c>Others</c> the same of another agent with what a confined account is answered.
/// </summary>
public sealed class RouteRoleTests
{
    private const string Free = "free";
    private const string AnyPerson = ArchivePolicies.Own;
    private const string View = ArchivePolicies.View;
    private const string Operate = ArchivePolicies.Operate;
    private const string Administer = ArchivePolicies.Administer;

    private static readonly Row[] Rows =
    [
        new("GET", "/api/v1/session", View, "/api/v1/session"),
        new("GET", "/api/v1/agents", View, "/api/v1/agents"),
        new("GET", "/api/v1/agents/{id}", View, "/api/v1/agents/agent01", "/api/v1/agents/db-primary", 404),
        new("DELETE", "/api/v1/agents/{id}", Operate, "/api/v1/agents/agent01", "/api/v1/agents/batch-3", 404),
        new("POST", "/api/v1/agents/{id}/commands", Operate, "/api/v1/agents/agent01/commands", "/api/v1/agents/web-frontend-02/commands", 404, new { command = "pause" }),
        new("GET", "/api/v1/fleet", View, "/api/v1/fleet"),
        new("GET", "/api/v1/agents/{id}/history", View, "/api/v1/agents/agent01/history", "/api/v1/agents/db-primary/history", 404),
        new("GET", "/api/v1/agents/{id}/explain", View, "/api/v1/agents/agent01/explain?path=/var/log/app.log", "/api/v1/agents/db-primary/explain?path=/var/log/app.log", 404),
        new("GET", "/api/v1/agents/{id}/verification", View, "/api/v1/agents/agent01/verification", "/api/v1/agents/db-primary/verification", 404),
        new("POST", "/api/v1/agents/{id}/verification", Operate, "/api/v1/agents/agent01/verification", "/api/v1/agents/db-primary/verification", 404, new { full = false }),
        new("GET", "/api/v1/catalog", View, "/api/v1/catalog"),
        new("POST", "/api/v1/catalog/rebuild", Operate, "/api/v1/catalog/rebuild"),
        new("GET", "/api/v1/files/versions", View, "/api/v1/files/versions?path=/agent01/app/service.log", "/api/v1/files/versions?path=/web-frontend-02/nginx/access.log", 404),
        new("GET", "/api/v1/files/zip", View, "/api/v1/files/zip?path=/agent01/app", "/api/v1/files/zip?path=/agent01/app&path=/agent01/../web-frontend-02", 404),
        new("POST", "/api/v1/files/zip", View, "/api/v1/files/zip", Body: new { paths = new[] { "/agent01/app" } }),
        new("GET", "/api/v1/audit", Administer, "/api/v1/audit"),
        new("GET", "/api/v1/audit/export", Administer, "/api/v1/audit/export?format=csv"),
        new("GET", "/api/v1/events", View, "/api/v1/events"), // Whose events come is held by ScopeTests.
        new("GET", "/api/v1/files", View, "/api/v1/files?path=/agent01", "/api/v1/files?path=/agent01/../web-frontend-02", 404),
        new("GET", "/api/v1/files/find", View, "/api/v1/files/find?glob=*.log", "/api/v1/files/find?agent=web-frontend-02", 200),
        new("GET", "/api/v1/files/metadata", View, "/api/v1/files/metadata?path=/agent01/app/service.log", "/api/v1/files/metadata?path=/web-frontend-02/nginx/access.log", 404),
        new("GET", "/api/v1/files/lines", View, "/api/v1/files/lines?path=/agent01/app/service.log", "/api/v1/files/lines?path=/web-frontend-02/nginx/access.log", 404),
        new("GET", "/api/v1/files/content", View, "/api/v1/files/content?path=/agent01/app/service.log", "/api/v1/files/content?path=//web-frontend-02/nginx/access.log", 404),
        new("HEAD", "/api/v1/files/content", View, "/api/v1/files/content?path=/agent01/app/service.log", "/api/v1/files/content?path=/agent01/%2e%2e/web-frontend-02/nginx/access.log", 404),
        new("GET", "/api/v1/search", View, "/api/v1/search?q=refused", "/api/v1/search?q=GET&agent=web-frontend-02", 200),
        new("GET", "/api/v1/users", Administer, "/api/v1/users"),
        new("GET", "/api/v1/users/{name}", Administer, "/api/v1/users/auditor"),
        new("POST", "/api/v1/users", Administer, "/api/v1/users", Body: new { name = "new", password = "long enough", permissions = "elr" }),
        new("POST", "/api/v1/users/import", Administer, "/api/v1/users/import?dryRun=true", Body: new { old = new { passwd = "x", perm = "elr" } }),
        new("PATCH", "/api/v1/users/{name}", Administer, "/api/v1/users/auditor", Body: new { permissions = "el" }),
        new("DELETE", "/api/v1/users/{name}", Administer, "/api/v1/users/nobody"),
        new("GET", "/api/v1/web-users", Administer, "/api/v1/web-users"),
        new("GET", "/api/v1/web-users/{name}", Administer, "/api/v1/web-users/admin"),
        new("POST", "/api/v1/web-users", Administer, "/api/v1/web-users", Body: new { name = "new", password = "long enough", role = "viewer" }),
        new("PATCH", "/api/v1/web-users/{name}", Administer, "/api/v1/web-users/nobody", Body: new { role = "viewer" }),
        new("DELETE", "/api/v1/web-users/{name}", Administer, "/api/v1/web-users/nobody"),
        new("POST", "/api/v1/web-users/{name}/password", Administer, "/api/v1/web-users/nobody/password", Body: new { }),
        new("DELETE", "/api/v1/web-users/{name}/totp", Administer, "/api/v1/web-users/nobody/totp"),
        new("GET", "/api/v1/tokens", View, "/api/v1/tokens"),
        new("POST", "/api/v1/tokens", View, "/api/v1/tokens", Body: new { name = "t", role = "viewer" }),
        new("DELETE", "/api/v1/tokens/{id}", View, "/api/v1/tokens/none"),
        new("GET", "/api/v1/account", AnyPerson, "/api/v1/account"),
        new("POST", "/api/v1/account/password", AnyPerson, "/api/v1/account/password", Body: new { }),
        new("POST", "/api/v1/account/totp/secret", AnyPerson, "/api/v1/account/totp/secret", Body: new { }),
        new("POST", "/api/v1/account/totp", AnyPerson, "/api/v1/account/totp", Body: new { }),
        new("POST", "/api/v1/account/totp/off", AnyPerson, "/api/v1/account/totp/off", Body: new { }),
        new("GET", "/api/v1/sessions", View, "/api/v1/sessions"),
        new("DELETE", "/api/v1/sessions/{id}", Operate, "/api/v1/sessions/99", "/api/v1/sessions/18", 404),
        new("GET", "/api/v1/bans", View, "/api/v1/bans"),
        new("DELETE", "/api/v1/bans/{address}", Operate, "/api/v1/bans/192.0.2.77", "/api/v1/bans/192.0.2.9", 404),
        new("GET", "/openapi/{documentName}.json", View, "/openapi/v1.json"),
        new("GET", "/health/live", Free, "/health/live"),
        new("GET", "/health/ready", Free, "/health/ready"),
        new("GET", "/metrics", Free, "/metrics"), // What it asks for by itself is tested below.
        new("PAGE", "/", View, "/"),
        new("PAGE", "/agents", View, "/agents"),
        new("PAGE", "/agents/{Id}", View, "/agents/agent01"),
        new("PAGE", "/files", View, "/files"),
        new("PAGE", "/files/{*Path}", View, "/files/agent01/app"),
        new("PAGE", "/view/{*Path}", View, "/view/agent01/app/service.log"),
        new("PAGE", "/search", View, "/search?q=x"),
        new("PAGE", "/accounts", Administer, "/accounts"),
        new("PAGE", "/accounts/web", Administer, "/accounts/web"),
        new("PAGE", "/audit", Administer, "/audit"),
        new("PAGE", "/account", View, "/account"),
        new("PAGE", "/account/password", AnyPerson, "/account/password"),
        new("PAGE", "/not-found", View, "/not-found"),
        new("PAGE", "/sign-in", Free, "/sign-in"),
        new("PAGE", "/error", Free, "/error"),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WebRole.Viewer)]
    [InlineData(WebRole.Operator)]
    [InlineData(WebRole.Admin)]
    public async Task Each_route_and_page_lets_in_the_roles_it_should(WebRole role)
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("somebody", role);
        using var client = site.Client("somebody", FakeArchiveGateway.Password + FakeArchiveGateway.Password);

        foreach (var row in Rows)
        {
            var status = await AskAsync(client, row, row.Mine);
            var isAllowed = row.Policy switch { Operate => role >= WebRole.Operator, Administer => role == WebRole.Admin, _ => true };
            Assert.True(isAllowed == (status != 403), $"{row.Method} {row.Mine} answered {status} to {role}");
            Assert.NotEqual(401, status);
            Assert.True(status < 500, $"{row.Method} {row.Mine} answered {status}");
        }
    }

    [Fact]
    public async Task A_stranger_gets_nothing_but_what_is_free()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.Client();

        foreach (var row in Rows)
        {
            var status = await AskAsync(client, row, row.Mine);
            var expected = row.Policy == Free ? 200 : row.Method == "PAGE" ? 302 : 401;
            Assert.Equal((row.Method, row.Mine, expected), (row.Method, row.Mine, status));
        }
    }

    [Theory]
    [InlineData(WebRole.Viewer)]
    [InlineData(WebRole.Operator)]
    public async Task A_confined_account_finds_nothing_of_another_agent_by_any_route(WebRole role)
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("confined", role, "agent01");
        using var client = site.Client("confined", FakeArchiveGateway.Password + FakeArchiveGateway.Password);

        foreach (var row in Rows.Where(row => row.Method != "PAGE" && row.Policy != Free))
        {
            var isAllowed = row.Policy is View or AnyPerson || (row.Policy == Operate && role == WebRole.Operator);
            foreach (var address in new[] { row.Mine, row.Others }.OfType<string>())
            {
                using var answer = await SendAsync(client, row, address);
                var isStream = answer.Content.Headers.ContentType?.MediaType == "text/event-stream";
                var text = isStream ? "" : await answer.Content.ReadAsStringAsync(Stop);
                Assert.True(isAllowed == (answer.StatusCode != HttpStatusCode.Forbidden), $"{row.Method} {address} answered {answer.StatusCode}");
                if (isAllowed && address == row.Others)
                    Assert.True(row.ForOthers == (int)answer.StatusCode, $"{row.Method} {address} answered {answer.StatusCode}");

                // Whatever is answered names no other agent; a 404 may repeat what was asked for.
                if (answer.IsSuccessStatusCode && row.Route != "/openapi/{documentName}.json")
                {
                    foreach (var other in new[] { "web-frontend-02", "db-primary", "sim-node-7", "batch-3", "10.20.0.25", "192.0.2.9" })
                        Assert.DoesNotContain(other, text, StringComparison.Ordinal);
                }
            }
        }

        // Nor has anything happened to the others.
        var agents = await site.Gateway.GetAgentsAsync(Stop);
        Assert.Contains(agents, agent => agent.AgentId == "batch-3");
        Assert.Contains(await site.Gateway.GetSessionsAsync(Stop), session => session.Id == 18);
    }

    [Fact]
    public async Task Totals_lists_and_hits_of_a_confined_account_are_of_its_agents_alone()
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("confined", WebRole.Viewer, "agent01", "gone-agent");
        using var client = site.Client("confined", FakeArchiveGateway.Password + FakeArchiveGateway.Password);

        var root = await client.GetFromJsonAsync<Web.Api.FolderPageModel>("/api/v1/files?path=/", Stop);
        var found = await client.GetFromJsonAsync<Web.Api.FilePageModel>("/api/v1/files/find?take=1000", Stop);
        var hits = await client.GetStringAsync("/api/v1/search?q=e&maxHits=10000", Stop);

        Assert.Equal("/agent01", Assert.Single(root!.Folders).Path);
        Assert.Equal(root.Folders[0].Bytes, root.Folder.Bytes);
        Assert.Equal(root.Folder.Files, found!.Total);
        Assert.All(found.Files, file => Assert.Equal("agent01", file.Agent));
        Assert.Contains("/agent01/", hits, StringComparison.Ordinal);
        Assert.DoesNotContain("web-frontend-02", hits, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_confined_account_may_not_see_the_metrics_which_name_all_agents()
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("confined", WebRole.Viewer, "agent01");
        site.Gateway.AddWeb("viewer", WebRole.Viewer);
        using var confined = site.Client("confined", FakeArchiveGateway.Password + FakeArchiveGateway.Password);
        using var viewer = site.Client("viewer", FakeArchiveGateway.Password + FakeArchiveGateway.Password);

        Assert.Equal(HttpStatusCode.Forbidden, (await confined.GetAsync("/metrics", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("/metrics", Stop)).StatusCode);
    }

    [Fact]
    public async Task No_route_and_no_page_is_missing_here()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);

        var routes = Endpoints(site).Where(endpoint => IsForPrograms(endpoint.RoutePattern.RawText!))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}"));
        var pages = typeof(Web.Pages.App).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes(typeof(Microsoft.AspNetCore.Components.RouteAttribute), false))
            .Select(route => $"PAGE {((Microsoft.AspNetCore.Components.RouteAttribute)route).Template}");

        Assert.Equal(Rows.Select(row => $"{row.Method} {row.Route}").Distinct().Order(StringComparer.Ordinal), routes.Concat(pages).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_endpoint_is_open_that_is_not_meant_to_be()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);

        var open = Endpoints(site).Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/'))
            .Where(route => !route.StartsWith("/_content/", StringComparison.Ordinal) && !route.StartsWith("/_framework/", StringComparison.Ordinal) && !Path.HasExtension(route))
            .Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(["/error", "/health/live", "/health/ready", "/metrics", "/sign-in"], open);
    }

    private static IEnumerable<RouteEndpoint> Endpoints(ArchiveSite site) => site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static bool IsForPrograms(string route) => new[] { "/api/", "/openapi/", "/health/", "/metrics" }.Any(route.StartsWith);

    private static async Task<int> AskAsync(HttpClient client, Row row, string address)
    {
        using var answer = await SendAsync(client, row, address);
        return (int)answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, Row row, string address)
    {
        using var request = new HttpRequestMessage(row.Method == "PAGE" ? HttpMethod.Get : new HttpMethod(row.Method), address);
        if (row.Body is not null)
            request.Content = JsonContent.Create(row.Body);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    private sealed record Row(string Method, string Route, string Policy, string Mine, string? Others = null, int ForOthers = 0, object? Body = null);
}
