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

    /// <summary>An FTP account was removed.</summary>
    public sealed record FtpUserRemoved(string Name, DateTimeOffset At) : IUserEvent;

    /// <summary>A web account was added.</summary>
    public sealed record WebUserAdded(string Name, string Role, PasswordHash Password, DateTimeOffset At) : IUserEvent;
}
