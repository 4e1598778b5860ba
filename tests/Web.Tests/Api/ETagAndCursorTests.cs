using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLogArchive.Web.Tests.Fakes;

namespace ActorLogArchive.Web.Tests.Api;

public sealed class ETagAndCursorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v1/users")]
    [InlineData("/api/v1/users/auditor")]
    [InlineData("/api/v1/agents")]
    [InlineData("/api/v1/agents/agent01")]
    [InlineData("/api/v1/files/metadata?path=/agent01/app/service.log")]
    public async Task What_is_unchanged_is_not_sent_again(string address)
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        using var first = await client.GetAsync(address, Stop);
        using var again = new HttpRequestMessage(HttpMethod.Get, address);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await client.SendAsync(again, Stop);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Stop));
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    public async Task An_account_changes_only_while_it_is_the_one_that_was_seen()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        var seen = (await client.GetAsync("/api/v1/users/auditor", Stop)).Headers.ETag!;

        Assert.Equal(HttpStatusCode.OK, await ChangeAsync(seen, "el"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await ChangeAsync(seen, "elr"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await RemoveAsync(seen));
        var now = await client.GetAsync("/api/v1/users/auditor", Stop);
        Assert.Equal("el", (await now.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("permissions").GetString());
        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync(now.Headers.ETag!));

        async Task<HttpStatusCode> ChangeAsync(EntityTagHeaderValue tag, string permissions)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, "/api/v1/users/auditor") { Content = JsonContent.Create(new { permissions }) };
            request.Headers.IfMatch.Add(tag);
            return (await client.SendAsync(request, Stop)).StatusCode;
        }

        async Task<HttpStatusCode> RemoveAsync(EntityTagHeaderValue tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/users/auditor");
            request.Headers.IfMatch.Add(tag);
            return (await client.SendAsync(request, Stop)).StatusCode;
        }
    }

    [Theory]
    [InlineData("/api/v1/agents?take=2", "agents", "id", 5)]
    [InlineData("/api/v1/users?take=3", "users", "name", 4)]
    [InlineData("/api/v1/sessions?take=1", "sessions", "client", 2)]
    [InlineData("/api/v1/files/find?glob=job&take=100", "files", "path", 240)]
    [InlineData("/api/v1/files?path=/web-frontend-02/jobs&take=100", "files", "path", 240)]
    public async Task The_pages_of_a_list_hold_each_thing_once(string address, string list, string key, int expected)
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        var (seen, pages) = (new List<string>(), 0);

        for (string? next = address; next is not null; pages++)
        {
            using var answer = await client.GetAsync(next, Stop);
            var page = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
            seen.AddRange(page.GetProperty(list).EnumerateArray().Select(item => item.GetProperty(key).ToString()));
            next = answer.Headers.TryGetValues("Link", out var links) && links.Single() is var link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
            Assert.Equal(next is null, page.GetProperty("next").ValueKind == JsonValueKind.Null);
        }

        Assert.True(pages > 1);
        Assert.Equal(expected, seen.Count);
        Assert.Equal(expected, seen.Distinct().Count());
    }
}
