using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLogArchive.Web.Tests.Fakes;
using ActorLogArchive.Web.Views;

namespace ActorLogArchive.Web.Tests.Api;

public sealed class FilesApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_range_of_a_file_is_sent_as_asked()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        var whole = await File.ReadAllBytesAsync(Path.Combine(site.Root, "agent01/app/service.log"), Stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, Links.Content("/agent01/app/service.log"));
        request.Headers.Range = new RangeHeaderValue(100, 299);

        using var answer = await client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal($"bytes 100-299/{whole.Length}", answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(whole[100..300], await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_refused()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        using var request = new HttpRequestMessage(HttpMethod.Get, Links.Content("/agent01/app/dump.bin"));
        request.Headers.Range = new RangeHeaderValue(10_000, 20_000);

        using var answer = await client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
    }

    [Fact]
    public async Task A_hostile_name_is_a_safe_download()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        using var answer = await client.GetAsync(Links.Content("/agent01/app/" + Samples.HostileName), Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var disposition = answer.Content.Headers.GetValues("Content-Disposition").Single();
        Assert.StartsWith("attachment; filename=", disposition, StringComparison.Ordinal);
        Assert.EndsWith("filename*=UTF-8''" + Rfc5987(Samples.HostileName), disposition, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', disposition);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Shown_inline_it_is_plain_text_in_a_sandbox()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        using var answer = await client.GetAsync(Links.Content("/agent01/app/" + Samples.HostileName, inline: true), Stop);

        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/../../etc/passwd")]
    [InlineData("/agent01/../../etc/passwd")]
    [InlineData("../etc/passwd")]
    [InlineData("/agent01/app/\0")]
    [InlineData("/agent01/app")]
    [InlineData("/nothing")]
    public async Task A_path_that_is_no_archived_file_is_not_found(string path)
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        foreach (var route in new[] { "content", "metadata", "lines" })
        {
            using var answer = await client.GetAsync($"/api/v1/files/{route}?path={Uri.EscapeDataString(path)}", Stop);

            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        }
    }

    [Theory]
    [InlineData("/api/v1/files?take=0", "'take' is '0'; allowed are whole numbers from 1 to 1000.")]
    [InlineData("/api/v1/files?sort=colour", "'sort' is 'colour'; allowed are name, size, modified, received.")]
    [InlineData("/api/v1/files/find?from=yesterday", "'from' is 'yesterday'; allowed is a date or time")]
    [InlineData("/api/v1/files/lines?path=/a&first=0", "'first' is '0'")]
    [InlineData("/api/v1/files/content", "'path' is missing.")]
    [InlineData("/api/v1/search", "'q' is missing.")]
    [InlineData("/api/v1/search?q=x&kind=fuzzy", "'kind' is 'fuzzy'; allowed are text, word, regex.")]
    [InlineData("/api/v1/search?q=(&kind=regex", "(")]
    public async Task A_bad_value_is_named_with_what_is_allowed(string address, string told)
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();

        using var answer = await client.GetAsync(address, Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Contains(told, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_from_the_end_are_those_of_the_end()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        var lines = await File.ReadAllLinesAsync(Path.Combine(site.Root, "agent01/app/service.log"), Stop);

        var window = await client.GetFromJsonAsync<JsonElement>("/api/v1/files/lines?path=/agent01/app/service.log&first=-2&count=2", Stop);

        Assert.Equal(lines.Length - 1, window.GetProperty("firstLine").GetInt64());
        Assert.Equal(lines[^2..], window.GetProperty("lines").EnumerateArray().Select(line => line.GetString()));
    }

    [Fact]
    public async Task A_search_streams_hits_and_ends_with_its_progress()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        var text = await client.GetStringAsync("/api/v1/search?q=refused&agent=db-primary&lines=1", Stop);

        var events = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var hit = events.First(line => line.GetProperty("type").GetString() == "hit");
        Assert.Equal("/db-primary/postgresql/postgresql.log", hit.GetProperty("path").GetString());
        Assert.Contains("refused", hit.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(events[^1].GetProperty("finished").GetBoolean());
        Assert.Equal(1, events[^1].GetProperty("filesTotal").GetInt32());
    }

    [Fact]
    public async Task A_search_can_be_read_as_server_sent_events()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");

        using var answer = await client.GetAsync("/api/v1/search?q=refused&agent=db-primary", Stop);

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("event: hit\ndata: {", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_names_every_route_with_a_summary()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();

        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Stop);

        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Where(operation => operation.Name != "parameters").ToArray();
        Assert.True(operations.Length >= 16);
        Assert.All(operations, operation => Assert.NotEqual("", operation.Value.GetProperty("summary").GetString()));
    }

    private static string Rfc5987(string name) =>
        string.Concat(System.Text.Encoding.UTF8.GetBytes(name).Select(b => char.IsAsciiLetterOrDigit((char)b) || "!#$&+-.^_`|~".Contains((char)b) ? ((char)b).ToString() : $"%{b:X2}"));
}
