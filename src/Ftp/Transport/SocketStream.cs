using System.Buffers;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// The socket under TLS. <see cref="System.Net.Security.SslStream"/> asks for, and hands over, one record of 16 KB at a
/// time; here they are read ahead and gathered, so that a large file does not cost two system calls a record. What was
/// written is sent by <see cref="FlushAsync"/>, or when the buffer is full. Receiving is not cancelled by a token: disposing the
/// socket ends it.
/// </summary>
/// <param name="socket">The socket; not closed with the stream.</param>
/// <param name="bufferSize">Bytes read ahead, and gathered, at most. Buffers are rented when first needed.</param>
internal sealed class SocketStream(Socket socket, int bufferSize) : ForwardStream
{
    private readonly SocketReceiver _receiver = new(socket);
    private byte[]? _ahead;
    private int _read;
    private int _filled;
    private byte[]? _gathered;
    private int _pending;

    /// <summary>
    /// What was written goes out before the next receive and not when it is flushed: in a handshake each side waits for the
    /// other's words before it needs to have sent its own. What is written last stays until it is flushed later.
    /// </summary>
    public bool HoldsBack { get; set; }

    /// <summary>Whether bytes were received that nobody has read.</summary>
    public bool HasUnread => _filled > _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        if (_read == _filled)
        {
            if (HoldsBack)
                await SendPendingAsync(cancellationToken).ConfigureAwait(false);

            // As large as the buffer or larger: nothing is gained by a copy.
            if (buffer.Length >= bufferSize)
                return await _receiver.ReceiveAsync(buffer).ConfigureAwait(false);
            _ahead ??= ArrayPool<byte>.Shared.Rent(bufferSize);
            _read = 0;
            _filled = 0;
            _filled = await _receiver.ReceiveAsync(_ahead.AsMemory(0, bufferSize)).ConfigureAwait(false);
        }

        var count = Math.Min(buffer.Length, _filled - _read);
        _ahead.AsMemory(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            _gathered ??= ArrayPool<byte>.Shared.Rent(bufferSize);
            var count = Math.Min(buffer.Length, bufferSize - _pending);
            buffer[..count].CopyTo(_gathered.AsMemory(_pending));
            _pending += count;
            buffer = buffer[count..];
            if (_pending == bufferSize)
                await SendPendingAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => HoldsBack ? Task.CompletedTask : SendPendingAsync(cancellationToken);

    private async Task SendPendingAsync(CancellationToken cancellationToken)
    {
        var rest = _gathered.AsMemory(0, _pending);
        while (rest.Length > 0)
            rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
        _pending = 0;
    }

    /// <summary>Gives the buffers back. Only once nothing is under way on the stream.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Return(ref _ahead);
            Return(ref _gathered);
        }

        base.Dispose(disposing);
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }
}
