using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>Algorithms of HASH (draft-bryan-ftpext-hash, section 4); XXH128 is ours, named as such in FEAT.</summary>
public enum FtpHashAlgorithm
{
    /// <summary>XXH3, 128 bits: the default between our own ends, several GB/s.</summary>
    Xxh128,

    /// <summary>CRC-32 (IEEE 802.3).</summary>
    Crc32,

    /// <summary>SHA-256.</summary>
    Sha256,
}

/// <summary>A hash of the bytes [<paramref name="Start"/>, <paramref name="End"/>) of a file.</summary>
/// <param name="Algorithm">How it was computed.</param>
/// <param name="Start">First byte hashed.</param>
/// <param name="End">One past the last byte hashed.</param>
/// <param name="Hex">Lower-case hexadecimal digest.</param>
public sealed record FtpHash(FtpHashAlgorithm Algorithm, long Start, long End, string Hex);

/// <summary>A running hash of one of the <see cref="FtpHashAlgorithm"/>s.</summary>
public sealed class FtpHasher : IDisposable
{
    private readonly NonCryptographicHashAlgorithm? _fast;
    private readonly IncrementalHash? _strong;

    /// <summary>Starts an empty hash.</summary>
    public FtpHasher(FtpHashAlgorithm algorithm)
    {
        Algorithm = algorithm;
        switch (algorithm)
        {
            case FtpHashAlgorithm.Xxh128:
                _fast = new XxHash128();
                break;
            case FtpHashAlgorithm.Crc32:
                _fast = new Crc32();
                break;
            default:
                _strong = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                break;
        }
    }

    /// <summary>The algorithm.</summary>
    public FtpHashAlgorithm Algorithm { get; }

    /// <summary>Bytes hashed so far.</summary>
    public long Length { get; private set; }

    /// <summary>Adds <paramref name="data"/>.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        _fast?.Append(data);
        _strong?.AppendData(data);
        Length += data.Length;
    }

    /// <summary>The digest of all added so far, lower-case hexadecimal; more may be added after.</summary>
    public string CurrentHex()
    {
        // System.IO.Hashing writes CRC-32 least significant byte first; FTP (and everyone else) prints it as a number.
        var digest = _fast?.GetCurrentHash() ?? _strong!.GetCurrentHash();
        if (Algorithm == FtpHashAlgorithm.Crc32)
        {
            Array.Reverse(digest);
        }

        return Convert.ToHexStringLower(digest);
    }

    /// <inheritdoc/>
    public void Dispose() => _strong?.Dispose();

    /// <summary>Hashes <paramref name="length"/> bytes of <paramref name="file"/> from <paramref name="start"/> (all that follow when null).</summary>
    /// <exception cref="EndOfStreamException">The file is shorter than asked for.</exception>
    public static FtpHash HashFile(Microsoft.Win32.SafeHandles.SafeFileHandle file, FtpHashAlgorithm algorithm, long start, long? length, CancellationToken cancellationToken)
    {
        const int BufferSize = 256 * 1024;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var hasher = new FtpHasher(algorithm);
            var position = start;
            var end = length is { } count ? start + count : long.MaxValue;
            while (position < end)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var wanted = (int)Math.Min(buffer.Length, end - position);
                var read = RandomAccess.Read(file, buffer.AsSpan(0, wanted), position);
                if (read == 0)
                {
                    if (length is not null)
                    {
                        throw new EndOfStreamException($"The file ends at byte {position}, before byte {end}.");
                    }

                    break;
                }

                hasher.Append(buffer.AsSpan(0, read));
                position += read;
            }

            return new FtpHash(algorithm, start, position, hasher.CurrentHex());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>Names of hash algorithms as they stand in FEAT, OPTS HASH and HASH replies.</summary>
public static class FtpHashNames
{
    /// <summary>The protocol name: <c>XXH128</c>, <c>CRC32</c>, <c>SHA-256</c>.</summary>
    public static string ToName(this FtpHashAlgorithm algorithm) => algorithm switch
    {
        FtpHashAlgorithm.Xxh128 => "XXH128",
        FtpHashAlgorithm.Crc32 => "CRC32",
        _ => "SHA-256",
    };

    /// <summary>Reads a protocol name, in any case.</summary>
    public static FtpHashAlgorithm? Parse(string name) => name.ToUpperInvariant() switch
    {
        "XXH128" => FtpHashAlgorithm.Xxh128,
        "CRC32" => FtpHashAlgorithm.Crc32,
        "SHA-256" => FtpHashAlgorithm.Sha256,
        _ => null,
    };
}
