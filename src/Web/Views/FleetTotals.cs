using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Web.Views;

/// <summary>The whole at a glance: agents by state, what is archived, what is not yet.</summary>
/// <param name="States">Agents by state, worst first; only states that occur.</param>
/// <param name="Agents">All of them.</param>
/// <param name="BacklogFiles">Files not archived yet, over all agents.</param>
/// <param name="BacklogBytes">Their bytes: what is lost if the nodes burn down now.</param>
/// <param name="OldFigures">Agents whose figures in these sums are old.</param>
/// <param name="BytesPerSecond">What arrives now.</param>
/// <param name="Verdict">One sentence for the operator.</param>
/// <param name="Tone">Its colour.</param>
public sealed record FleetTotals(
    IReadOnlyList<(string Label, Tone Tone, int Count)> States,
    int Agents,
    long BacklogFiles,
    long BacklogBytes,
    int OldFigures,
    double BytesPerSecond,
    string Verdict,
    Tone Tone)
{
    /// <summary>Adds the agents up.</summary>
    public static FleetTotals From(IReadOnlyList<FleetProtocol.AgentView> agents, DateTimeOffset now)
    {
        var states = agents.GroupBy(agent => agent.Health)
            .Select(group => (Label: AgentRow.Label(group.Key), Tone: AgentRow.ToneOf(group.Key), Count: group.Count()))
            .OrderBy(state => state.Tone switch { Tone.Bad => 0, Tone.Warn => 1, Tone.Good => 2, _ => 3 })
            .ThenBy(state => state.Label, StringComparer.Ordinal)
            .ToArray();
        var backlogFiles = agents.Sum(agent => agent.LastReport?.BacklogFiles ?? 0);
        var backlogBytes = agents.Sum(agent => agent.LastReport?.BacklogBytes ?? 0);
        var old = agents.Count(agent => AgentRow.From(agent, now).FiguresAreOld);
        var rate = agents.Where(agent => AgentRow.ToneOf(agent.Health) is Tone.Good or Tone.Warn).Sum(agent => agent.LastReport?.BytesPerSecond ?? 0);
        var bad = agents.Count(agent => AgentRow.ToneOf(agent.Health) == Tone.Bad);
        var warn = agents.Count(agent => AgentRow.ToneOf(agent.Health) == Tone.Warn);
        var paused = agents.Count(agent => AgentRow.ToneOf(agent.Health) == Tone.Good && agent.LastReport is { IsPaused: true });
        var seen = agents.Count(agent => agent.Health != FleetProtocol.AgentHealth.NeverSeen);
        var (verdict, tone) = (seen, bad, warn, paused, backlogFiles) switch
        {
            (0, _, _, _, _) => ("No agent has reported yet", Tone.Quiet),
            (_, > 0, > 0, _, _) => ($"{Format.Count(bad, "agent", "agents")} out of reach, {Format.Count(warn)} to look at", Tone.Bad),
            (_, > 0, _, _, _) => ($"{Format.Count(bad, "agent", "agents")} out of reach", Tone.Bad),
            (_, _, > 0, _, _) => ($"{Format.Count(warn, "agent needs", "agents need")} a look", Tone.Warn),
            (_, _, _, > 0, _) => ($"All agents well, uploads of {Format.Count(paused)} paused", Tone.Warn),
            (_, _, _, _, > 0) => ("All agents well, uploads under way", Tone.Good),
            _ => ("All agents well, everything archived", Tone.Good),
        };
        return new FleetTotals(states, agents.Count, backlogFiles, backlogBytes, old, rate, verdict, tone);
    }
}
