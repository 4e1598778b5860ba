using System.Buffers;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Moves bytes from a data connection to a file, hashing them on the way.</summary>
internal sealed class Upload(IByteSource data, IFtpWriter writer, FtpHasher hasher, TransferLimits limits, CancellationToken lifetime)
{
    private const int FirstBufferSize = 64 * 1024;

    // What the kernel has gathered is fetched in one call, and its copy is hashed and written while it is in the CPU's
    // cache: measured with 1 GB over loopback, 64 KB buffers took 1.2 s of CPU, 256 KB 0.65 s, 1 MB 0.35 s.
    private const int LargeBufferSize = 1024 * 1024;

    // A quarter of what the socket holds at most (net.ipv4.tcp_rmem), so that it never stands still full.
    private const int Gathered = 512 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferSize);

    /// <summary>Until the client ends the connection.</summary>
    public async ValueTask RunAsync()
    {
        try
        {
            for (var total = 0L; ;)
            {
                var received = await data.ReceiveAsync(_buffer.AsMemory(0, limits.PieceSize(_buffer.Length))).ConfigureAwait(false);
                if (received == 0)
                    return;

                var piece = _buffer.AsMemory(0, received);
                hasher.Append(piece.Span);
                await writer.WriteAsync(piece, lifetime).ConfigureAwait(false);
                await limits.MovedAsync(received).ConfigureAwait(false);
                total += received;
                if (total >= 2 * FirstBufferSize && _buffer.Length < LargeBufferSize)
                    await UseLargeBufferAsync().ConfigureAwait(false);
                else if (received >= Gathered)
                    data.WakeFrom(Gathered); // again, after a pause had ended it
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    private async ValueTask UseLargeBufferAsync()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(LargeBufferSize);
        if (!limits.HasRate)
            data.WakeFrom(Gathered);

        // Whoever waits for this thread, the reader of commands among them, shall not wait for all of a large file.
        await Task.Yield();
    }
}
