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
    public async Task A_download_goes_on_where_it_broke_off_only_while_the_file_is_the_same()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        var file = Path.Combine(site.Root, "agent01/app/dump.bin");
        using var first = await client.GetAsync(Links.Content("/agent01/app/dump.bin"), Stop);

        using var rest = await RestAsync(client, first.Headers.ETag!);
        using var unchanged = new HttpRequestMessage(HttpMethod.Get, Links.Content("/agent01/app/dump.bin"));
        unchanged.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var notModified = await client.SendAsync(unchanged, Stop);
        await File.AppendAllTextAsync(file, "x", Stop);
        using var whole = await RestAsync(client, first.Headers.ETag!);

        Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
        Assert.Equal(6, (await rest.Content.ReadAsByteArrayAsync(Stop)).Length);
        Assert.Equal(HttpStatusCode.NotModified, notModified.StatusCode);
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal(11, (await whole.Content.ReadAsByteArrayAsync(Stop)).Length);
    }

    private static async Task<HttpResponseMessage> RestAsync(HttpClient client, EntityTagHeaderValue etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Links.Content("/agent01/app/dump.bin"));
        request.Headers.Range = new RangeHeaderValue(4, null);
        request.Headers.IfRange = new RangeConditionHeaderValue(etag);
        return await client.SendAsync(request, Stop);
    }

    [Theory]
    [InlineData("glob=*.log", "empty.log,service.log")]
    [InlineData("glob=service&maxSize=9000", "service.~20261101T060000Z~.log")]
    [InlineData("minSize=1&contains=dump", "dump.bin")]
    public async Task A_folder_is_narrowed_by_name_and_size(string narrowed, string some)
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        var page = await client.GetFromJsonAsync<JsonElement>("/api/v1/files?path=/agent01/app&" + narrowed, Stop);

        var names = page.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("name").GetString()!).ToArray();
        Assert.Subset(names.ToHashSet(), some.Split(',').ToHashSet());
        Assert.DoesNotContain("service.log.1", names);
    }

    [Fact]
    public async Task Versions_and_what_was_verified_are_told()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        var file = await client.GetFromJsonAsync<JsonElement>("/api/v1/files/metadata?path=/agent01/app/service.log", Stop);
        var versions = await client.GetFromJsonAsync<JsonElement>("/api/v1/files/versions?path=/agent01/app/service.log", Stop);

        Assert.Equal(("growing", "XXH128"), (file.GetProperty("state").GetString(), file.GetProperty("hashAlgorithm").GetString()));
        Assert.NotEqual(JsonValueKind.Null, file.GetProperty("verified").ValueKind);
        var version = Assert.Single(versions.GetProperty("versions").EnumerateArray());
        Assert.Equal(("service.log", "sealed"), (version.GetProperty("versionOf").GetString(), version.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_rebuild_is_begun_and_its_progress_told()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();

        using var begun = await client.PostAsync("/api/v1/catalog/rebuild", null, Stop);
        var state = await client.GetFromJsonAsync<JsonElement>("/api/v1/catalog", Stop);

        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        Assert.Equal((true, 9, 3), (state.GetProperty("comparing").GetBoolean(), state.GetProperty("foldersCompared").GetInt32(), state.GetProperty("foldersPending").GetInt32()));
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
