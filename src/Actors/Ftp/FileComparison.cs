using System.Buffers;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>Content of two files of a tree against each other.</summary>
internal static class FileComparison
{
    private const int ChunkBytes = 256 * 1024;

    /// <summary>Whether the content of <paramref name="path"/> begins with all of <paramref name="start"/>'s.</summary>
    public static async ValueTask<bool> StartsWithAsync(IFtpStorage storage, FtpPath path, FtpPath start, CancellationToken cancellationToken)
    {
        await using var whole = await storage.OpenReadAsync(path, cancellationToken).ConfigureAwait(false);
        await using var part = await storage.OpenReadAsync(start, cancellationToken).ConfigureAwait(false);
        if (part.Length > whole.Length)
        {
            return false;
        }

        var (left, right) = (ArrayPool<byte>.Shared.Rent(ChunkBytes), ArrayPool<byte>.Shared.Rent(ChunkBytes));
        try
        {
            for (var offset = 0L; offset < part.Length;)
            {
                var wanted = (int)Math.Min(ChunkBytes, part.Length - offset);
                var got = await FillAsync(whole, left.AsMemory(0, wanted), offset, cancellationToken).ConfigureAwait(false);
                if (got < wanted
                    || await FillAsync(part, right.AsMemory(0, wanted), offset, cancellationToken).ConfigureAwait(false) < wanted
                    || !left.AsSpan(0, wanted).SequenceEqual(right.AsSpan(0, wanted)))
                {
                    return false;
                }

                offset += wanted;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(left);
            ArrayPool<byte>.Shared.Return(right);
        }
    }

    /// <summary>Copies the first <paramref name="length"/> bytes of a file.</summary>
    public static async ValueTask CopyStartAsync(IFtpStorage storage, FtpPath from, IFtpWriter to, long length, CancellationToken cancellationToken)
    {
        if (length == 0)
        {
            return;
        }

        await using var reader = await storage.OpenReadAsync(from, cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var read = await FillAsync(reader, buffer.AsMemory(0, (int)Math.Min(ChunkBytes, length - offset)), offset, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new FtpStorageException(FtpStorageError.InvalidOffset, $"The file has {offset} bytes only.");
                }

                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<int> FillAsync(IFtpReader reader, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = await reader.ReadAsync(buffer[filled..], offset + filled, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }
}
