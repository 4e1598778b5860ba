using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Users;

/// <summary>What happened to accounts: the journal of <see cref="UserRegistryActor"/>. Passwords are in it as hashes only.</summary>
public interface IUserEvent : IWireMessage;

/// <summary>The events.</summary>
public static class UserEvents
{
    /// <summary>An FTP account was added.</summary>
    public sealed record FtpUserAdded(
        string Name, PasswordHash Password, string Home, string Permissions, long UploadLimit, long DownloadLimit, DateTimeOffset At) : IUserEvent;

    /// <summary>An FTP account was changed; null fields stayed as they were.</summary>
    public sealed record FtpUserChanged(
        string Name, PasswordHash? Password, string? Home, string? Permissions, long? UploadLimit, long? DownloadLimit, DateTimeOffset At) : IUserEvent;

    /// <summary>What bounds an FTP account, beside what its addition told, is from now on this, as a whole.</summary>
    public sealed record FtpUserBounded(
        string Name, long QuotaBytes, long QuotaFiles, bool IsDisabled, DateTimeOffset? ExpiresAt, IReadOnlyList<string> AllowedAddresses, DateTimeOffset At) : IUserEvent
    {
        /// <summary>Equal when all values are, the networks in their order.</summary>
        public bool Equals(FtpUserBounded? other) =>
            other is not null
            && (Name, QuotaBytes, QuotaFiles, IsDisabled, ExpiresAt, At) == (other.Name, other.QuotaBytes, other.QuotaFiles, other.IsDisabled, other.ExpiresAt, other.At)
            && AllowedAddresses.SequenceEqual(other.AllowedAddresses, StringComparer.Ordinal);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Name, QuotaBytes, QuotaFiles, IsDisabled, ExpiresAt, At);
    }

    /// <summary>An FTP account was removed.</summary>
    public sealed record FtpUserRemoved(string Name, DateTimeOffset At) : IUserEvent;

    /// <summary>A web account was added.</summary>
    public sealed record WebUserAdded(string Name, string Role, PasswordHash Password, DateTimeOffset At) : IUserEvent;
}
