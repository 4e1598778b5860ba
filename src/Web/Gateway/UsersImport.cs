using System.Text;
using ActorLogArchive.Actors.Users;

namespace ActorLogArchive.Web.Gateway;

/// <summary>An account that an import adds; <paramref name="Note"/> is what an operator should look at.</summary>
public sealed record ImportedUser(string Name, string Home, string Permissions, string? Note);

/// <summary>An account that an import does not add.</summary>
public sealed record RefusedUser(string Name, string Reason);

/// <summary>What an import did, or would do.</summary>
public sealed record UsersImportResult(bool DryRun, IReadOnlyList<ImportedUser> Added, IReadOnlyList<RefusedUser> Refused);

/// <summary>
/// Takes FTP accounts in while the archive runs, from a users file or the older system's <c>userRecord.json</c>. Passwords in clear are hashed as those
/// of any account; an account that is there already stays as it is.
/// </summary>
public static class UsersImport
{
    /// <summary>Most bytes of a file.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int ShortPassword = 8;

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="UsersFileException">It is too big.</exception>
    public static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MaxBytes)
                throw new UsersFileException($"The file has more than {MaxBytes} bytes; a file of accounts is smaller.");
        }

        return Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length).TrimStart('\uFEFF');
    }

    /// <summary>Adds the accounts of a file, or says what adding them would do.</summary>
    /// <exception cref="UsersFileException">It is no file of accounts.</exception>
    public static async Task<UsersImportResult> RunAsync(IArchiveGateway gateway, string json, string source, bool dryRun, CancellationToken cancellationToken)
    {
        var taken = (await gateway.GetUsersAsync(cancellationToken)).Select(user => user.Name).ToHashSet(StringComparer.Ordinal);
        var (added, refused) = (new List<ImportedUser>(), new List<RefusedUser>());
        foreach (var (name, account, error) in UsersFile.ParseEach(json, source))
        {
            if (account is null)
                refused.Add(new RefusedUser(name, error!));
            else if (!taken.Add(name))
                refused.Add(new RefusedUser(name, $"there is an account '{name}' already; it stays as it is"));
            else if (!dryRun && (await gateway.AddUserAsync(ToAdd(account), cancellationToken)).Rejection is { } rejection)
                refused.Add(new RefusedUser(name, rejection.Reason));
            else
                added.Add(new ImportedUser(name, account.Home, account.Permissions, Note(account)));
        }

        return new UsersImportResult(dryRun, added, refused);
    }

    private static UsersProtocol.AddUser ToAdd(UsersFileAccount account) =>
        new(account.Name, account.Password ?? account.PasswordHash!.Phc, account.Home, account.Permissions, account.UploadLimit, account.DownloadLimit)
        {
            KnownHash = account.PasswordHash,
            QuotaBytes = account.QuotaBytes,
            QuotaFiles = account.QuotaFiles,
            IsDisabled = account.IsDisabled,
            ExpiresAt = account.ExpiresAt,
            AllowedAddresses = account.AllowedAddresses,
        };

    private static string? Note(UsersFileAccount account)
    {
        string?[] notes =
        [
            account.Password is { Length: < ShortPassword } ? $"its password has fewer than {ShortPassword} characters: give it a longer one" : null,
            account.Home == "/" ? "it reaches the whole archive" : null,
        ];
        return notes.Any(note => note is not null) ? string.Join("; ", notes.Where(note => note is not null)) : null;
    }
}
