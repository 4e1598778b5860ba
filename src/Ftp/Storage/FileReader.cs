using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>A file of a <see cref="DirectoryStorage"/> open for reading.</summary>
internal sealed class FileReader(SafeFileHandle file) : IFtpReader
{
    public long Length { get; } = RandomAccess.GetLength(file);

    public SafeFileHandle? File => file;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        ValueTask.FromResult(RandomAccess.Read(file, buffer.Span, offset));

    public ValueTask DisposeAsync()
    {
        file.Dispose();
        return ValueTask.CompletedTask;
    }
}
