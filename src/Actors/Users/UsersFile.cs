using System.Text.Json;

namespace ActorLogArchive.Actors.Users;

/// <summary>An account of a users file: either a password in clear, or its hash.</summary>
public sealed record UsersFileAccount(string Name, string? Password, PasswordHash? PasswordHash, string Home, string Permissions, long UploadLimit, long DownloadLimit)
{
    /// <summary>See <see cref="UsersProtocol.UserAccount.QuotaBytes"/>.</summary>
    public long QuotaBytes { get; init; }

    /// <summary>See <see cref="UsersProtocol.UserAccount.QuotaFiles"/>.</summary>
    public long QuotaFiles { get; init; }

    /// <summary>See <see cref="UsersProtocol.UserAccount.IsDisabled"/>.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>See <see cref="UsersProtocol.UserAccount.ExpiresAt"/>.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>See <see cref="UsersProtocol.UserAccount.AllowedAddresses"/>.</summary>
    public IReadOnlyList<string> AllowedAddresses { get; init; } = [];

    /// <summary>The events that add it, once its password is hashed.</summary>
    internal IEnumerable<IUserEvent> ToEvents(DateTimeOffset now)
    {
        yield return new UserEvents.FtpUserAdded(Name, PasswordHash!, Home, Permissions, UploadLimit, DownloadLimit, now);
        if (QuotaBytes > 0 || QuotaFiles > 0 || IsDisabled || ExpiresAt is not null || AllowedAddresses.Count > 0)
        {
            yield return new UserEvents.FtpUserBounded(Name, QuotaBytes, QuotaFiles, IsDisabled, ExpiresAt, AllowedAddresses, now);
        }
    }

    /// <summary>Text form without the password.</summary>
    public override string ToString() => $"UsersFileAccount {{ Name = {Name} }}";
}

