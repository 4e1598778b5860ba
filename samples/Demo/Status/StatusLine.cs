using System.Globalization;

namespace ActorLogArchive.Demo.Status;

/// <summary>All agents' figures on one line.</summary>
public static class StatusLine
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public static string Of(IReadOnlyList<AgentStatus> agents, int expected)
    {
        var online = agents.Count(agent => agent.Health == "online");
        var backlog = agents.Sum(agent => agent.BacklogFiles ?? 0);
        var waiting = backlog == 0 ? "nothing waiting" : $"{backlog} files, {Size(agents.Sum(agent => agent.BacklogBytes ?? 0))} waiting";
        var line = $"{online} of {expected} agents online · archived {agents.Sum(agent => agent.ArchivedFiles ?? 0)} files, " +
            $"{Size(agents.Sum(agent => agent.ArchivedBytes ?? 0))} · {waiting} · {Size(agents.Sum(agent => agent.BytesPerSecond ?? 0))}/s";
        var troubled = agents.Where(agent => agent.Health is not ("online" or "unknown")).Select(agent => $"{agent.Id} is {agent.Health}{Error(agent)}");
        return string.Join(" · ", [line, .. troubled]);
    }

    /// <summary>A size in the unit that leaves it short.</summary>
    public static string Size(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1000 && unit < Units.Length - 1; unit++) bytes /= 1000;
        return bytes.ToString(unit == 0 || bytes >= 100 ? "F0" : "F1", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    private static string Error(AgentStatus agent) => agent.LastError is { } error ? $" ({error})" : "";
}
