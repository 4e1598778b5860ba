using System.Net;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.Web.Tests.Api;

public sealed class EventsApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_arrive_as_typed_events_and_only_those_asked_for()
    {
        await using var site = await ArchiveSite.StartAsync();
        await using var stream = await FollowAsync(site, "?types=agents,users");

        site.Gateway.Publish(new BridgeProtocol.SessionsChanged());
        site.Gateway.Set(Samples.Agent("agent01", FleetProtocol.AgentHealth.Unreachable, "its heartbeat stopped", DateTimeOffset.UtcNow));
        site.Gateway.Publish(new BridgeProtocol.UsersChanged());

        var agent = await stream.NextAsync();
        Assert.Equal("agent", agent.Type);
        Assert.Contains("\"health\":\"unreachable\"", agent.Data, StringComparison.Ordinal);
        Assert.Equal("users", (await stream.NextAsync()).Type);
    }

    [Fact]
    public async Task A_stream_that_broke_goes_on_after_the_last_event_had()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        string last;
        await using (var first = await FollowAsync(site))
        {
            site.Gateway.Publish(new BridgeProtocol.AgentRemoved("a"));
            last = (await first.NextAsync()).Id;
        }

        site.Gateway.Publish(new BridgeProtocol.AgentRemoved("b"));
        site.Gateway.Publish(new BridgeProtocol.AgentRemoved("c"));

        await using var second = await FollowAsync(site, lastId: last);
        Assert.Equal("{\"id\":\"b\"}", (await second.NextAsync()).Data);
        Assert.Equal("{\"id\":\"c\"}", (await second.NextAsync()).Data);
    }

    [Theory]
    [InlineData("18f0000000-7")]
    [InlineData("nonsense")]
    public async Task An_id_of_another_run_is_answered_by_a_reset(string lastId)
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        await using var stream = await FollowAsync(site, lastId: lastId);

        Assert.Equal("reset", (await stream.NextAsync()).Type);
    }

    [Fact]
    public async Task A_stop_of_the_archive_ends_the_stream_in_good_order()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        await using var stream = await FollowAsync(site);

        site.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal("stopping", (await stream.NextAsync()).Type);
        Assert.True(await stream.EndsAsync());
    }

    [Fact]
    public async Task A_confined_account_follows_its_agents_only_and_the_missed_ones_too()
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.AddWeb("confined", WebRole.Viewer, "agent01");
        HttpClient Confined() => site.Client("confined", FakeArchiveGateway.Password + FakeArchiveGateway.Password);
        string last;
        await using (var first = await FollowAsync(site, client: Confined()))
        {
            site.Gateway.Publish(new BridgeProtocol.AgentRemoved("db-primary"));
            site.Gateway.Publish(new BridgeProtocol.AgentRemoved("agent01"));
            var seen = await first.NextAsync();
            Assert.Equal("{\"id\":\"agent01\"}", seen.Data);
            last = seen.Id;
        }

        site.Gateway.Publish(new BridgeProtocol.AgentRemoved("web-frontend-02"));
        site.Gateway.Publish(new BridgeProtocol.AuditGrew());
        site.Gateway.Publish(new BridgeProtocol.SessionsChanged());

        await using var second = await FollowAsync(site, lastId: last, client: Confined());
        Assert.Equal("sessions", (await second.NextAsync()).Type);
    }

    [Fact]
    public async Task A_bad_choice_is_told()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();

        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/api/v1/events?types=weather", Stop)).StatusCode);
    }

    private static async Task<EventReader> FollowAsync(ArchiveSite site, string query = "", string? lastId = null, HttpClient? client = null)
    {
        client ??= site.SignedIn();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events" + query);
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        return new EventReader(client, new StreamReader(await answer.Content.ReadAsStreamAsync(Stop)));
    }

    private sealed class EventReader(HttpClient client, StreamReader reader) : IAsyncDisposable
    {
        public async Task<(string Id, string Type, string Data)> NextAsync()
        {
            var (id, type, data) = ("", "", "");
            while (await reader.ReadLineAsync(Stop) is { } line)
            {
                if (line.Length == 0 && type.Length > 0)
                    return (id, type, data);
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                    id = line[4..];
                else if (line.StartsWith("event: ", StringComparison.Ordinal))
                    type = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    data = line[6..];
            }

            throw new EndOfStreamException("the stream ended");
        }

        public async Task<bool> EndsAsync()
        {
            while (await reader.ReadLineAsync(Stop) is not null)
            {
            }

            return true;
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            client.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
