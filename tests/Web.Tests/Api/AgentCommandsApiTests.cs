using System.Net.Http.Json;
using System.Text.Json;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Web.Tests.Fakes;

namespace ActorLogArchive.Web.Tests.Api;

/// <summary>Commands to agents over the API: what they answer when all is well, and each way it is not.</summary>
public sealed class AgentCommandsApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"command":"pause"}""", true, null)]
    [InlineData("""{"command":"resume"}""", false, null)]
    [InlineData("""{"command":"rescan"}""", false, null)]
    [InlineData("""{"command":"bandwidth","bytesPerSecond":50000}""", false, 50000L)]
    [InlineData("""{"command":"bandwidth","bytesPerSecond":0}""", false, 0L)]
    public async Task A_command_tells_how_uploads_are_held_back_after_it(string body, bool paused, long? limit)
    {
        var (status, answer) = await CommandAsync("agent01", body);

        Assert.Equal(200, status);
        Assert.Equal(paused, answer.GetProperty("paused").GetBoolean());
        Assert.Equal(limit, answer.GetProperty("bandwidthLimit") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null);
    }

    [Theory]
    [InlineData("{}", "command")]
    [InlineData("""{"command":"stop"}""", "pause, resume, rescan or bandwidth")]
    [InlineData("""{"command":"pause","bytesPerSecond":50000}""", "bytesPerSecond")]
    [InlineData("""{"command":"bandwidth","bytesPerSecond":5}""", "at least")]
    [InlineData("""{"command":"bandwidth","bytesPerSecond":-1}""", "at least")]
    [InlineData("""{"command":"bandwidth","bytesPerSecond":"fast"}""", "")]
    [InlineData("not json", "")]
    public async Task A_command_that_makes_no_sense_is_refused_with_what_is_wrong(string body, string said)
    {
        var (status, answer) = await CommandAsync("agent01", body);

        Assert.Equal(400, status);
        Assert.Contains(said, answer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FleetProtocol.CommandRefusal.Refused, 409)]
    [InlineData(FleetProtocol.CommandRefusal.Unknown, 404)]
    [InlineData(FleetProtocol.CommandRefusal.Unreachable, 503)]
    [InlineData(FleetProtocol.CommandRefusal.TimedOut, 504)]
    public async Task What_keeps_an_agent_from_obeying_has_a_status_of_its_own(FleetProtocol.CommandRefusal cause, int expected)
    {
        var (status, answer) = await CommandAsync("agent01", """{"command":"rescan"}""", new FleetProtocol.AgentCommandRefused(cause, "for a reason of its own"));

        Assert.Equal(expected, status);
        Assert.Contains(cause == FleetProtocol.CommandRefusal.Unknown ? "There is no agent 'agent01'" : "for a reason of its own", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<(int Status, JsonElement Answer)> CommandAsync(string agent, string body, FleetProtocol.AgentCommandRefused? refusal = null)
    {
        await using var site = await ArchiveSite.StartAsync();
        site.Gateway.CommandRefusal = refusal;
        using var client = site.SignedIn();
        using var answer = await client.PostAsync($"/api/v1/agents/{agent}/commands", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Stop);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Stop));
    }
}
