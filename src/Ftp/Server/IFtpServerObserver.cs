using System.Net;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Direction and kind of a transfer.</summary>
public enum FtpTransferKind
{
    /// <summary>STOR from the start of the file.</summary>
    Store,

    /// <summary>APPE, or STOR after REST.</summary>
    Append,

    /// <summary>RETR.</summary>
    Retrieve,
}

/// <summary>Something that happened on the server. Never holds a password.</summary>
public abstract record FtpServerEvent(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account);

/// <summary>A control connection was accepted.</summary>
public sealed record FtpSessionOpened(DateTimeOffset At, long SessionId, IPEndPoint Client)
    : FtpServerEvent(At, SessionId, Client, null);

/// <summary>An account signed in.</summary>
public sealed record FtpSignedIn(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A sign-in was refused, for <paramref name="Reason"/>.</summary>
public sealed record FtpSignInRefused(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, string Reason)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A transfer began at byte <paramref name="Offset"/> of <paramref name="Path"/>.</summary>
public sealed record FtpTransferBegan(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpTransferKind Kind, FtpPath Path, long Offset)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>
/// A transfer ended well: <paramref name="Bytes"/> were moved from <paramref name="Offset"/> on, the file is now
/// <paramref name="Size"/> bytes; <paramref name="Hash"/> is that of the bytes moved, when it was computed on the way.
/// </summary>
public sealed record FtpTransferCompleted(
    DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpTransferKind Kind, FtpPath Path, long Offset, long Bytes, long Size, FtpHash? Hash, TimeSpan Duration)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A transfer ended early, for <paramref name="Reason"/>; what arrived stays and can be resumed.</summary>
public sealed record FtpTransferAborted(
    DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpTransferKind Kind, FtpPath Path, long Offset, long Bytes, string Reason)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A file or folder was renamed.</summary>
public sealed record FtpRenamed(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath From, FtpPath To)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A file or folder was removed.</summary>
public sealed record FtpDeleted(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath Path, bool IsDirectory)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A folder was made.</summary>
public sealed record FtpDirectoryMade(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath Path)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A modification time was set (MFMT).</summary>
public sealed record FtpModifiedTimeSet(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath Path, DateTimeOffset Modified)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A session ended, for <paramref name="Reason"/>.</summary>
public sealed record FtpSessionClosed(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, string Reason)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>Is told what happens. Called on the session's own thread of work: must return at once and never throw.</summary>
public interface IFtpServerObserver
{
    /// <summary>Takes one event.</summary>
    void OnEvent(FtpServerEvent serverEvent);
}

/// <summary>A session as it is now.</summary>
public sealed record FtpSessionInfo(
    long Id, IPEndPoint Client, string? Account, DateTimeOffset ConnectedAt, string? CurrentCommand, FtpPath? CurrentPath, long BytesReceived, long BytesSent);
