using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Web.Views;

/// <summary>A permission with its letter and what it allows.</summary>
public sealed record PermissionChoice(char Letter, string Name, string Meaning)
{
    /// <summary>All of them, in the order in which a person thinks of them.</summary>
    public static IReadOnlyList<PermissionChoice> All { get; } =
    [
        new('e', "Enter folders", "CWD, CDUP"),
        new('l', "List", "LIST, MLSD, SIZE, STAT"),
        new('r', "Download", "RETR, HASH"),
        new('w', "Upload", "STOR"),
        new('a', "Append", "APPE, resumed uploads"),
        new('m', "Make folders", "MKD"),
        new('f', "Rename", "RNFR, RNTO"),
        new('d', "Delete", "DELE, RMD"),
        new('M', "Change mode", "SITE CHMOD"),
        new('T', "Set times", "MFMT"),
    ];

    /// <summary>Sets of letters for usual purposes.</summary>
    public static IReadOnlyList<(string Name, string Letters)> Presets { get; } =
        [("Agent", "elrafmwMT"), ("Read only", "elr"), ("Everything", "elradfmwMT")];
}

/// <summary>The fields of an account while a person edits them, and what is wrong with each.</summary>
public sealed partial class AccountForm
{
    private readonly Dictionary<string, string> _errors = [];

    /// <summary>Whether an account is being added, not changed.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Name of the account.</summary>
    public string Name { get; set; } = "";

    /// <summary>New password; empty leaves an existing one as it is.</summary>
    public string Password { get; set; } = "";

    /// <summary>Home folder; empty for <c>/&lt;name&gt;</c>.</summary>
    public string Home { get; set; } = "";

    /// <summary>Letters that are switched on.</summary>
    public HashSet<char> Letters { get; private init; } = [];

    /// <summary>Upload limit as typed.</summary>
    public string Upload { get; set; } = "";

    /// <summary>Download limit as typed.</summary>
    public string Download { get; set; } = "";

    /// <summary>What is wrong with no field in particular.</summary>
    public string? Error => ErrorOf("");

    /// <summary>An empty form with the permissions of an agent.</summary>
    public static AccountForm New() => new() { IsNew = true, Letters = [.. PermissionChoice.Presets[0].Letters] };

    /// <summary>The form of an existing account.</summary>
    public static AccountForm Of(UsersProtocol.UserAccount user) => new()
    {
        Name = user.Name,
        Home = user.Home,
        Letters = [.. user.Permissions],
        Upload = SpeedText.Write(user.UploadLimit),
        Download = SpeedText.Write(user.DownloadLimit),
    };

    /// <summary>A password of 20 letters and digits without look-alikes: about 115 bits.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 20);

    /// <summary>What is wrong with a field; null when nothing is.</summary>
    public string? ErrorOf(string field) => _errors.GetValueOrDefault(field);

    /// <summary>The permission letters in their usual order.</summary>
    public string Permissions => FtpPermissionLetters.TryParse(string.Concat(Letters), out var permissions, out _) ? permissions.ToLetters() : "";

    /// <summary>Checks what can be checked here; the account registry has the last word.</summary>
    public bool Check()
    {
        _errors.Clear();
        if (IsNew && !NamePattern().IsMatch(Name))
            _errors[nameof(Name)] = "1 to 64 letters, digits, dots, underscores or hyphens";
        if (IsNew && Password.Length == 0)
            _errors[nameof(Password)] = "A password is needed";
        if (Home.Length > 0 && (!Home.StartsWith('/') || !FtpPath.TryResolve(FtpPath.Root, Home, out _)))
            _errors[nameof(Home)] = "A folder of the archive, starting with /";
        if (!SpeedText.TryParse(Upload, out _))
            _errors[nameof(Upload)] = $"'{Upload}' is not a speed: {SpeedText.Hint}";
        if (!SpeedText.TryParse(Download, out _))
            _errors[nameof(Download)] = $"'{Download}' is not a speed: {SpeedText.Hint}";
        return _errors.Count == 0;
    }

    /// <summary>The command that adds the account.</summary>
    public UsersProtocol.AddUser ToAdd() => new(Name, Password, Home.Length == 0 ? null : Home, Permissions, Parse(Upload), Parse(Download));

    /// <summary>The command that changes the account.</summary>
    public UsersProtocol.ChangeUser ToChange() =>
        new(Name, Password.Length == 0 ? null : Password, Home.Length == 0 ? null : Home, Permissions, Parse(Upload), Parse(Download));

    /// <summary>Puts a refusal at the field it speaks of: the first one its reason names.</summary>
    public void Take(UsersProtocol.UserRejected rejected)
    {
        var field = rejected.Cause switch
        {
            UsersProtocol.RejectionCause.Exists => nameof(Name),
            UsersProtocol.RejectionCause.NotFound or UsersProtocol.RejectionCause.Busy => "",
            _ => FieldNamedIn(rejected.Reason),
        };
        _errors[field] = rejected.Reason;
    }

    private static string FieldNamedIn(string reason) =>
        new[] { (nameof(Password), "password"), (nameof(Home), "home"), (nameof(Letters), "permission"), (nameof(Upload), "upload"), (nameof(Download), "download"), (nameof(Name), "name") }
            .Select(field => (Field: field.Item1, At: reason.IndexOf(field.Item2, StringComparison.OrdinalIgnoreCase)))
            .Where(field => field.At >= 0)
            .OrderBy(field => field.At)
            .Select(field => field.Field)
            .FirstOrDefault("");

    private static long Parse(string text) => SpeedText.TryParse(text, out var limit) ? limit : 0;

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NamePattern();
}
