using System.Buffers;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Moves bytes from a data connection to a file, hashing them on the way.</summary>
internal sealed class Upload(DataConnection data, IFtpWriter writer, FtpHasher hasher, TransferLimits limits, CancellationToken lifetime)
{
    private const int FirstBufferSize = 64 * 1024;
    private const int LargeBufferSize = 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferSize);
    private int _written;
    private int _filled;
    private int _rounds;

    /// <summary>Until the client ends the connection.</summary>
    public async ValueTask RunAsync()
    {
        try
        {
            while (true)
            {
                var receiving = data.ReceiveAsync(_buffer.AsMemory(_filled, limits.PieceSize(_buffer.Length - _filled)));
                if (!receiving.IsCompleted && _filled > _written)
                {
                    // Nothing more has come yet: what has come is hashed and written while the rest is on its way.
                    await WriteAsync().ConfigureAwait(false);
                }

                var received = await receiving.ConfigureAwait(false);
                if (received == 0)
                {
                    await WriteAsync().ConfigureAwait(false);
                    return;
                }

                _filled += received;
                await limits.MovedAsync(received).ConfigureAwait(false);
                if (_filled == _buffer.Length)
                    await NextBufferAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    private async ValueTask NextBufferAsync()
    {
        await WriteAsync().ConfigureAwait(false);
        _filled = 0;
        _written = 0;
        if (++_rounds == 2)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(LargeBufferSize);

            // A large file. Whoever waits for this thread, the reader of commands among them, shall not wait for all of it.
            await Task.Yield();
        }
    }

    private ValueTask WriteAsync()
    {
        var piece = _buffer.AsMemory(_written, _filled - _written);
        _written = _filled;
        hasher.Append(piece.Span);
        return piece.IsEmpty ? ValueTask.CompletedTask : writer.WriteAsync(piece, lifetime);
    }
}
