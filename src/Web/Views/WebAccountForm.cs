using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Web.Views;

/// <summary>A role with what it may, for a person to choose.</summary>
public sealed record RoleChoice(WebRole Role, string Meaning);

/// <summary>The fields of a web account while an admin edits them.</summary>
public sealed class WebAccountForm
{
    /// <summary>All roles.</summary>
    public static IReadOnlyList<RoleChoice> Roles { get; } =
    [
        new(WebRole.Viewer, "look, read, search, download"),
        new(WebRole.Operator, "also command agents, end sessions, lift bans"),
        new(WebRole.Admin, "also manage accounts"),
    ];

    /// <summary>Whether an account is being added.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The first password, of a new account.</summary>
    public string Password { get; set; } = "";

    /// <summary>Its role.</summary>
    public string Role { get; set; } = WebRole.Viewer.Name();

    /// <summary>Ids of agents as typed.</summary>
    public string Agents { get; set; } = "";

    /// <summary>Whether it may not come in.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>What is wrong; null when nothing is.</summary>
    public string? Error { get; set; }

    /// <summary>An empty form, with a password made up.</summary>
    public static WebAccountForm New() => new() { IsNew = true, Password = PasswordGenerator.Create() };

    /// <summary>The form of an existing account.</summary>
    public static WebAccountForm Of(UsersProtocol.WebAccount account) =>
        new() { Name = account.Name, Role = account.Role, Agents = string.Join(", ", account.Agents), IsDisabled = account.IsDisabled };

    /// <summary>A role with what it may: <c>viewer – look, read, search, download</c>.</summary>
    public static string Describe(string role) =>
        Roles.FirstOrDefault(choice => choice.Role.Name() == role) is { } known ? $"{role} – {known.Meaning}" : role;

    /// <summary>Ids that are separated by commas, semicolons or spaces.</summary>
    public static IReadOnlyList<string> ParseAgents(string text) =>
        [.. text.Split([',', ';', ' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];

    /// <summary>The command that adds the account. Its password is one-time.</summary>
    public WebUsersProtocol.AddWebUser ToAdd() => new(Name.Trim(), Password, Role, ParseAgents(Agents), MustChangePassword: true);

    /// <summary>The command that changes the account.</summary>
    public WebUsersProtocol.ChangeWebUser ToChange() => new(Name, Role, ParseAgents(Agents), IsDisabled);
}
