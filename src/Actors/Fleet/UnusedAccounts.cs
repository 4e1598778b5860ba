using ActorLogArchive.Actors.Users;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>FTP accounts that look like those of agents: with a home of their own name, where they may store. Not for concurrent use.</summary>
internal sealed class UnusedAccounts
{
    private readonly SortedDictionary<string, UsersProtocol.UserAccount> _accounts = new(StringComparer.Ordinal);

    /// <summary>Takes all accounts in.</summary>
    /// <returns>Names that are new, changed or gone.</returns>
    public IReadOnlyList<string> Replace(IReadOnlyList<UsersProtocol.UserAccount> all)
    {
        var now = all.Where(IsForAgent).ToDictionary(account => account.Name, StringComparer.Ordinal);
        var changed = now.Values.Where(account => _accounts.GetValueOrDefault(account.Name) != account).Select(account => account.Name)
            .Concat(_accounts.Keys.Where(name => !now.ContainsKey(name))).ToList();
        _accounts.Clear();
        foreach (var account in now.Values)
        {
            _accounts.Add(account.Name, account);
        }

        return changed;
    }

    /// <summary>Takes one in.</summary>
    public IReadOnlyList<string> Put(UsersProtocol.UserAccount account)
    {
        if (!IsForAgent(account))
        {
            return Remove(account.Name);
        }

        _accounts[account.Name] = account;
        return [account.Name];
    }

    /// <summary>Takes one out.</summary>
    public IReadOnlyList<string> Remove(string name) => _accounts.Remove(name) ? [name] : [];

    /// <summary>The account as an agent that was never seen; null when there is none.</summary>
    public FleetProtocol.AgentView? View(string name)
    {
        if (!_accounts.TryGetValue(name, out var account))
        {
            return null;
        }

        var verdict = HealthRules.NeverSeen(name, account.IsDisabled);
        return new FleetProtocol.AgentView(name, verdict.Health, verdict.Reason, account.CreatedAt, account.CreatedAt, null, null, null) { ToDo = verdict.ToDo };
    }

    /// <summary>Those that no agent is known of.</summary>
    public IEnumerable<FleetProtocol.AgentView> Views(FleetState known) => _accounts.Keys.Where(name => !known.Agents.ContainsKey(name)).Select(name => View(name)!);

    private static bool IsForAgent(UsersProtocol.UserAccount account) => account.Home == "/" + account.Name && account.Permissions.Contains('w', StringComparison.Ordinal);
}
