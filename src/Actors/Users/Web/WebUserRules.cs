namespace ActorLogArchive.Actors.Users.Web;

/// <summary>What the values of a web account may be; null when a value is fine, else what is wrong and what is allowed.</summary>
public static class WebUserRules
{
    /// <summary>Shortest password of a web account, characters.</summary>
    public const int MinPasswordLength = 8;

    private const int MostAgents = 500;

    /// <summary>Checks a password; its text is never part of the answer.</summary>
    public static string? CheckPassword(string? password) =>
        UserRules.CheckPassword(password)
        ?? (password!.Length < MinPasswordLength ? $"password has {password.Length} characters; allowed are {MinPasswordLength} to {UserRules.MaxPasswordLength}" : null);

    /// <summary>Checks a role.</summary>
    public static string? CheckRole(string? role) =>
        WebRoles.TryParse(role, out _) ? null : $"role '{UserRules.Shorten(role ?? "")}' is not one; allowed are {WebRoles.Allowed}";

    /// <summary>Checks a scope.</summary>
    public static string? CheckAgents(IReadOnlyList<string>? agents) => agents switch
    {
        { Count: > MostAgents } => $"{agents.Count} agents are too many; allowed are {MostAgents}, or none for all",
        not null when agents.FirstOrDefault(agent => UserRules.CheckName(agent) is not null) is { } wrong =>
            $"agent '{UserRules.Shorten(wrong)}' is not an id; allowed are 1 to 64 of A-Z a-z 0-9 . _ -",
        not null when agents.Any(agent => agent is null) => "an agent's id is missing; allowed are 1 to 64 of A-Z a-z 0-9 . _ -",
        _ => null,
    };

    /// <summary>An admin can give anybody any scope, its own included: a scope of an admin would hold nothing back.</summary>
    public static string? CheckScope(string role, IReadOnlyList<string> agents) =>
        role == WebRole.Admin.Name() && agents.Count > 0
            ? "an admin can change every scope, its own too, so it cannot be scoped to agents; leave the agents empty, or choose the role operator"
            : null;

    /// <summary>Checks what a token is called.</summary>
    public static string? CheckTokenName(string? name) =>
        name is { Length: > 0 and <= 64 } && !name.Any(char.IsControl) && name.Trim().Length > 0 ? null : "name of the token must have 1 to 64 characters, such as 'nightly export'";
}
