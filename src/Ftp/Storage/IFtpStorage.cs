using ActorLogArchive.Ftp.Protocol;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>A file or folder of the served tree.</summary>
/// <param name="Name">Last segment of its path.</param>
/// <param name="IsDirectory">Whether it is a folder.</param>
/// <param name="Size">Bytes; 0 for a folder.</param>
/// <param name="Modified">Last modification, UTC.</param>
public sealed record FtpEntry(string Name, bool IsDirectory, long Size, DateTimeOffset Modified);

/// <summary>Where an upload starts.</summary>
public enum FtpWriteMode
{
    /// <summary>A new file, or one to be replaced as a whole (STOR).</summary>
    Replace,

    /// <summary>Continue at an offset no larger than the size; what follows the offset is cut (REST + STOR).</summary>
    Resume,

    /// <summary>Continue at the end (APPE).</summary>
    Append,
}

/// <summary>Why the storage refused; the server maps it to a reply code.</summary>
public enum FtpStorageError
{
    /// <summary>550: no such file or folder.</summary>
    NotFound,

    /// <summary>550: exists already.</summary>
    AlreadyExists,

    /// <summary>550: it is a folder, or is not.</summary>
    WrongKind,

    /// <summary>550: a folder that is not empty.</summary>
    NotEmpty,

    /// <summary>550: refused by the operating system or by the jail (a link that leads out of the tree).</summary>
    Denied,

    /// <summary>553: the name cannot be stored here.</summary>
    NameNotAllowed,

    /// <summary>554: REST beyond the end.</summary>
    InvalidOffset,

    /// <summary>452: no space left.</summary>
    NoSpace,

    /// <summary>450: another session is writing it.</summary>
    Busy,

    /// <summary>552: more than the account's quota.</summary>
    QuotaExceeded,
}

/// <summary>An expected refusal of the storage. Its message is safe to send: it names no path outside the served tree.</summary>
public sealed class FtpStorageException(FtpStorageError error, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The kind of refusal.</summary>
    public FtpStorageError Error { get; } = error;
}

/// <summary>A file open for reading.</summary>
public interface IFtpReader : IAsyncDisposable
{
    /// <summary>Its size when opened, bytes.</summary>
    long Length { get; }

    /// <summary>The file on disk, when it has one: lets the server use sendfile, which never takes the bytes through this process.</summary>
    SafeFileHandle? File { get; }

    /// <summary>Reads at <paramref name="offset"/>; 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);
}

/// <summary>A file open for writing. Disposed without <see cref="CompleteAsync"/>, what was written stays, to be resumed.</summary>
public interface IFtpWriter : IAsyncDisposable
{
    /// <summary>Where the next byte goes: the offset at first.</summary>
    long Position { get; }

    /// <summary>The file on disk, when it has one: lets the server ask for its times without looking up its path again.</summary>
    SafeFileHandle? File { get; }

    /// <summary>
    /// Appends at <see cref="Position"/>. What <see cref="FtpWriteMode.Replace"/> or <see cref="FtpWriteMode.Resume"/> cuts
    /// is cut by the first write (or <see cref="CompleteAsync"/>): a transfer that never begins destroys nothing.
    /// </summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Ends the upload: from now on it is the file. Not yet durable, see <see cref="IFtpStorage.FlushAsync"/>.</summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Takes the upload back, in place of <see cref="CompleteAsync"/>: what it added is gone. A file that it made is removed,
    /// a continued one ends where it was continued; replaced content comes back where the storage still has it.
    /// </summary>
    ValueTask DiscardAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The seam through which the server reaches files. Paths are the whole tree's; the account's home is checked before.
/// Every refusal is an <see cref="FtpStorageException"/>. An implementation guards its own jail.
/// </summary>
public interface IFtpStorage
{
    /// <summary>The entry, or null when there is none.</summary>
    ValueTask<FtpEntry?> GetEntryAsync(FtpPath path, CancellationToken cancellationToken);

    /// <summary>Entries of a folder, in no particular order.</summary>
    IAsyncEnumerable<FtpEntry> ListAsync(FtpPath directory, CancellationToken cancellationToken);

    /// <summary>Opens a file to be read.</summary>
    ValueTask<IFtpReader> OpenReadAsync(FtpPath path, CancellationToken cancellationToken);

    /// <summary>Opens a file to be written. The parent folder must exist.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Where to start.</param>
    /// <param name="offset">For <see cref="FtpWriteMode.Resume"/>; otherwise ignored.</param>
    /// <param name="sizeHint">Bytes announced by ALLO, 0 when unknown; an implementation may reserve space.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    ValueTask<IFtpWriter> OpenWriteAsync(FtpPath path, FtpWriteMode mode, long offset, long sizeHint, CancellationToken cancellationToken);

    /// <summary>Makes one folder; its parent must exist.</summary>
    ValueTask CreateDirectoryAsync(FtpPath path, CancellationToken cancellationToken);

    /// <summary>Removes a file.</summary>
    ValueTask DeleteFileAsync(FtpPath path, CancellationToken cancellationToken);

    /// <summary>Removes an empty folder.</summary>
    ValueTask DeleteDirectoryAsync(FtpPath path, CancellationToken cancellationToken);

    /// <summary>Renames a file or folder; never over an existing entry.</summary>
    ValueTask RenameAsync(FtpPath from, FtpPath to, CancellationToken cancellationToken);

    /// <summary>Sets the modification time.</summary>
    ValueTask SetModifiedAsync(FtpPath path, DateTimeOffset modified, CancellationToken cancellationToken);

    /// <summary>Sets the Unix permission bits (SITE CHMOD). A storage that has none refuses, as this default does.</summary>
    ValueTask SetModeAsync(FtpPath path, UnixFileMode mode, CancellationToken cancellationToken) =>
        throw new FtpStorageException(FtpStorageError.Denied, "This storage keeps no permission bits.");

    /// <summary>Bytes that the volume of <paramref name="path"/> has room for (AVBL); null when that is not known.</summary>
    ValueTask<long?> GetAvailableAsync(FtpPath path, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);

    /// <summary>Whether content that an upload takes the place of stays, under another name, and so goes on counting for quotas.</summary>
    bool KeepsReplaced => false;

    /// <summary>Makes the content and the names of <paramref name="paths"/> durable: survives a power cut once it returns.</summary>
    ValueTask FlushAsync(IReadOnlyCollection<FtpPath> paths, CancellationToken cancellationToken);
}
