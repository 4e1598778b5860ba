using System.Text.RegularExpressions;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Users;

/// <summary>
/// What the values of an account may be. Each check answers null when the value is fine, else what is wrong, with which
/// value (never a password), and what is allowed.
/// </summary>
public static partial class UserRules
{
    private const int MostAddresses = 64;

    /// <summary>Longest password, characters.</summary>
    public const int MaxPasswordLength = 1024;

    /// <summary>Checks an account's name: it is also the name of a folder.</summary>
    public static string? CheckName(string? name) => name switch
    {
        null or "" => "name is empty; allowed are 1 to 64 of A-Z a-z 0-9 . _ -",
        "." or ".." => $"name '{name}' is not allowed: it means a folder to every file system",
        _ => NameFormat().IsMatch(name) ? null : $"name '{Shorten(name)}' is not allowed; allowed are 1 to 64 of A-Z a-z 0-9 . _ -",
    };

    /// <summary>Checks the length of a password; its text is never part of the answer.</summary>
    public static string? CheckPassword(string? password) => password?.Length switch
    {
        null or 0 => $"password is empty; allowed are 1 to {MaxPasswordLength} characters",
        > MaxPasswordLength => $"password has {password.Length} characters; allowed are 1 to {MaxPasswordLength}",
        _ => null,
    };

    /// <summary>Checks permission letters.</summary>
    public static string? CheckPermissions(string? letters)
    {
        if (letters is null)
        {
            return "permissions are missing; allowed are letters of elradfmwMT";
        }

        if (letters.Length > 64)
        {
            return $"permissions '{Shorten(letters)}' are too long; allowed are letters of elradfmwMT";
        }

        return FtpPermissionLetters.TryParse(letters, out _, out var error) ? null : $"permissions: {error}";
    }

    /// <summary>Checks a home folder.</summary>
    public static string? CheckHome(string? home) =>
        home is not null && home.StartsWith('/') && FtpPath.TryResolve(FtpPath.Root, home, out _)
            ? null
            : $"home '{Shorten(home ?? "")}' is not allowed; allowed is an absolute path of the archive such as /agent01, without .. above /, NUL or CR, at most {FtpPath.MaxLength} characters";

    /// <summary>Checks a speed limit.</summary>
    public static string? CheckLimit(string key, long limit) =>
        limit >= 0 ? null : $"{key} {limit} is not allowed; allowed are 0 (unlimited) or more bytes per second";

    /// <summary>Checks a quota.</summary>
    public static string? CheckQuota(string key, long quota) => quota >= 0 ? null : $"{key} {quota} is not allowed; allowed are 0 (unlimited) or more";

    /// <summary>Checks the networks an account may come from.</summary>
    public static string? CheckAddresses(IReadOnlyList<string>? networks)
    {
        if (networks?.Count > MostAddresses)
        {
            return $"{networks.Count} allowed addresses are too many; allowed are {MostAddresses}";
        }

        return networks?.FirstOrDefault(network => network is null || !AddressRanges.TryParse(network, out _)) is { } wrong
            ? $"allowed address '{Shorten(wrong)}' is not one; allowed are addresses and networks such as 10.1.0.0/16, 192.0.2.7, 2001:db8::/32"
            : null;
    }

    internal static string Shorten(string value) => value.Length <= 80 ? value : value[..80] + "…";

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NameFormat();
}
