using ActorLogArchive.Ftp.Protocol;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>
/// The one place where a path of the served tree becomes a file of the machine. Symbolic links that stay inside the
/// root may be followed, none may lead out, also not one that is put in place while an operation runs.
/// All refusals are <see cref="FtpStorageException"/>s.
/// </summary>
internal interface IJail : IDisposable
{
    /// <summary>The entry, null when there is none.</summary>
    FtpEntry? Find(FtpPath path);

    /// <summary>Entries of a folder; what leads out of the root, or to nothing, is left out.</summary>
    IEnumerable<FtpEntry> List(FtpPath directory);

    /// <summary>Opens a regular file to be read.</summary>
    SafeFileHandle OpenRead(FtpPath path);

    /// <summary>Opens a regular file to be written, made when missing, never cut.</summary>
    SafeFileHandle OpenWrite(FtpPath path, out bool created);

    /// <summary>Makes a folder.</summary>
    void CreateDirectory(FtpPath path);

    /// <summary>Removes a file or a link.</summary>
    void DeleteFile(FtpPath path);

    /// <summary>Removes an empty folder.</summary>
    void DeleteDirectory(FtpPath path);

    /// <summary>Renames, never over an existing entry.</summary>
    void Rename(FtpPath from, FtpPath to);

    /// <summary>Renames a file in its folder over another file, in one step: who opens it sees the one or the other.</summary>
    void Replace(FtpPath from, FtpPath to);

    /// <summary>Sets the modification time.</summary>
    void SetModified(FtpPath path, DateTimeOffset modified);

    /// <summary>Sets the permission bits.</summary>
    void SetMode(FtpPath path, UnixFileMode mode);

    /// <summary>Makes the content of a file, or the names in a folder, durable. False when there is no such entry any more.</summary>
    bool Flush(FtpPath path);

    /// <summary>Makes all of the root durable.</summary>
    /// <returns>False when the system has no call for it.</returns>
    bool FlushAll();
}
