using System.ComponentModel;
using ActorLogArchive.Web.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class AgentsApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("All agents with their health and figures").Produces<AgentListModel>().ProducesProblem(503);
        group.MapGet("/{id}", GetAsync).WithSummary("One agent").Produces<AgentModel>().ProducesProblem(404).ProducesProblem(503);
        group.MapDelete("/{id}", ForgetAsync).WithSummary("Forgets an agent that is gone; its files stay")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> ListAsync(IArchiveGateway gateway, CancellationToken cancellationToken) =>
        Results.Ok(new AgentListModel([.. (await gateway.GetAgentsAsync(cancellationToken)).Select(AgentModel.From)]));

    private static async Task<IResult> GetAsync([Description("Id of the agent")] string id, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        var agent = (await gateway.GetAgentsAsync(cancellationToken)).FirstOrDefault(agent => agent.AgentId == id);
        return agent is null ? NoSuchAgent(id) : Results.Ok(AgentModel.From(agent));
    }

    private static async Task<IResult> ForgetAsync([Description("Id of the agent")] string id, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        if (!(await gateway.GetAgentsAsync(cancellationToken)).Any(agent => agent.AgentId == id))
            return NoSuchAgent(id);

        return await gateway.ForgetAgentAsync(id, cancellationToken) is { } refusal ? ApiProblems.Conflict(refusal) : Results.NoContent();
    }

    private static IResult NoSuchAgent(string id) => ApiProblems.NotFound($"There is no agent '{id}'; GET /api/v1/agents lists them.");
}
