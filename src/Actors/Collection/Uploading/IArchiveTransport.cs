using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>What went wrong at the archive.</summary>
public enum ArchiveFault
{
    /// <summary>No connection, or it broke: every job on it is handed back.</summary>
    Connection,

    /// <summary>The account was refused: every job is handed back, and the next attempt waits longer.</summary>
    SignIn,

    /// <summary>
    /// The archive did not prove that it is the right one, or does not encrypt although it should: nothing is sent, every job
    /// is handed back, and the next attempt waits longer.
    /// </summary>
    Untrusted,

    /// <summary>The file was refused (550, 553 …).</summary>
    Refused,

    /// <summary>The archive's disk is full (452).</summary>
    NoSpace,

    /// <summary>The account's quota is used up (552).</summary>
    OverQuota,

    /// <summary>Another session writes it (450).</summary>
    Busy,

    /// <summary>The transfer was broken off (426, 451 …).</summary>
    TransferAborted,

    /// <summary>Nothing moved for too long, so the connection was given up: every job on it is handed back.</summary>
    Timeout,
}

/// <summary>An expected failure at the archive. Its message holds no secret.</summary>
public sealed class ArchiveException(ArchiveFault fault, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The kind.</summary>
    public ArchiveFault Fault { get; } = fault;

    /// <summary>Whether the connection is of no use any more.</summary>
    public bool EndsConnection => Fault is ArchiveFault.Connection or ArchiveFault.Timeout or ArchiveFault.SignIn or ArchiveFault.Untrusted;

    /// <summary>The cause as the ledger and reports name it.</summary>
    public FailureCause Cause => Fault switch
    {
        ArchiveFault.SignIn => FailureCause.NoAccount,
        ArchiveFault.Untrusted => FailureCause.Untrusted,
        ArchiveFault.Refused => FailureCause.Refused,
        ArchiveFault.NoSpace => FailureCause.NoSpace,
        ArchiveFault.OverQuota => FailureCause.OverQuota,
        ArchiveFault.Busy => FailureCause.Busy,
        ArchiveFault.TransferAborted => FailureCause.TransferAborted,
        ArchiveFault.Timeout => FailureCause.Timeout,
        _ => FailureCause.Unreachable,
    };
}

/// <summary>An entry of a folder in the archive.</summary>
public sealed record ArchiveItem(string Name, bool IsFolder, long Size, DateTimeOffset? Modified);

/// <summary>What was sent.</summary>
/// <param name="Bytes">Bytes sent; fewer than asked for when the file became shorter.</param>
/// <param name="Verified">Whether the archive's hash (its size, where it has no hashes) agrees with what was sent.</param>
public sealed record SentContent(long Bytes, bool Verified);

/// <summary>
/// The seam between the uploader and the way bytes reach the archive: one connection, one operation at a time. Expected
/// failures are <see cref="ArchiveException"/>s; after one that ends the connection the next <see cref="ConnectAsync"/> starts anew.
/// </summary>
public interface IArchiveTransport : IAsyncDisposable
{
    /// <summary>Connects and signs in.</summary>
    Task ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Entries of a folder; null when there is no such folder.</summary>
    Task<IReadOnlyList<ArchiveItem>?> ListAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Makes a folder and those above it.</summary>
    Task EnsureFolderAsync(string folder, CancellationToken cancellationToken);

    /// <summary>
    /// Sends bytes [<paramref name="offset"/>, <paramref name="offset"/> + <paramref name="length"/>) of a stream: to a new
    /// file when the offset is 0, else to the end of one that has just this length. Then compares hashes of these bytes. With
    /// nothing to send to a file that exists, only its modification time is set.
    /// </summary>
    Task<SentContent> SendAsync(Stream source, string path, long offset, long length, DateTimeOffset modified, IProgress<long>? progress, CancellationToken cancellationToken);

    /// <summary>Whether the first bytes of a file in the archive are those of a local one; null when that cannot be told at a reasonable cost.</summary>
    Task<bool?> HasPrefixAsync(string path, FileStream local, long length, CancellationToken cancellationToken);

    /// <summary>Renames a file.</summary>
    Task RenameAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Makes durable what this connection has stored and renamed, as far as the archive can.</summary>
    Task FlushAsync(CancellationToken cancellationToken);

    /// <summary>Keeps an idle connection open.</summary>
    Task KeepAliveAsync(CancellationToken cancellationToken);
}
