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
public abstract record FtpServerEvent(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account)
{
    /// <summary>Whether it tells of a change to the served tree, and is kept however long the observer takes.</summary>
    internal virtual bool ChangesTree => false;
}

/// <summary>A connection was turned away before it became a session, for <paramref name="Reason"/>. The session's id is 0.</summary>
public sealed record FtpConnectionRefused(DateTimeOffset At, long SessionId, IPEndPoint Client, string Reason)
    : FtpServerEvent(At, SessionId, Client, null);

/// <summary>An address was banned after failed sign-ins, or by hand (the session's id is 0 then).</summary>
public sealed record FtpBanned(DateTimeOffset At, long SessionId, IPEndPoint Client, FtpBan Ban)
    : FtpServerEvent(At, SessionId, Client, null);

/// <summary>
/// The observer was so slow that events were dropped: <paramref name="Passing"/> that change nothing, and
/// <paramref name="Changes"/> that told of changes to the served tree, which then has to be looked at.
/// </summary>
public sealed record FtpEventsDropped(DateTimeOffset At, long SessionId, IPEndPoint Client, long Passing, long Changes)
    : FtpServerEvent(At, SessionId, Client, null);

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
/// A transfer goes on: <paramref name="Bytes"/> so far, <paramref name="Rate"/> bytes per second over the last seconds. Told
/// each second, to observers that want it (<see cref="IFtpServerObserver.WantsProgress"/>).
/// </summary>
public sealed record FtpTransferProgressed(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpTransferKind Kind, FtpPath Path, long Bytes, long Rate)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>
/// A transfer ended well: <paramref name="Bytes"/> were moved from <paramref name="Offset"/> on, the file is now
/// <paramref name="Size"/> bytes; <paramref name="Hash"/> is that of the bytes moved, when it was computed on the way.
/// </summary>
public sealed record FtpTransferCompleted(
    DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpTransferKind Kind, FtpPath Path, long Offset, long Bytes, long Size, FtpHash? Hash, TimeSpan Duration)
    : FtpServerEvent(At, SessionId, Client, Account)
{
    /// <summary>
    /// CRC-64 (ECMA-182) of the bytes that were added to the end of a file or written into it; null for all other transfers. Of two
    /// pieces that follow each other it can be joined, which no <see cref="FtpHashAlgorithm"/> can: so whoever follows a file that
    /// grows knows a checksum of all of it without reading it again.
    /// </summary>
    public ulong? Checksum { get; init; }

    internal override bool ChangesTree => Kind != FtpTransferKind.Retrieve;
}

/// <summary>A transfer ended early, for <paramref name="Reason"/>; what arrived stays and can be resumed, unless the quota was used up.</summary>
public sealed record FtpTransferAborted(
    DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpTransferKind Kind, FtpPath Path, long Offset, long Bytes, string Reason)
    : FtpServerEvent(At, SessionId, Client, Account)
{
    internal override bool ChangesTree => Kind != FtpTransferKind.Retrieve;
}

/// <summary>A file or folder was renamed.</summary>
public sealed record FtpRenamed(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath From, FtpPath To)
    : FtpServerEvent(At, SessionId, Client, Account)
{
    internal override bool ChangesTree => true;
}

/// <summary>A file or folder was removed.</summary>
public sealed record FtpDeleted(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath Path, bool IsDirectory)
    : FtpServerEvent(At, SessionId, Client, Account)
{
    internal override bool ChangesTree => true;
}

/// <summary>A folder was made.</summary>
public sealed record FtpDirectoryMade(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath Path)
    : FtpServerEvent(At, SessionId, Client, Account)
{
    internal override bool ChangesTree => true;
}

/// <summary>A modification time was set (MFMT).</summary>
public sealed record FtpModifiedTimeSet(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath Path, DateTimeOffset Modified)
    : FtpServerEvent(At, SessionId, Client, Account)
{
    internal override bool ChangesTree => true;
}

/// <summary>
/// A client asked for the hash of a range (HASH) of a file that is <paramref name="Size"/> bytes now, to compare it with its own: one that finds a
/// difference stores the file anew.
/// </summary>
public sealed record FtpHashTold(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, FtpPath Path, FtpHash Hash, long Size)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>A session ended, for <paramref name="Reason"/>.</summary>
public sealed record FtpSessionClosed(DateTimeOffset At, long SessionId, IPEndPoint Client, string? Account, string Reason)
    : FtpServerEvent(At, SessionId, Client, Account);

/// <summary>
/// Is told what happens, by one thread of the server's, one event after another. No session waits for it: while it is slow, events
/// wait, and when too many do, the oldest are dropped (<see cref="FtpEventsDropped"/>). What it throws is ignored.
/// </summary>
public interface IFtpServerObserver
{
    /// <summary>Whether it wants <see cref="FtpTransferProgressed"/>.</summary>
    bool WantsProgress => false;

    /// <summary>Takes one event.</summary>
    void OnEvent(FtpServerEvent serverEvent);
}

/// <summary>A session as it is now.</summary>
public sealed record FtpSessionInfo(
    long Id, IPEndPoint Client, string? Account, DateTimeOffset ConnectedAt, string? CurrentCommand, FtpPath? CurrentPath, long BytesReceived, long BytesSent)
{
    /// <summary>What the running transfer does; null while none of a file runs.</summary>
    public FtpTransferKind? Transfer { get; init; }

    /// <summary>Bytes per second, both directions, over the last seconds.</summary>
    public long Rate { get; init; }
}
