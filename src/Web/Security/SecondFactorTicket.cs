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
    public string? Read(string? ticket)
    {
        try
        {
            return ticket is { Length: > 0 and < 4096 } && _protector.Unprotect(ticket).Split('\n') is [var name, var stamp] && directory.Account(name)?.Stamp == stamp ? name : null;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }
}
