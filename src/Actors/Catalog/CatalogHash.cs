using System.Buffers;
using System.IO.Hashing;
using ActorLogArchive.Ftp.Protocol;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>The content of a file as the catalog knows it: the hash of its first bytes, and the checksum of those that came behind.</summary>
/// <param name="Algorithm">Of the hash.</param>
/// <param name="Hash">Of the first <paramref name="HashedSize"/> bytes; null when none is known.</param>
/// <param name="HashedSize">Bytes the hash covers.</param>
/// <param name="TailChecksum">CRC-64 of the bytes from there to <paramref name="KnownSize"/>.</param>
/// <param name="KnownSize">Bytes that hash and checksum cover.</param>
internal sealed record CatalogHash(FtpHashAlgorithm Algorithm, string? Hash, long HashedSize, ulong TailChecksum, long KnownSize)
{
    private const int BufferSize = 256 * 1024;

    /// <summary>What a row knows.</summary>
    public static CatalogHash Of(FileRow row) =>
        new(row.HashAlgorithm is null ? default : FtpHashNames.Parse(row.HashAlgorithm)!.Value, row.Hash, row.HashedSize, (ulong)row.TailChecksum, row.KnownSize);

    /// <summary>The same of what is on disk; null when the file is shorter by now, or cannot be opened.</summary>
    public CatalogHash? OnDisk(string file, CancellationToken cancellationToken)
    {
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            var hash = Hash is null ? null : FtpHasher.HashFile(handle, Algorithm, 0, HashedSize, cancellationToken).Hex;
            return this with { Hash = hash, TailChecksum = TailOf(handle, cancellationToken) };
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>How this, on disk, differs from what the catalog knows.</summary>
    public string DifferenceTo(CatalogHash known) => Hash == known.Hash
        ? $"CRC-64 of the bytes from {HashedSize} to {KnownSize}, which came behind the others, is {known.TailChecksum:x16} in the catalog, {TailChecksum:x16} on disk"
        : $"{Algorithm.ToName()} {(HashedSize == KnownSize ? "" : $"of the first {HashedSize} bytes ")}is {known.Hash} in the catalog, {Hash} on disk";

    private ulong TailOf(SafeFileHandle file, CancellationToken cancellationToken)
    {
        var checksum = new Crc64();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var position = HashedSize; position < KnownSize;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, KnownSize - position)), position);
                if (read == 0)
                {
                    throw new EndOfStreamException();
                }

                checksum.Append(buffer.AsSpan(0, read));
                position += read;
            }

            return checksum.GetCurrentHashAsUInt64();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
