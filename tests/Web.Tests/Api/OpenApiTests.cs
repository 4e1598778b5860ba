using System.Net.Http.Json;
using System.Text.Json;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Tests.Api;

/// <summary>What /openapi/v1.json says, against what is mapped and what is answered.</summary>
public sealed class OpenApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_is_described_and_every_described_path_exists()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        var described = (await DocumentAsync(site)).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}")).Order();

        var mapped = site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText?.StartsWith("/api/", StringComparison.Ordinal) == true)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}"))
            .Distinct().Order();

        Assert.Equal(mapped, described);
    }

    [Fact]
    public async Task Every_route_says_what_it_does_what_its_values_mean_and_how_it_answers()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);

        foreach (var path in (await DocumentAsync(site)).GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var name = $"{operation.Name} {path.Name}";
                Assert.True(operation.Value.TryGetProperty("summary", out var summary) && summary.GetString()!.Length > 5, $"{name} has no summary");
                var answers = operation.Value.GetProperty("responses").EnumerateObject().Select(answer => answer.Name).ToList();
                Assert.True(answers.Any(answer => answer[0] == '2'), $"{name} names no answer of success");
                Assert.True(answers.Contains("401"), $"{name} does not say that it needs a sign-in");
                if (!operation.Value.TryGetProperty("parameters", out var parameters))
                    continue;
                foreach (var parameter in parameters.EnumerateArray())
                    Assert.True(parameter.TryGetProperty("description", out var help) && help.GetString()!.Length > 3, $"{name}: nothing is said of {parameter.GetProperty("name")}");
            }
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/agents/nobody", "/api/v1/agents/{id}")]
    [InlineData("GET", "/api/v1/agents?take=0", "/api/v1/agents")]
    [InlineData("DELETE", "/api/v1/agents/agent01", "/api/v1/agents/{id}")]
    [InlineData("GET", "/api/v1/users/auditor", "/api/v1/users/{name}")]
    [InlineData("GET", "/api/v1/users?cursor=%C3%A4", "/api/v1/users")]
    [InlineData("DELETE", "/api/v1/users/nobody", "/api/v1/users/{name}")]
    [InlineData("GET", "/api/v1/files?path=/nowhere", "/api/v1/files")]
    [InlineData("GET", "/api/v1/files/metadata", "/api/v1/files/metadata")]
    [InlineData("GET", "/api/v1/files/content?path=/nowhere", "/api/v1/files/content")]
    [InlineData("GET", "/api/v1/files/lines?path=/agent01/app/service.log&first=0", "/api/v1/files/lines")]
    [InlineData("DELETE", "/api/v1/sessions/99", "/api/v1/sessions/{id}")]
    [InlineData("DELETE", "/api/v1/bans/192.0.2.1", "/api/v1/bans/{address}")]
    [InlineData("GET", "/api/v1/events?types=weather", "/api/v1/events")]
    [InlineData("GET", "/api/v1/audit?from=yesterday", "/api/v1/audit")]
    [InlineData("GET", "/api/v1/search", "/api/v1/search")]
    public async Task An_answer_is_one_of_those_described_and_a_refusal_is_a_problem_that_says_why(string method, string address, string route)
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        var described = (await DocumentAsync(site)).GetProperty("paths").EnumerateObject().Single(path => path.Name.TrimEnd('/') == route).Value
            .GetProperty(method.ToLowerInvariant()).GetProperty("responses");

        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        using var answer = await client.SendAsync(request, Stop);

        var status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(described.TryGetProperty(status, out _), $"{method} {address} answered {status}, which is not described");
        if (answer.IsSuccessStatusCode)
            return;
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        Assert.NotEqual("", problem.GetProperty("title").GetString());
    }

    private static async Task<JsonElement> DocumentAsync(ArchiveSite site)
    {
        using var client = site.SignedIn();
        return await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Stop);
    }
}
