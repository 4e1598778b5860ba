using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Client;

/// <summary>Where an upload's bytes come from.</summary>
internal abstract class FtpUploadSource : IDisposable
{
    /// <summary>Reads the next bytes; 0 at the end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>A stream. One that cannot seek is taken to stand at <paramref name="offset"/> already.</summary>
    public static FtpUploadSource Of(Stream stream, long offset)
    {
        if (stream.CanSeek)
        {
            stream.Seek(offset, SeekOrigin.Begin);
        }

        return new OfStream(stream);
    }

    /// <summary>A file. Others may go on writing, renaming and removing it meanwhile: it is a log.</summary>
    public static FtpUploadSource OfFile(string localFile, long offset) =>
        new FromFile(File.OpenHandle(localFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), offset);

    private sealed class OfStream(Stream stream) : FtpUploadSource
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            stream.ReadAsync(buffer, cancellationToken);
    }

    private sealed class FromFile(SafeFileHandle handle, long offset) : FtpUploadSource
    {
        private long _position = offset;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            // An asynchronous read of a file is this same call on another thread: two hops for each small file, no gain.
            var read = RandomAccess.Read(handle, buffer.Span, _position);
            _position += read;
            return ValueTask.FromResult(read);
        }

        public override void Dispose() => handle.Dispose();
    }
}
