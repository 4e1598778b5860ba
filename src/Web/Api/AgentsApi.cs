using System.ComponentModel;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class AgentsApi
{
    private const int MaxPathLength = 4096;

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("All agents with their health and figures").Produces<AgentListModel>().Produces(304).ProducesValidationProblem().ProducesProblem(503);
        group.MapGet("/{id}", GetAsync).WithSummary("One agent").Produces<AgentModel>().Produces(304).ProducesProblem(404).ProducesProblem(503);
        group.MapDelete("/{id}", ForgetAsync).WithSummary("Forgets an agent that is gone; its files stay")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(409).RequireAuthorization(ArchivePolicies.Operate);
        group.MapPost("/{id}/commands", CommandAsync).WithSummary("Has an agent pause, resume, rescan, or keep to a bandwidth until told otherwise or restarted")
            .Produces<AgentCommandDoneModel>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).ProducesProblem(504)
            .RequireAuthorization(ArchivePolicies.Operate);
        group.MapGet("/{id}/history", HistoryAsync).WithSummary("How an agent was over the last days")
            .Produces<AgentHistoryModel>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(503);
        group.MapGet("/{id}/explain", ExplainAsync).WithSummary("Why a file of an agent's node is not archived, or where it went; the agent answers")
            .Produces<ExplanationModel>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).ProducesProblem(504);
        group.MapPost("/{id}/verification", VerifyAsync).WithSummary("Has an agent compare its files with the archive")
            .Produces<VerificationStartedModel>(StatusCodes.Status202Accepted).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).ProducesProblem(504)
            .RequireAuthorization(ArchivePolicies.Operate);
        group.MapGet("/{id}/verification", VerificationAsync).WithSummary("The comparison that an agent makes or made last")
            .Produces<VerificationModel>().ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<IResult> CommandAsync([Description("Id of the agent")] string id, AgentCommandModel body, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        FleetProtocol.AgentCommandKind? kind = arguments.Required("command", body.Command) switch
        {
            "pause" => FleetProtocol.AgentCommandKind.Pause,
            "resume" => FleetProtocol.AgentCommandKind.Resume,
            "rescan" => FleetProtocol.AgentCommandKind.Rescan,
            "bandwidth" => FleetProtocol.AgentCommandKind.Bandwidth,
            _ => null,
        };
        if (kind is null && !string.IsNullOrEmpty(body.Command))
            arguments.Reject("command", "pause, resume, rescan or bandwidth is allowed");
        if (body.BytesPerSecond is { } rate && (kind != FleetProtocol.AgentCommandKind.Bandwidth || (rate != 0 && rate < BandwidthSchedule.LeastRate)))
            arguments.Reject("bytesPerSecond", $"with bandwidth only: 0 for any number, or at least {BandwidthSchedule.LeastRate}");
        if (arguments.Problem is { } problem)
            return problem;

        return await gateway.CommandAgentAsync(new FleetProtocol.CommandAgent(id, kind!.Value, body.BytesPerSecond), cancellationToken) switch
        {
            FleetProtocol.AgentCommandDone done => Results.Ok(new AgentCommandDoneModel(done.IsPaused, done.BandwidthLimit)),
            var other => Refused(id, other),
        };
    }

    private static IResult Refused(string id, object answer) => answer switch
    {
        FleetProtocol.AgentCommandRefused { Cause: FleetProtocol.CommandRefusal.Unknown } => NoSuchAgent(id),
        FleetProtocol.AgentCommandRefused { Cause: FleetProtocol.CommandRefusal.Unreachable } refused =>
            Results.Problem(refused.Reason, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The agent cannot be reached."),
        FleetProtocol.AgentCommandRefused { Cause: FleetProtocol.CommandRefusal.TimedOut } refused =>
            Results.Problem(refused.Reason, statusCode: StatusCodes.Status504GatewayTimeout, title: "The agent did not answer."),
        FleetProtocol.AgentCommandRefused refused => ApiProblems.Conflict(refused.Reason),
        var other => throw new InvalidOperationException($"{other.GetType()} is no answer to a command"),
    };

    private static async Task<IResult> HistoryAsync(
        [Description("Id of the agent")] string id, [Description("How many days back, 1 to 30; 30 when left out")] string? days, IArchiveGateway gateway, TimeProvider clock, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        var back = arguments.Integer("days", days, 30, 1, 30);
        if (arguments.Problem is { } problem)
            return problem;
        if (!(await gateway.GetAgentsAsync(cancellationToken)).Any(agent => agent.AgentId == id))
            return NoSuchAgent(id);

        var now = clock.GetUtcNow();
        var timeline = await gateway.GetTimelineAsync(id, now - TimeSpan.FromDays(back), now, cancellationToken);
        return Results.Ok(new AgentHistoryModel(
            id, timeline.From, timeline.To,
            [.. timeline.Spans.Select(span => new AgentHistorySpanModel(span.From, span.To, span.Health is { } health ? ApiNames.Of(health) : null, span.Reason))]));
    }

    private static async Task<IResult> ExplainAsync(
        [Description("Id of the agent")] string id, [Description("Path on the node, or in the archive")] string? path, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        var arguments = new ApiArguments();
        if (arguments.Required("path", path).Length > MaxPathLength)
            arguments.Reject("path", $"a path of at most {MaxPathLength} characters is allowed");
        if (arguments.Problem is { } problem)
            return problem;

        return await gateway.ExplainPathAsync(new FleetProtocol.ExplainPath(id, path!), cancellationToken) switch
        {
            FleetProtocol.PathExplained explained => Results.Ok(new ExplanationModel(
                explained.Path, ApiNames.OfCause(explained.Standing), explained.Answer, explained.Advice, explained.Next, [.. explained.Facts.Select(fact => new FactModel(fact.Name, fact.Value))])),
            var other => Refused(id, other),
        };
    }

    private static async Task<IResult> VerifyAsync([Description("Id of the agent")] string id, VerifyModel body, IArchiveGateway gateway, CancellationToken cancellationToken) =>
        await gateway.VerifyAgentAsync(new FleetProtocol.VerifyAgent(id, body.Full), cancellationToken) switch
        {
            FleetProtocol.VerificationStarted started => Results.Accepted(
                $"/api/v1/agents/{Uri.EscapeDataString(id)}/verification", new VerificationStartedModel(started.StartedAt, started.WasRunning)),
            var other => Refused(id, other),
        };

    private static async Task<IResult> VerificationAsync([Description("Id of the agent")] string id, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        var agent = (await gateway.GetAgentsAsync(cancellationToken)).FirstOrDefault(agent => agent.AgentId == id);
        return agent is null ? NoSuchAgent(id)
            : agent.LastReport?.Details?.Verification is { } figures ? Results.Ok(VerificationModel.From(figures))
            : ApiProblems.NotFound($"Agent '{id}' has not been asked to compare since its start; POST the same address to ask.");
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        IArchiveGateway gateway,
        CancellationToken cancellationToken,
        [Description(ApiCursor.Help)] string? cursor = null,
        [Description("Agents to return, 1 to 1000")] string? take = null)
    {
        var arguments = new ApiArguments();
        var (after, most) = (arguments.Text(cursor), (int)arguments.Integer("take", take, 500, 1, 1000));
        if (arguments.Problem is { } problem)
            return problem;

        var (page, next) = ApiCursor.Page(await gateway.GetAgentsAsync(cancellationToken), agent => agent.AgentId, after, most);
        ApiCursor.LinkNext(context, next);
        return ApiETag.Ok(context, new AgentListModel([.. page.Select(AgentModel.From)]) { Next = next });
    }

    private static async Task<IResult> GetAsync(HttpContext context, [Description("Id of the agent")] string id, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        var agent = (await gateway.GetAgentsAsync(cancellationToken)).FirstOrDefault(agent => agent.AgentId == id);
        return agent is null ? NoSuchAgent(id) : ApiETag.Ok(context, AgentModel.WithDetails(agent));
    }

    private static async Task<IResult> ForgetAsync([Description("Id of the agent")] string id, IArchiveGateway gateway, CancellationToken cancellationToken)
    {
        if (!(await gateway.GetAgentsAsync(cancellationToken)).Any(agent => agent.AgentId == id))
            return NoSuchAgent(id);

        return await gateway.ForgetAgentAsync(id, cancellationToken) is { } refusal ? ApiProblems.Conflict(refusal) : Results.NoContent();
    }

    private static IResult NoSuchAgent(string id) => ApiProblems.NotFound($"There is no agent '{id}'; GET /api/v1/agents lists them.");
}
