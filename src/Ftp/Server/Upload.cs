using System.Buffers;
using System.IO.Hashing;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// Moves bytes from a data connection to a file, hashing them on the way. What is small or slow is received
/// asynchronously; a fast upload gets a thread for as long as it is fast.
/// </summary>
internal sealed class Upload(
    IByteSource data, IFtpWriter writer, FtpHasher hasher, Crc64? checksum, TransferLimits limits, SemaphoreSlim threads, CancellationToken lifetime)
{
    private const int FirstBufferSize = 64 * 1024;

    // Its copy is hashed and written while it is in the CPU's cache. Measured with 1 GB over loopback: 64 KB buffers took
    // 1.2 s of CPU, 256 KB 0.65 s, 1 MB 0.35 s.
    private const int LargeBufferSize = 1024 * 1024;

    // A client that fills a buffer in this time is fast: 5 MB/s and more.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

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

                await TakeAsync(received).ConfigureAwait(false);
                total += received;
                if (_buffer.Length < LargeBufferSize)
                {
                    if (total < 2 * FirstBufferSize)
                        continue;
                    ArrayPool<byte>.Shared.Return(_buffer);
                    _buffer = ArrayPool<byte>.Shared.Rent(LargeBufferSize);
                }
                else if (received < FirstBufferSize)
                {
                    continue;
                }

                if (await RunOnThreadAsync().ConfigureAwait(false))
                    return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    /// <summary>Goes on with a thread of its own, if there is one to be had.</summary>
    /// <returns>True when the client has ended the connection.</returns>
    private async ValueTask<bool> RunOnThreadAsync()
    {
        if (data is not NearbySource { Connection: { CanReceiveOnThread: true } connection } || limits.HasRate || !threads.Wait(0, CancellationToken.None))
        {
            // Whoever waits for this thread, the reader of commands among them, shall not wait for all of a large file.
            await Task.Yield();
            return false;
        }

        try
        {
            return await Task.Factory.StartNew(
                () => connection.ReceiveOnThread(_buffer, Patience, TakeOnThread), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            threads.Release();
        }
    }

    /// <returns>False when the client has become slow, or is to be slowed down.</returns>
    private bool TakeOnThread(int received)
    {
        var taking = TakeAsync(received);
        if (!taking.IsCompletedSuccessfully)
            taking.AsTask().GetAwaiter().GetResult();
        return received >= LargeBufferSize / 2 && !limits.HasRate;
    }

    private async ValueTask TakeAsync(int received)
    {
        var piece = _buffer.AsMemory(0, received);
        limits.Admit(received);
        hasher.Append(piece.Span);
        checksum?.Append(piece.Span);
        await writer.WriteAsync(piece, lifetime).ConfigureAwait(false);
        await limits.MovedAsync(received).ConfigureAwait(false);
    }
}
