using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>How an upload is to be done.</summary>
public sealed record FtpUploadOptions
{
    /// <summary>First byte to send: 0 stores, anything else appends (REST + STOR where the server has it, else APPE).</summary>
    public long Offset { get; init; }

    /// <summary>
    /// Go on where the server's file ends, when it is a prefix of the source (compared by hash where the server has one for
    /// ranges, else taken for one if it is not longer); else store anew. In place of <see cref="Offset"/>; the source must be able to seek.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Bytes to send; null means to the end of the source as it is when reached. A source that ends before is an error.</summary>
    public long? Length { get; init; }

    /// <summary>Ask the server for its hash of the sent range, in the best algorithm both know; for its size when it has none.</summary>
    public bool Verify { get; init; }

    /// <summary>Compute this hash of what is sent, and verify by no other; null leaves the choice to <see cref="Verify"/>.</summary>
    public FtpHashAlgorithm? Algorithm { get; init; }

    /// <summary>Set this modification time afterwards (MFMT), where the server has it.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Told the bytes sent so far.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Bytes per second, as they are on the wire; 0 means unlimited.</summary>
    public long RateLimit { get; init; }

    /// <summary>Keeps several transfers together to one rate; in place of <see cref="RateLimit"/>.</summary>
    public IFtpPace? Pace { get; init; }
}

/// <summary>How far the server's copy of what was sent is known to be right.</summary>
public enum FtpVerification
{
    /// <summary><see cref="FtpUploadOptions.Verify"/> was not set.</summary>
    NotAsked,

    /// <summary>Both ends computed the same hash.</summary>
    ByHash,

    /// <summary>The server offers no hash; the file ends where it should.</summary>
    BySize,

    /// <summary>The server offers neither hash nor size.</summary>
    NotOffered,

    /// <summary>Hash or size differ: what is on the server is not what was sent.</summary>
    Mismatch,
}

/// <summary>What an upload did.</summary>
/// <param name="Bytes">Bytes sent, from the offset on.</param>
/// <param name="LocalHash">Hash of the bytes sent, computed while sending; null when no algorithm was asked for.</param>
/// <param name="RemoteHash">The server's hash of the same range; null when it offers none.</param>
public sealed record FtpUploadResult(long Bytes, FtpHash? LocalHash, FtpHash? RemoteHash)
{
    /// <summary>What the comparison gave.</summary>
    public FtpVerification Verification { get; init; }

    /// <summary>
    /// Whether the server never said that the transfer ended, and a new connection found the file whole. What the lost
    /// connection stored is not covered by a flush on the new one.
    /// </summary>
    public bool IsReconciled { get; init; }

    /// <summary>Bytes that went over the data connection: fewer than <see cref="Bytes"/> where they were compressed. Without what TLS adds; 0 when not known.</summary>
    public long WireBytes { get; init; }

    /// <summary>Size of the file on the server afterwards, when it was asked for: in place of a hash.</summary>
    public long? RemoteSize { get; init; }
}
