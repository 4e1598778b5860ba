using ActorLogArchive.Actors.Users;
using Microsoft.AspNetCore.DataProtection;

namespace ActorLogArchive.Web.Security;

/// <summary>Goes with the form that asks for the code: shows, signed and for a few minutes, that the password was right.</summary>
public sealed class SecondFactorTicket(IDataProtectionProvider protection, WebAccountDirectory directory)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("ActorLogArchive.SecondFactor").ToTimeLimitedDataProtector();

    /// <summary>For an account whose password was right.</summary>
    public string Write(UsersProtocol.WebAccount account) => _protector.Protect($"{account.Name}\n{account.Stamp}", GoodFor);

    /// <summary>The account's name; null when the ticket is too old, not ours, or of before a change of password.</summary>
    /// <exception cref="Gateway.ArchiveUnavailableException">The accounts cannot be asked, and what is known of them is too old.</exception>
    public async ValueTask<string?> ReadAsync(string? ticket, CancellationToken cancellationToken)
    {
        if (ticket is not { Length: > 0 and < 4096 })
            return null;

        try
        {
            return _protector.Unprotect(ticket).Split('\n') is [var name, var stamp] && await directory.IsCurrentAsync(name, stamp, cancellationToken) ? name : null;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }
}
