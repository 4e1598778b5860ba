using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>An entry of a remote listing.</summary>
public sealed record FtpListItem(string Name, bool IsDirectory, long Size, DateTimeOffset? Modified);

/// <summary>What an upload did.</summary>
/// <param name="Bytes">Bytes sent, from the offset on.</param>
/// <param name="LocalHash">Hash of the bytes sent, computed while sending; null when no algorithm was asked for.</param>
/// <param name="RemoteHash">The server's hash of the same range; null when it offers none.</param>
public sealed record FtpUploadResult(long Bytes, FtpHash? LocalHash, FtpHash? RemoteHash);

/// <summary>How an upload is to be done.</summary>
public sealed record FtpUploadOptions
{
    /// <summary>First byte to send: 0 stores, anything else appends (REST + STOR where the server has it, else APPE).</summary>
    public long Offset { get; init; }

    /// <summary>Bytes to send; null means to the end of the source as it is when reached.</summary>
    public long? Length { get; init; }

    /// <summary>Ask the server for its hash of the sent range, in the best algorithm both know.</summary>
    public bool Verify { get; init; }

    /// <summary>Set this modification time afterwards (MFMT), where the server has it.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Told the bytes sent so far.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Bytes per second; 0 means unlimited.</summary>
    public long RateLimit { get; init; }
}

/// <summary>
/// An FTP client over one control connection. Not for concurrent use: one operation at a time. After an
/// <see cref="FtpConnectionException"/> the next operation connects anew.
/// </summary>
public sealed class FtpClient(FtpClientOptions options) : IAsyncDisposable
{
    /// <summary>The settings.</summary>
    public FtpClientOptions Options { get; } = options;

    /// <summary>Whether the control connection is up and signed in.</summary>
    public bool IsConnected => throw new NotImplementedException();

    /// <summary>What FEAT told.</summary>
    public FtpFeatures Features => throw new NotImplementedException();

    /// <summary>Connects, signs in, asks FEAT and sets TYPE I. Does nothing when connected.</summary>
    public Task ConnectAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Makes a folder and all above it that are missing. Folders made or seen before are not asked for again.</summary>
    public Task EnsureDirectoryAsync(string path, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Whether a file or folder of this path exists.</summary>
    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Size in bytes, null when there is no such file.</summary>
    public Task<long?> GetSizeAsync(string path, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Entries of a folder (MLSD, or LIST), without <c>.</c> and <c>..</c>; null when there is no such folder.</summary>
    public Task<IReadOnlyList<FtpListItem>?> ListAsync(string path, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Sends <paramref name="source"/> from its byte <see cref="FtpUploadOptions.Offset"/> on. The parent folder must exist.</summary>
    public Task<FtpUploadResult> UploadAsync(Stream source, string path, FtpUploadOptions? upload = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Sends a file.</summary>
    public Task<FtpUploadResult> UploadFileAsync(string localFile, string path, FtpUploadOptions? upload = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Retrieves a file from <paramref name="offset"/> on.</summary>
    /// <returns>Bytes received.</returns>
    public Task<long> DownloadAsync(string path, Stream target, long offset = 0, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Renames (RNFR, RNTO).</summary>
    public Task RenameAsync(string from, string to, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Removes a file.</summary>
    public Task DeleteFileAsync(string path, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>The server's hash of bytes [start, end) of a file (HASH with RANG); null when it offers no such hash.</summary>
    public Task<FtpHash?> HashAsync(string path, FtpHashAlgorithm algorithm, long start, long end, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Makes all that this connection stored durable (SITE FSYNC).</summary>
    /// <returns>False when the server does not offer it.</returns>
    public Task<bool> FlushAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Keeps an idle control connection open (NOOP).</summary>
    public Task NoOpAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
