using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>How a download is to be done.</summary>
public sealed record FtpDownloadOptions
{
    /// <summary>First byte to fetch (REST).</summary>
    public long Offset { get; init; }

    /// <summary>
    /// Of <see cref="FtpClient.DownloadFileAsync"/>: continue the local file when it is a prefix of the server's (compared by
    /// hash, else by its last 16 KB), in place of <see cref="Offset"/>; one that is none is fetched anew.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Ask the server for its hash of what was fetched, in the best algorithm both know; for its size when it has none.</summary>
    public bool Verify { get; init; }

    /// <summary>Told the bytes received so far.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Bytes of the file per second; 0 means unlimited.</summary>
    public long RateLimit { get; init; }
}

/// <summary>What a download did.</summary>
/// <param name="Bytes">Bytes received, from the offset on.</param>
/// <param name="Offset">First byte received: above 0 for a download that was continued.</param>
/// <param name="LocalHash">Hash of the bytes received; null when none was to be compared.</param>
/// <param name="RemoteHash">The server's hash of the same range; null when it offers none.</param>
public sealed record FtpDownloadResult(long Bytes, long Offset, FtpHash? LocalHash, FtpHash? RemoteHash)
{
    /// <summary>What the comparison gave.</summary>
    public FtpVerification Verification { get; init; }
}
