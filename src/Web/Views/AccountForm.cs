using System.Globalization;
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
    private DateTimeOffset? _expiry;

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

    /// <summary>Bytes its home may hold, as typed.</summary>
    public string QuotaBytes { get; set; } = "";

    /// <summary>Files its home may hold, as typed.</summary>
    public string QuotaFiles { get; set; } = "";

    /// <summary>Networks it may come from, as typed.</summary>
    public string Addresses { get; set; } = "";

    /// <summary>The last day it may come in, UTC; null for no end.</summary>
    public DateTime? LastDay { get; set; }

    /// <summary>Whether it may not come in.</summary>
    public bool IsDisabled { get; set; }

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
        QuotaBytes = QuotaText.Write(user.QuotaBytes),
        QuotaFiles = user.QuotaFiles == 0 ? "" : user.QuotaFiles.ToString(CultureInfo.InvariantCulture),
        Addresses = string.Join(", ", user.AllowedAddresses),
        LastDay = LastDayBefore(user.ExpiresAt),
        _expiry = user.ExpiresAt,
        IsDisabled = user.IsDisabled,
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
        if (!QuotaText.TryParse(QuotaBytes, out _))
            _errors[nameof(QuotaBytes)] = $"'{QuotaBytes}' is not a size: {QuotaText.Hint}";
        if (!TryParseFiles(out _))
            _errors[nameof(QuotaFiles)] = $"'{QuotaFiles}' is not a number of files: e.g. 100000; empty for unlimited";
        if (UserRules.CheckAddresses(Networks) is { } wrong)
            _errors[nameof(Addresses)] = wrong;
        return _errors.Count == 0;
    }

    /// <summary>The command that adds the account.</summary>
    public UsersProtocol.AddUser ToAdd() => new(Name, Password, Home.Length == 0 ? null : Home, Permissions, Parse(Upload), Parse(Download))
    {
        QuotaBytes = QuotaText.TryParse(QuotaBytes, out var bytes) ? bytes : 0,
        QuotaFiles = TryParseFiles(out var files) ? files : 0,
        AllowedAddresses = Networks,
        ExpiresAt = Expiry,
        IsDisabled = IsDisabled,
    };

    /// <summary>The command that changes the account.</summary>
    public UsersProtocol.ChangeUser ToChange() =>
        new(Name, Password.Length == 0 ? null : Password, Home.Length == 0 ? null : Home, Permissions, Parse(Upload), Parse(Download))
        {
            QuotaBytes = QuotaText.TryParse(QuotaBytes, out var bytes) ? bytes : null,
            QuotaFiles = TryParseFiles(out var files) ? files : null,
            AllowedAddresses = Networks,
            ExpiresAt = Expiry ?? DateTimeOffset.MaxValue,
            IsDisabled = IsDisabled,
        };

    private IReadOnlyList<string> Networks => [.. Addresses.Split([',', ';', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    // A day that was not touched keeps the very moment, which may have been set by REST to any second.
    private DateTimeOffset? Expiry => LastDay == LastDayBefore(_expiry) ? _expiry : LastDay is { } day ? new DateTimeOffset(DateTime.SpecifyKind(day.Date, DateTimeKind.Utc)).AddDays(1) : null;

    private static DateTime? LastDayBefore(DateTimeOffset? expiry) => expiry is { } end && end > DateTimeOffset.MinValue ? end.UtcDateTime.AddTicks(-1).Date : null;

    private bool TryParseFiles(out long files)
    {
        files = 0;
        return QuotaFiles.Trim().Length == 0 || long.TryParse(QuotaFiles.Replace(",", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out files);
    }

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
        new[] { (nameof(Password), "password"), (nameof(Home), "home"), (nameof(Letters), "permission"), (nameof(Upload), "upload"), (nameof(Download), "download"), (nameof(QuotaBytes), "quota of bytes"), (nameof(QuotaFiles), "quota of files"), (nameof(Addresses), "allowed address"), (nameof(Name), "name") }
            .Select(field => (Field: field.Item1, At: reason.IndexOf(field.Item2, StringComparison.OrdinalIgnoreCase)))
            .Where(field => field.At >= 0)
            .OrderBy(field => field.At)
            .Select(field => field.Field)
            .FirstOrDefault("");

    private static long Parse(string text) => SpeedText.TryParse(text, out var limit) ? limit : 0;

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NamePattern();
}
