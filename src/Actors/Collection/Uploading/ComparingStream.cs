using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>Takes what is downloaded and compares it with a file of the node, byte for byte. Keeps nothing.</summary>
internal sealed class ComparingStream(SafeFileHandle local) : Stream
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private long _position;

    /// <summary>Whether all that came is in the file at the same place.</summary>
    public bool IsSame { get; private set; } = true;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _position;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // The rest of a download that differs is let go by: to break it off would cost the connection.
        while (buffer.Length > 0 && IsSame)
        {
            var read = RandomAccess.Read(local, _buffer.AsSpan(0, Math.Min(buffer.Length, _buffer.Length)), _position);
            IsSame = read > 0 && buffer[..read].SequenceEqual(_buffer.AsSpan(0, read));
            _position += read;
            buffer = buffer[read..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
