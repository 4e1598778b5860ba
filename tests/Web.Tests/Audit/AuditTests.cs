using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Audit;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Tests.Audit;

public sealed class AuditTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_change_by_a_program_is_an_entry_with_who_from_where_what_and_how_it_ended()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        await client.PostAsJsonAsync("/api/v1/users", new { name = "new", password = "top-secret-word", permissions = "elr", uploadLimit = 1000 }, Stop);
        await client.PostAsJsonAsync("/api/v1/users", new { name = "new", password = "top-secret-word", permissions = "elr" }, Stop);
        await client.PatchAsJsonAsync("/api/v1/users/auditor", new { password = "another-secret", permissions = "el" }, Stop);
        await client.DeleteAsync("/api/v1/users/auditor", Stop);
        await client.DeleteAsync("/api/v1/sessions/17", Stop);
        await client.DeleteAsync("/api/v1/sessions/17", Stop);
        await client.DeleteAsync("/api/v1/bans/192.0.2.9", Stop);
        await client.PostAsJsonAsync("/api/v1/agents/agent01/commands", new { command = "bandwidth", bytesPerSecond = 5000 }, Stop);
        await client.DeleteAsync("/api/v1/agents/batch-3", Stop);

        var entries = site.Audit.Entries;
        Assert.All(entries, entry => Assert.Equal(("admin", AuditBy.Basic, "127.0.0.1"), (entry.Who, entry.By, entry.Address)));
        Assert.Equal(
            [
                (AuditActions.SignIn, "", AuditOutcome.Done, ""),
                (AuditActions.AccountAdd, "new", AuditOutcome.Done, "home /new, permissions elr, upload limit 1000"),
                (AuditActions.AccountAdd, "new", AuditOutcome.Refused, "home /new, permissions elr: there is an account 'new' already"),
                (AuditActions.AccountChange, "auditor", AuditOutcome.Done, "password set, permissions el"),
                (AuditActions.AccountRemove, "auditor", AuditOutcome.Done, ""),
                (AuditActions.SessionKick, "17", AuditOutcome.Done, ""),
                (AuditActions.SessionKick, "17", AuditOutcome.Refused, "there was no such session"),
                (AuditActions.BanLift, "192.0.2.9", AuditOutcome.Done, ""),
                (AuditActions.AgentCommand, "agent01", AuditOutcome.Done, "bandwidth 5000 bytes/s"),
                (AuditActions.AgentForget, "batch-3", AuditOutcome.Done, ""),
            ],
            entries.Select(entry => (entry.Action, entry.Subject, entry.Outcome, entry.Detail)));
        Assert.DoesNotContain("secret", string.Concat(entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_the_archive_does_not_answer_is_an_entry_too()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        await client.GetStringAsync("/api/v1/agents", Stop);
        site.Gateway.Failure = "The account registry did not answer within 5 seconds.";

        await client.DeleteAsync("/api/v1/users/auditor", Stop);

        var last = site.Audit.Entries[^1];
        Assert.Equal((AuditActions.AccountRemove, AuditOutcome.Failed, "The account registry did not answer within 5 seconds."), (last.Action, last.Outcome, last.Detail));
    }

    [Fact]
    public async Task Sign_ins_good_refused_and_throttled_are_entries_and_what_is_no_name_is_not_written_down()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var wrong = site.Client("admin", "wrong");
        using var slip = site.Client("my password, typed in the wrong field", "x");
        using var good = site.SignedIn();

        await good.GetStringAsync("/api/v1/agents", Stop);
        await good.GetStringAsync("/api/v1/agents", Stop);
        await slip.GetAsync("/api/v1/agents", Stop);
        for (var i = 0; i < 5; i++)
            await wrong.GetAsync("/api/v1/agents", Stop);

        Assert.Equal(
            [("admin", AuditOutcome.Done), ("(no name)", AuditOutcome.Refused), ("admin", AuditOutcome.Refused), ("admin", AuditOutcome.Refused), ("admin", AuditOutcome.Refused), ("admin", AuditOutcome.Refused), ("admin", AuditOutcome.Throttled)],
            site.Audit.Entries.Select(entry => (entry.Who, entry.Outcome)));
    }

    [Fact]
    public async Task Downloads_are_entries_also_in_part_or_refused_and_a_look_at_the_headers_is_none()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();
        const string File = "/api/v1/files/content?path=/agent01/app/dump.bin";

        await client.GetByteArrayAsync(File, Stop);
        using var part = new HttpRequestMessage(HttpMethod.Get, File) { Headers = { Range = new(2, 4) } };
        await client.SendAsync(part, Stop);
        using var head = new HttpRequestMessage(HttpMethod.Head, File);
        await client.SendAsync(head, Stop);
        await client.GetAsync("/api/v1/files/content?path=/agent01/nothing.log", Stop);

        Assert.Equal(
            [
                ("/agent01/app/dump.bin", AuditOutcome.Done, "10 bytes"),
                ("/agent01/app/dump.bin", AuditOutcome.Done, "3 bytes (bytes 2-4/10)"),
                ("/agent01/nothing.log", AuditOutcome.Refused, "status 404"),
            ],
            site.Audit.Entries.Where(entry => entry.Action == AuditActions.FileDownload).Select(entry => (entry.Subject, entry.Outcome, entry.Detail)));
    }

    [Fact]
    public async Task The_list_is_paged_by_cursor_and_its_link_header_leads_through_all_entries_that_match()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();
        for (var i = 0; i < 25; i++)
            await site.Audit.RecordAsync(new AuditEntry(DateTimeOffset.UtcNow, "ann", AuditBy.Cookie, "10.0.0.1", AuditActions.AccountChange, $"user{i}", AuditOutcome.Done));
        await site.Audit.RecordAsync(new AuditEntry(DateTimeOffset.UtcNow, "ben", AuditBy.Cookie, "10.0.0.2", AuditActions.SignOut, "", AuditOutcome.Done));

        var seen = new List<string>();
        for (var address = "/api/v1/audit?who=ann&action=account&take=10"; address is not null;)
        {
            using var answer = await client.GetAsync(address, Stop);
            var page = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("subject").GetString()!));
            var link = answer.Headers.TryGetValues("Link", out var links) ? links.Single() : null;
            Assert.Equal(link is null, page.GetProperty("next").ValueKind == JsonValueKind.Null);
            address = link is null ? null : link[1..link.IndexOf('>', StringComparison.Ordinal)];
        }

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"user{i}"), seen);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/api/v1/audit?cursor=nonsense!", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/api/v1/audit?outcome=perhaps", Stop)).StatusCode);
    }

    [Fact]
    public async Task The_export_holds_every_entry_beyond_a_page_and_no_formula()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();
        for (var i = 0; i < 1005; i++)
            await site.Audit.RecordAsync(new AuditEntry(DateTimeOffset.UnixEpoch, "ann", AuditBy.Cookie, "10.0.0.1", AuditActions.FileDownload, i == 0 ? "=cmd(\"x\"),1" : $"/a/{i}", AuditOutcome.Done));

        var csv = await client.GetAsync("/api/v1/audit/export?who=ann", Stop);
        var jsonl = await client.GetStringAsync("/api/v1/audit/export?who=ann&format=jsonl", Stop);

        Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", csv.Content.Headers.ContentDisposition!.DispositionType);
        var rows = (await csv.Content.ReadAsStringAsync(Stop)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1006, rows.Length);
        Assert.Contains("file.download,\"'=cmd(\"\"x\"\"),1\",done,", rows[^1], StringComparison.Ordinal);
        var lines = jsonl.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1005, lines.Length);
        Assert.Equal("=cmd(\"x\"),1", JsonDocument.Parse(lines[^1]).RootElement.GetProperty("subject").GetString());
        Assert.Equal(2, (await site.Audit.FindAsync(new AuditQuery { Action = AuditActions.AuditExport }, Stop)).Entries.Count);
    }

    [Fact]
    public async Task Every_route_that_gives_bytes_away_is_recorded()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);

        var giving = site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText is { } route && new[] { "/content", "/zip", "/archive", "/export", "/download" }.Any(route.TrimEnd('/').EndsWith))
            .ToList();

        Assert.Contains(giving, endpoint => endpoint.RoutePattern.RawText == "/api/v1/files/content");
        Assert.All(giving, endpoint => Assert.True(endpoint.Metadata.GetMetadata<AuditedRoute>() is not null, $"{endpoint.RoutePattern.RawText} has no AuditedRoute"));
    }
}
