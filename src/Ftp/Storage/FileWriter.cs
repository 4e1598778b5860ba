using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>A file of a <see cref="DirectoryStorage"/> open for writing.</summary>
/// <param name="file">The file, as long as it was.</param>
/// <param name="position">Where the upload begins.</param>
/// <param name="length">How long it was; what lies behind <paramref name="position"/> is cut by the first write.</param>
/// <param name="remove">Removes the file, when it holds nothing but this upload; null for one that is continued.</param>
internal sealed class FileWriter(SafeFileHandle file, long position, long length, Action? remove) : IFtpWriter
{
    private readonly long _start = position;
    private bool _cut = position < length;

    public long Position { get; private set; } = position;

    public SafeFileHandle? File => file;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Cut();
        try
        {
            RandomAccess.Write(file, data.Span, Position);
        }
        catch (IOException full) when (IsDiskFull(full))
        {
            throw new FtpStorageException(FtpStorageError.NoSpace, "No space left.", full);
        }

        Position += data.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    public ValueTask DiscardAsync(CancellationToken cancellationToken)
    {
        if (_cut)
            return ValueTask.CompletedTask; // nothing was written: the file is what it was
        if (remove is not null)
            remove();
        else
            RandomAccess.SetLength(file, _start);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        file.Dispose();
        return ValueTask.CompletedTask;
    }

    // .NET gives ENOSPC as the HResult of ERROR_DISK_FULL, and EDQUOT or EFBIG by their own number.
    private static bool IsDiskFull(IOException failure) =>
        failure.HResult is unchecked((int)0x80070070) or 28 or 122 or 27;

    private void Cut()
    {
        if (!_cut)
            return;
        RandomAccess.SetLength(file, Position);
        _cut = false;
    }
}