/// <summary>A users file that cannot be taken in. Its message names file, account, key, value and what is allowed.</summary>
public sealed class UsersFileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Reads the file of setting <c>log-archive.archive.users-file</c>:
/// <c>{"agent01": {"passwd": "…", "perm": "elradfmwMT", "home": "/x", "upload-limit": 0, "download-limit": 0, "quota-bytes": 0,
/// "quota-files": 0, "disabled": false, "expires": "2030-01-01T00:00:00Z", "allowed-addresses": ["10.0.0.0/8"]}}</c>.
/// <c>passwd</c> may be an Argon2id hash in PHC format. Home defaults to <c>/&lt;name&gt;</c>, for <c>admin</c> to <c>/</c>.
/// </summary>
public static class UsersFile
{
    private const string Administrator = "admin";
    private const string Keys = "passwd, perm, home, upload-limit, download-limit, quota-bytes, quota-files, disabled, expires, allowed-addresses";

    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
    };

    /// <summary>Reads and validates a file, without touching anything else.</summary>
    /// <exception cref="UsersFileException">It cannot be read, or a value is not acceptable.</exception>
    public static IReadOnlyList<UsersFileAccount> Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsersFileException($"users-file '{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Validates the content of a file; <paramref name="source"/> names it in errors.</summary>
    /// <exception cref="UsersFileException">A value is not acceptable.</exception>
    public static IReadOnlyList<UsersFileAccount> Parse(string json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new UsersFileException($"users-file '{source}': expected an object of accounts, found {Kind(document.RootElement)}");
            }

            return [.. document.RootElement.EnumerateObject().Select(property => ReadAccount(property, source))];
        }
        catch (JsonException error)
        {
            // The parser's message may quote the text around the fault, which may be a password: only the position is told.
            throw new UsersFileException($"users-file '{source}' is not valid JSON (a name given twice counts): line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}");
        }
    }

    /// <summary>Reads what is acceptable of a file, and why the rest is not: for taking accounts in while the archive runs.</summary>
    /// <exception cref="UsersFileException">It is no JSON object.</exception>
    public static IReadOnlyList<(string Name, UsersFileAccount? Account, string? Error)> ParseEach(string json, string source)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Lenient);
        }
        catch (JsonException error)
        {
            throw new UsersFileException($"'{source}' is not valid JSON (a name given twice counts): line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}");
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new UsersFileException($"'{source}': expected an object of accounts, found {Kind(document.RootElement)}");
            }

            return [.. document.RootElement.EnumerateObject().Select(property =>
            {
                try
                {
                    return (property.Name, ReadAccount(property, source), (string?)null);
                }
                catch (UsersFileException refused)
                {
                    return (property.Name, (UsersFileAccount?)null, refused.Message);
                }
            })];
        }
    }

    private static UsersFileAccount ReadAccount(JsonProperty property, string source)
    {
        var name = property.Name;
        var where = $"users-file '{source}', account '{UserRules.Shorten(name)}'";
        if (UserRules.CheckName(name) is { } wrongName)
        {
            throw new UsersFileException($"{where}: {wrongName}");
        }

        if (property.Value.ValueKind != JsonValueKind.Object)
        {
            throw new UsersFileException($"{where}: expected an object with {Keys}, found {Kind(property.Value)}");
        }

        string? password = null, permissions = null, home = null;
        long upload = 0, download = 0, quotaBytes = 0, quotaFiles = 0;
        var isDisabled = false;
        DateTimeOffset? expires = null;
        IReadOnlyList<string> addresses = [];
        foreach (var field in property.Value.EnumerateObject())
        {
            switch (field.Name)
            {
                case "passwd":
                    password = Text(field, where);
                    break;
                case "perm":
                    permissions = Text(field, where);
                    break;
                case "home":
                    home = Text(field, where);
                    break;
                case "upload-limit":
                    upload = Number(field, where);
                    break;
                case "download-limit":
                    download = Number(field, where);
                    break;
                case "quota-bytes":
                    quotaBytes = Number(field, where);
                    break;
                case "quota-files":
                    quotaFiles = Number(field, where);
                    break;
                case "disabled":
                    isDisabled = Flag(field, where);
                    break;
                case "expires":
                    expires = Time(field, where);
                    break;
                case "allowed-addresses":
                    addresses = Texts(field, where);
                    break;
                default:
                    throw new UsersFileException($"{where}: unknown key '{UserRules.Shorten(field.Name)}'; allowed are {Keys}");
            }
        }

        home ??= name == Administrator ? "/" : UserRegistryState.DefaultHome(name);
        Require(where, "passwd", password is null ? $"is missing; allowed are 1 to {UserRules.MaxPasswordLength} characters, or a hash $argon2id$…" : UserRules.CheckPassword(password));
        Require(where, "perm", UserRules.CheckPermissions(permissions));
        Require(where, "home", UserRules.CheckHome(home));
        Require(where, "upload-limit", UserRules.CheckLimit("upload limit", upload));
        Require(where, "download-limit", UserRules.CheckLimit("download limit", download));
        Require(where, "quota-bytes", UserRules.CheckQuota("quota of bytes", quotaBytes));
        Require(where, "quota-files", UserRules.CheckQuota("quota of files", quotaFiles));
        Require(where, "allowed-addresses", UserRules.CheckAddresses(addresses));

        var account = new UsersFileAccount(name, password, null, home, permissions!, upload, download)
        {
            QuotaBytes = quotaBytes,
            QuotaFiles = quotaFiles,
            IsDisabled = isDisabled,
            ExpiresAt = expires,
            AllowedAddresses = addresses,
        };
        if (!password!.StartsWith("$argon2id$", StringComparison.Ordinal))
        {
            return account;
        }

        return PasswordHash.TryParse(password, out var hash, out var error)
            ? account with { Password = null, PasswordHash = hash }
            : throw new UsersFileException($"{where}, key 'passwd': the hash is {error}");
    }

    private static void Require(string where, string key, string? error)
    {
        if (error is not null)
        {
            throw new UsersFileException($"{where}, key '{key}': {error}");
        }
    }

    private static string Text(JsonProperty field, string where) => field.Value.ValueKind == JsonValueKind.String
        ? field.Value.GetString()!
        : throw new UsersFileException($"{where}, key '{field.Name}': expected a string, found {Kind(field.Value)}");

    private static long Number(JsonProperty field, string where) => field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt64(out var number)
        ? number
        : throw new UsersFileException($"{where}, key '{field.Name}': expected a whole number, found {Kind(field.Value)}");

    private static bool Flag(JsonProperty field, string where) => field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? field.Value.GetBoolean()
        : throw new UsersFileException($"{where}, key '{field.Name}': expected true or false, found {Kind(field.Value)}");

    private static DateTimeOffset Time(JsonProperty field, string where) => field.Value.ValueKind == JsonValueKind.String && field.Value.TryGetDateTimeOffset(out var time)
        ? time
        : throw new UsersFileException($"{where}, key '{field.Name}': expected a time such as 2030-01-01T00:00:00Z, found {Kind(field.Value)}");

    private static IReadOnlyList<string> Texts(JsonProperty field, string where) =>
        field.Value.ValueKind == JsonValueKind.Array && field.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. field.Value.EnumerateArray().Select(item => item.GetString()!)]
            : throw new UsersFileException($"{where}, key '{field.Name}': expected a list of texts, found {Kind(field.Value)}");

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {UserRules.Shorten(element.GetRawText())}",
        _ => element.GetRawText(),
    };
}
