using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>The archive over FTP: any server, with what it offers beyond the standard where it does.</summary>
/// <param name="options">Where it is.</param>
/// <param name="pace">Keeps uploads of all connections together to one rate; null for as fast as they go.</param>
/// <param name="compression">Decides what is compressed on its way; null to leave that to <paramref name="options"/>.</param>
public sealed class FtpArchiveTransport(FtpClientOptions options, IFtpPace? pace = null, CompressionChoice? compression = null) : IArchiveTransport
{
    // Fastest first: all of them catch what a broken transfer does to a file.
    private static readonly FtpHashAlgorithm[] Preferred = [FtpHashAlgorithm.Xxh128, FtpHashAlgorithm.Crc32, FtpHashAlgorithm.Sha256];

    // Without hashes on the archive: what is fetched to be compared, at most.
    private const long MostToFetch = 80L << 20;

    private FtpClient _client = new(options);
    private bool _isCompressing;

    /// <inheritdoc/>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        // Anew in any case: the client takes a session that was used a moment ago for a live one.
        if (!_client.IsConnected)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
            _client = new FtpClient(options);
        }

        await RunAsync(() => _client.ConnectAsync(cancellationToken), connects: true).ConfigureAwait(false);
        _isCompressing = false;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchiveItem>?> ListAsync(string folder, CancellationToken cancellationToken) => RunAsync<IReadOnlyList<ArchiveItem>?>(async () =>
        await _client.ListAsync(folder, cancellationToken).ConfigureAwait(false) is { } items
            ? [.. items.Select(item => new ArchiveItem(item.Name, item.IsDirectory, item.Size, item.Modified))]
            : null);

    /// <inheritdoc/>
    public Task EnsureFolderAsync(string folder, CancellationToken cancellationToken) => RunAsync(() => _client.EnsureDirectoryAsync(folder, cancellationToken));

    /// <inheritdoc/>
    public Task<SentContent> SendAsync(Stream source, string path, long offset, long length, DateTimeOffset modified, IProgress<long>? progress, CancellationToken cancellationToken) =>
        RunAsync(async () =>
        {
            if (length == 0 && offset > 0)
            {
                await _client.SetModifiedAsync(path, modified, cancellationToken).ConfigureAwait(false);
                return new SentContent(0, Verified: true);
            }

            var isCompressed = await ChooseCompressionAsync(source, offset, length, cancellationToken).ConfigureAwait(false);
            var since = options.TimeProvider.GetTimestamp();
            var upload = new FtpUploadOptions { Offset = offset, Length = length, Verify = true, Modified = modified, Progress = progress, Pace = pace };
            try
            {
                var result = await _client.UploadAsync(source, path, upload, cancellationToken).ConfigureAwait(false);

                // It is there, but a flush on the new connection would not cover it: the next attempt compares and goes on.
                if (result.IsReconciled)
                    throw new ArchiveException(ArchiveFault.Connection, $"{path} arrived, but the connection was lost before the archive said so");

                compression?.Measured(result.Bytes, result.WireBytes, options.TimeProvider.GetElapsedTime(since), isCompressed);

                // From a server with neither hashes nor sizes its 226 is taken as it is.
                return new SentContent(result.Bytes, result.Verification != FtpVerification.Mismatch);
            }
            catch (EndOfStreamException)
            {
                return new SentContent(0, Verified: false);
            }
        });

    /// <inheritdoc/>
    public Task<bool?> HasPrefixAsync(string path, FileStream local, long length, CancellationToken cancellationToken) => RunAsync<bool?>(async () =>
    {
        // What is compared is all that the archive has: the older commands, which hash whole files only, do as well.
        var known = Preferred.Where(_client.Features.Hashes.Contains).Concat(Preferred.Where(_client.Features.LegacyHashes.Contains)).ToList();
        if (known.Count == 0)
            return await FetchAndCompareAsync(path, local, length, cancellationToken).ConfigureAwait(false);
        var remote = _client.HashAsync(path, known[0], 0, length, cancellationToken);

        // Both ends read at the same time; the local file off this thread, it may be large.
        var own = await Task.Run(() => HashOf(local, known[0], length, cancellationToken), cancellationToken).ConfigureAwait(false);
        return await remote.ConfigureAwait(false) is { } hash ? own is not null && hash.Hex == own.Hex : null;
    });

    /// <inheritdoc/>
    public Task RenameAsync(string from, string to, CancellationToken cancellationToken) => RunAsync(() => _client.RenameAsync(from, to, cancellationToken));

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken) => RunAsync(() => _client.FlushAsync(cancellationToken));

    /// <inheritdoc/>
    public Task KeepAliveAsync(CancellationToken cancellationToken) => RunAsync(() => _client.NoOpAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<bool> ChooseCompressionAsync(Stream source, long offset, long length, CancellationToken cancellationToken)
    {
        if (compression is null || source is not FileStream file)
            return false;
        var wanted = compression.Choose(length, () => compression.Sample(file.SafeFileHandle, offset));
        if (wanted is { } compress)
            _isCompressing = await _client.CompressAsync(compress, cancellationToken).ConfigureAwait(false);
        return _isCompressing;
    }

    // A broken upload leaves at most a slice more than the ledger knows of; fetching that costs less than sending it again.
    private async Task<bool?> FetchAndCompareAsync(string path, FileStream local, long length, CancellationToken cancellationToken)
    {
        if (length > MostToFetch)
            return null;
        var comparing = new ComparingStream(local.SafeFileHandle);
        await using (comparing.ConfigureAwait(false))
        {
            var bytes = await _client.DownloadAsync(path, comparing, cancellationToken: cancellationToken).ConfigureAwait(false);
            return comparing.IsSame && bytes == length;
        }
    }

    private static FtpHash? HashOf(FileStream local, FtpHashAlgorithm algorithm, long length, CancellationToken cancellationToken)
    {
        try
        {
            return FtpHasher.HashFile(local.SafeFileHandle, algorithm, 0, length, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            // It became shorter meanwhile, so it does not begin with what the archive has.
            return null;
        }
    }

    private Task RunAsync(Func<Task> operation, bool connects = false) => RunAsync(
        async () =>
        {
            await operation().ConfigureAwait(false);
            return true;
        },
        connects);

    private async Task<T> RunAsync<T>(Func<Task<T>> operation, bool connects = false)
    {
        // The client would connect anew by itself. But the server's flush covers what its own connection stored: a batch
        // that began on one connection must not be told durable by another.
        if (!connects && !_client.IsConnected)
            throw new ArchiveException(ArchiveFault.Connection, "the connection to the archive was closed");

        try
        {
            return await operation().ConfigureAwait(false);
        }
        catch (FtpSignInException e)
        {
            throw new ArchiveException(ArchiveFault.SignIn, e.Message, e);
        }
        catch (FtpTlsException e)
        {
            throw new ArchiveException(ArchiveFault.Untrusted, e.Message, e);
        }
        catch (FtpConnectionException e)
        {
            throw new ArchiveException(IsTimeout(e) ? ArchiveFault.Timeout : ArchiveFault.Connection, e.Message, e);
        }
        catch (FtpPathException e)
        {
            throw new ArchiveException(ArchiveFault.Refused, e.Message, e);
        }
        catch (FtpReplyException e)
        {
            throw new ArchiveException(FaultOf(e.Code), e.Message, e);
        }
        catch (IOException e) when (connects)
        {
            // What is remembered of the archive's certificate could not be read.
            throw new ArchiveException(ArchiveFault.Untrusted, e.Message, e);
        }
    }

    private static bool IsTimeout(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is TimeoutException)
                return true;
        }

        return false;
    }

    private static ArchiveFault FaultOf(int code) => code switch
    {
        421 => ArchiveFault.Connection,
        425 or 426 or 451 => ArchiveFault.TransferAborted,
        450 => ArchiveFault.Busy,
        452 => ArchiveFault.NoSpace,
        552 => ArchiveFault.OverQuota,
        530 or 532 => ArchiveFault.SignIn,
        _ => ArchiveFault.Refused,
    };
}
