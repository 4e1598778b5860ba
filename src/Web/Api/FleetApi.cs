using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class FleetApi
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("", GetAsync).WithSummary("The whole fleet at a glance: agents by health, bytes at risk, what came in today and by the minute, latest events")
            .Produces<FleetModel>().ProducesProblem(503);

    private static async Task<IResult> GetAsync(IArchiveGateway gateway, ICatalogQueries catalog, CancellationToken cancellationToken)
    {
        var agents = await gateway.GetAgentsAsync(cancellationToken);
        var activity = await gateway.GetActivityAsync(cancellationToken);
        var totals = await catalog.GetTotalsAsync(cancellationToken);
        return Results.Ok(new FleetModel(
            activity.At,
            agents.GroupBy(agent => ApiNames.Of(agent.Health)).OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count()),
            agents.Sum(agent => agent.LastReport?.BacklogBytes ?? 0),
            agents.Sum(agent => agent.LastReport?.BacklogFiles ?? 0),
            activity.FilesToday,
            activity.BytesToday,
            activity.BytesPerSecond,
            totals.Files,
            totals.Bytes,
            activity.StorageFree,
            activity.StorageTotal,
            [.. activity.Minutes.Select(minute => new FleetMinuteModel(minute.At, minute.Bytes, minute.Files, minute.BacklogBytes, minute.BacklogFiles))],
            [.. activity.Events.Select(item => new FleetEventModel(item.At, item.AgentId, item.Kind, item.Text, item.Health is { } health ? ApiNames.Of(health) : null))]));
    }
}
