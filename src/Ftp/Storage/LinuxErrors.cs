using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>Error numbers of Linux as refusals of the storage.</summary>
internal static class LinuxErrors
{
    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    /// <summary>Whether the error says that there is no such entry.</summary>
    public static bool IsMissing(int error) => error is NoEntry or NotDirectory;

    /// <summary>Whether the error says that the disk, or a quota on it, is full (EFBIG, ENOSPC, EDQUOT).</summary>
    public static bool IsFull(int error) => error is 27 or 28 or 122;

    /// <summary>Throws unless <paramref name="error"/> is 0.</summary>
    public static void ThrowIf(int error, FtpPath path)
    {
        if (error != 0)
            throw ToException(error, path);
    }

    /// <summary>The refusal, or for a fault of the machine an <see cref="IOException"/> (answered with 451).</summary>
    public static IOException ToException(int error, FtpPath path) => error switch
    {
        NoEntry or NotDirectory => new FtpStorageException(FtpStorageError.NotFound, "No such file or directory."),
        17 => new FtpStorageException(FtpStorageError.AlreadyExists, "File exists."),
        21 => new FtpStorageException(FtpStorageError.WrongKind, "Is a directory."),
        39 => new FtpStorageException(FtpStorageError.NotEmpty, "Directory not empty."),
        1 or 13 or 18 or 30 or 40 or 6 => new FtpStorageException(FtpStorageError.Denied, "Permission denied."), // EPERM EACCES EXDEV EROFS ELOOP ENXIO
        22 or 36 or 84 => new FtpStorageException(FtpStorageError.NameNotAllowed, "Name not allowed."), // EINVAL ENAMETOOLONG EILSEQ
        _ when IsFull(error) => new FtpStorageException(FtpStorageError.NoSpace, "No space left."),
        16 or 26 => new FtpStorageException(FtpStorageError.Busy, "In use."), // EBUSY ETXTBSY
        _ => new IOException($"System error {error} at {path}."),
    };
}
