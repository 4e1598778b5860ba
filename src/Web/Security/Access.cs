using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Web.Security;

/// <summary>Who asks, and what they may: an account as it is now, or a token of one.</summary>
/// <param name="Name">The account.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Scope">Whose files and figures it may see.</param>
/// <param name="MustChangePassword">Whether it may do nothing but choose a password.</param>
/// <param name="TokenId">The token it came by; null for a person.</param>
public sealed record Access(string Name, WebRole Role, AgentScope Scope, bool MustChangePassword, string? TokenId);

/// <summary>The agents an account is confined to. What lies in another agent's folder does not exist for it.</summary>
public sealed class AgentScope
{
    private readonly FrozenSet<string>? _agents;

    private AgentScope(FrozenSet<string>? agents) => _agents = agents;

    /// <summary>No confinement.</summary>
    public static AgentScope All { get; } = new(null);

    /// <summary>Whether all agents are allowed.</summary>
    public bool IsAll => _agents is null;

    /// <summary>The agents, by id; empty where all are allowed.</summary>
    public IReadOnlyList<string> Agents => _agents is null ? [] : [.. _agents.Order(StringComparer.Ordinal)];

    /// <summary>The scope of stored lists, each of which allows all when it is empty: only what all of them allow.</summary>
    public static AgentScope Of(params ReadOnlySpan<IReadOnlyList<string>> lists)
    {
        IEnumerable<string>? left = null;
        foreach (var list in lists)
        {
            if (list.Count > 0)
                left = left is null ? list : [.. left.Intersect(list, StringComparer.Ordinal)];
        }

        return left is null ? All : new AgentScope(left.ToFrozenSet(StringComparer.Ordinal));
    }

    /// <summary>Whether an agent is in the scope.</summary>
    public bool Allows(string agent) => _agents is null || _agents.Contains(agent);

    /// <summary>
    /// Whether a path of the archive lies in the folder of an allowed agent. Judged is the path as it is after <c>..</c> and double slashes are
    /// resolved, and that one has to be used afterwards.
    /// </summary>
    public bool AllowsPath(string path, [NotNullWhen(true)] out string? resolved)
    {
        resolved = FtpPath.TryResolve(FtpPath.Root, path, out var canonical) ? canonical.Value : null;
        return resolved is not null && (_agents is null || _agents.Contains(AgentOf(resolved)));
    }

    /// <summary>The agent whose folder a resolved path lies in; empty for the root.</summary>
    public static string AgentOf(string path) => path.Split('/', 3) is [_, var agent, ..] ? agent : "";
}
