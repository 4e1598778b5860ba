using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>A file of a <see cref="DirectoryStorage"/> open for writing.</summary>
internal sealed class FileWriter : IFtpWriter
{
    // More is not reserved on a client's word alone: a few idle uploads could fill the disk with nothing.
    private const long MostReserved = 4L << 30;

    private readonly SafeFileHandle _file;
    private readonly Action? _putInPlace;
    private readonly Action? _remove;
    private readonly long _start;
    private bool _cut;
    private bool _reserved;

    /// <param name="file">The file, as long as it was.</param>
    /// <param name="position">Where the upload begins.</param>
    /// <param name="length">How long it was; what lies behind <paramref name="position"/> is cut by the first write.</param>
    /// <param name="sizeHint">Bytes announced, 0 when unknown.</param>
    /// <param name="putInPlace">Makes a file that was written aside the one of its name.</param>
    /// <param name="remove">Removes the file, when it holds nothing but this upload; null for one that is continued.</param>
    public FileWriter(SafeFileHandle file, long position, long length, long sizeHint, Action? putInPlace = null, Action? remove = null)
    {
        _file = file;
        _putInPlace = putInPlace;
        _remove = remove;
        Position = _start = position;
        _cut = position < length;
        if (sizeHint > 0)
            Reserve(sizeHint);
    }

    public long Position { get; private set; }

    public SafeFileHandle? File => _file;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Cut();
        try
        {
            RandomAccess.Write(_file, data.Span, Position);
        }
        catch (IOException full) when (IsDiskFull(full))
        {
            throw NoSpace(full);
        }

        Position += data.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Cut();
        _putInPlace?.Invoke();
        return ValueTask.CompletedTask;
    }

    public ValueTask DiscardAsync(CancellationToken cancellationToken)
    {
        if (_cut)
            return ValueTask.CompletedTask; // nothing was written: the file is what it was
        if (_remove is not null)
            _remove();
        else
            RandomAccess.SetLength(_file, _start);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            // Gives back what was reserved and not needed.
            if (_reserved)
                RandomAccess.SetLength(_file, RandomAccess.GetLength(_file));
        }
        finally
        {
            _file.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    // .NET gives ENOSPC as the HResult of ERROR_DISK_FULL, and EDQUOT or EFBIG by their own number.
    private static bool IsDiskFull(IOException failure) =>
        failure.HResult is unchecked((int)0x80070070) or 28 or 122 or 27;

    private static FtpStorageException NoSpace(Exception? cause) => new(FtpStorageError.NoSpace, "No space left.", cause);

    /// <summary>Has the file laid out in one piece, and refuses before the first byte what cannot fit.</summary>
    private void Reserve(long bytes)
    {
        if (bytes > MostReserved || !OperatingSystem.IsLinux())
            return;
        var error = LinuxCalls.Reserve(_file, Position, bytes);
        _reserved = error == 0;
        if (LinuxErrors.IsFull(error))
        {
            _file.Dispose();
            throw NoSpace(null);
        }
    }

    private void Cut()
    {
        if (!_cut)
            return;
        RandomAccess.SetLength(_file, Position);
        _cut = false;
    }
}
