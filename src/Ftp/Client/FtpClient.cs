using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// An FTP client over one control connection. Not for concurrent use: one operation at a time. After an
/// <see cref="FtpConnectionException"/>, and after a cancelled operation, the next operation connects anew.
/// Paths are absolute, or relative to <see cref="WorkingDirectory"/>.
/// </summary>
/// <remarks>
/// Every operation may throw <see cref="FtpReplyException"/> (refused, the connection stays), <see
/// cref="FtpConnectionException"/> (lost, never made, or a time limit passed), <see cref="FtpSignInException"/> when it had to
/// connect, <see cref="FtpTlsException"/> likewise (the server is not to be trusted, or does not encrypt), and <see
/// cref="FtpPathException"/> (the name cannot be sent to this server). All are <see cref="IOException"/>s.
/// </remarks>
public sealed class FtpClient(FtpClientOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TrustedIdleTime = TimeSpan.FromSeconds(1);

    private FtpSession? _session;
    private string? _workingDirectory;
    private long _lastUse;
    private int _busy;
    private bool _disposed;

    /// <summary>The settings.</summary>
    public FtpClientOptions Options { get; } = options;

    /// <summary>Whether the control connection is up and signed in, as far as can be known without asking.</summary>
    public bool IsConnected => _session is { Control.Cause: null } session && (Volatile.Read(ref _busy) != 0 || !session.Control.HasUnexpectedInput());

    /// <summary>What FEAT told; nothing before the first connection.</summary>
    public FtpFeatures Features => _session?.Features ?? new FtpFeatures();

    /// <summary>How the connection is encrypted; null when it is not, and before the first connection.</summary>
    public FtpTlsSession? Tls => _session is { Control: { Tls.Session: { } tls } control } ? tls with { ProtectsData = control.ProtectsData } : null;

    /// <summary>The folder that relative paths start from: the server's choice until <see cref="ChangeDirectoryAsync"/>.</summary>
    public string WorkingDirectory => _workingDirectory ?? _session?.WorkingDirectory ?? "/";

    /// <summary>Connects and signs in, trying again while the server cannot be reached.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="backoff">How to try again; null for 1 s to 30 s, without end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="FtpSignInException">The account is refused; that is not tried again.</exception>
    public static async Task<FtpClient> ConnectWithBackoffAsync(FtpClientOptions options, FtpBackoff? backoff = null, CancellationToken cancellationToken = default)
    {
        var client = new FtpClient(options);
        try
        {
            await client.RetryAsync((self, token) => self.ConnectAsync(token), backoff, cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs an operation of this client, and runs it again, over a new connection, while the connection fails.</summary>
    public Task RetryAsync(Func<FtpClient, CancellationToken, Task> operation, FtpBackoff? backoff = null, CancellationToken cancellationToken = default) =>
        (backoff ?? new FtpBackoff()).RunAsync(
            async token =>
            {
                await operation(this, token).ConfigureAwait(false);
                return true;
            },
            Options.TimeProvider,
            cancellationToken);

    /// <summary>Connects, signs in, asks FEAT and sets TYPE I. Does nothing when connected.</summary>
    public Task ConnectAsync(CancellationToken cancellationToken = default) =>
        RunAsync(static (_, _) => Task.FromResult(true), cancellationToken);

    /// <summary>Makes <paramref name="path"/> the folder that relative paths start from.</summary>
    /// <exception cref="FtpReplyException">There is no such folder.</exception>
    public Task ChangeDirectoryAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync(
            async (session, _) =>
            {
                var target = session.Resolve(path);
                await session.RequireAsync("CWD", target).ConfigureAwait(false);
                return _workingDirectory = session.WorkingDirectory = target;
            },
            cancellationToken);

    /// <summary>Makes a folder and all above it that are missing. Folders made or seen before are not asked for again.</summary>
    public Task EnsureDirectoryAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync(
            async (session, _) =>
            {
                await FtpFolders.EnsureAsync(session, session.Resolve(path)).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    /// <summary>Whether a file or folder of this path exists.</summary>
    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync(async (session, _) => await FtpFolders.GetEntryAsync(session, session.Resolve(path)).ConfigureAwait(false) is not null, cancellationToken);

    /// <summary>Whether a folder of this path exists.</summary>
    public Task<bool> DirectoryExistsAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync((session, _) => FtpFolders.ExistsAsync(session, session.Resolve(path)), cancellationToken);

    /// <summary>The entry of this path, null when there is none. Of a folder, time may be unknown.</summary>
    public Task<FtpListItem?> GetEntryAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync((session, _) => FtpFolders.GetEntryAsync(session, session.Resolve(path)), cancellationToken);

    /// <summary>Size in bytes, null when there is no such file.</summary>
    public Task<long?> GetSizeAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync((session, _) => FtpFiles.GetSizeAsync(session, session.Resolve(path)), cancellationToken);

    /// <summary>Last modification (MDTM), null when there is no such file or the server does not tell.</summary>
    public Task<DateTimeOffset?> GetModifiedAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync((session, _) => FtpFiles.GetModifiedAsync(session, session.Resolve(path)), cancellationToken);

    /// <summary>Sets the last modification (MFMT), to the second.</summary>
    /// <returns>False when the server does not offer it.</returns>
    public Task<bool> SetModifiedAsync(string path, DateTimeOffset modified, CancellationToken cancellationToken = default) =>
        RunAsync(
            async (session, _) =>
            {
                var target = session.Resolve(path);
                if (session.Features.ModifyTime)
                {
                    await session.RequireAsync("MFMT", $"{FtpFiles.FormatTime(modified)} {target}").ConfigureAwait(false);
                }

                return session.Features.ModifyTime;
            },
            cancellationToken);

    /// <summary>Entries of a folder (MLSD, or LIST), without <c>.</c> and <c>..</c>; null when there is no such folder.</summary>
    public Task<IReadOnlyList<FtpListItem>?> ListAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync((session, token) => FtpFolders.ListAsync(session, session.Resolve(path), token), cancellationToken);

    /// <summary>
    /// Sends <paramref name="source"/> from its byte <see cref="FtpUploadOptions.Offset"/> on; one that cannot seek must stand there.
    /// The parent folder must exist. An upload that fails may leave what arrived; it can be continued from there.
    /// </summary>
    /// <exception cref="EndOfStreamException">The source ends before <see cref="FtpUploadOptions.Length"/>.</exception>
    public Task<FtpUploadResult> UploadAsync(Stream source, string path, FtpUploadOptions? upload = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return RunUploadAsync(offset => FtpUploadSource.Of(source, offset), source, path, upload ?? new FtpUploadOptions(), cancellationToken);
    }

    /// <summary>Sends a file, which may grow, be renamed or removed meanwhile. Otherwise as <see cref="UploadAsync"/>.</summary>
    /// <exception cref="IOException">The file cannot be opened or read; also <see cref="UnauthorizedAccessException"/>.</exception>
    public async Task<FtpUploadResult> UploadFileAsync(string localFile, string path, FtpUploadOptions? upload = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(localFile);
        if (upload is not { Resume: true })
        {
            return await RunUploadAsync(offset => FtpUploadSource.OfFile(localFile, offset), null, path, upload ?? new FtpUploadOptions(), cancellationToken).ConfigureAwait(false);
        }

        var source = new FileStream(localFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        await using (source.ConfigureAwait(false))
        {
            return await UploadAsync(source, path, upload, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Retrieves a file from <paramref name="offset"/> on.</summary>
    /// <returns>Bytes received.</returns>
    public async Task<long> DownloadAsync(string path, Stream target, long offset = 0, CancellationToken cancellationToken = default) =>
        (await DownloadAsync(path, target, new FtpDownloadOptions { Offset = offset }, cancellationToken).ConfigureAwait(false)).Bytes;

    /// <summary>Retrieves a file, and writes it to where <paramref name="target"/> stands.</summary>
    public Task<FtpDownloadResult> DownloadAsync(string path, Stream target, FtpDownloadOptions download, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        return RunDownloadAsync((_, _) => Task.FromResult(download), path, target, download, cancellationToken);
    }

    /// <summary>Retrieves a file into a local one: anew, from <see cref="FtpDownloadOptions.Offset"/> on, or where it ends.</summary>
    /// <exception cref="IOException">The local file cannot be written; also <see cref="UnauthorizedAccessException"/>.</exception>
    public async Task<FtpDownloadResult> DownloadFileAsync(string path, string localFile, FtpDownloadOptions? download = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(localFile);
        var wanted = download ?? new FtpDownloadOptions();
        var target = new FileStream(localFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1);
        await using (target.ConfigureAwait(false))
        {
            return await RunDownloadAsync(
                async (session, token) =>
                {
                    var offset = wanted.Resume
                        ? await FtpResume.FindDownloadOffsetAsync(session, Options, session.Resolve(path), target, token).ConfigureAwait(false)
                        : wanted.Offset;
                    target.SetLength(offset);
                    target.Seek(offset, SeekOrigin.Begin);
                    return wanted with { Offset = offset };
                },
                path,
                target,
                wanted,
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Renames (RNFR, RNTO).</summary>
    public Task RenameAsync(string from, string to, CancellationToken cancellationToken = default) =>
        RunAsync(
            async (session, _) =>
            {
                await FtpFiles.RenameAsync(session, session.Resolve(from), session.Resolve(to)).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    /// <summary>Removes a file.</summary>
    public Task DeleteFileAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync((session, _) => session.RequireAsync("DELE", session.Resolve(path)).AsTask(), cancellationToken);

    /// <summary>Removes an empty folder.</summary>
    public Task RemoveDirectoryAsync(string path, CancellationToken cancellationToken = default) =>
        RunAsync(
            (session, _) =>
            {
                var target = session.Resolve(path);
                session.KnownFolders.Forget(target);
                return session.RequireAsync("RMD", target).AsTask();
            },
            cancellationToken);

    /// <summary>The server's hash of bytes [start, end) of a file (HASH with RANG); null when it offers no such hash.</summary>
    public Task<FtpHash?> HashAsync(string path, FtpHashAlgorithm algorithm, long start, long end, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(end, start);
        return RunAsync((session, _) => FtpFiles.HashAsync(session, session.Resolve(path), algorithm, start, end), cancellationToken);
    }

    /// <summary>Makes all that this connection stored durable (SITE FSYNC).</summary>
    /// <returns>False when the server does not offer it.</returns>
    public Task<bool> FlushAsync(CancellationToken cancellationToken = default) =>
        RunAsync(
            async (session, _) =>
            {
                if (session.Features.Flush)
                {
                    await session.RequireAsync("SITE", "FSYNC").ConfigureAwait(false);
                }

                return session.Features.Flush;
            },
            cancellationToken);

    /// <summary>
    /// Has the data of further transfers compressed, or not any more (MODE Z, MODE S), until the connection ends; a new one begins as
    /// <see cref="FtpClientOptions.Compression"/> says.
    /// </summary>
    /// <returns>Whether it is compressed: never where the server does not offer it, or is known to spoil it (see <see cref="FtpCompression.Auto"/>).</returns>
    public Task<bool> CompressAsync(bool compress, CancellationToken cancellationToken = default) =>
        RunAsync(
            async (session, _) =>
            {
                if (!compress || session.TakesCompression)
                {
                    await FtpModes.CompressAsync(session, compress).ConfigureAwait(false);
                }

                return session.Control.DataMode == FtpDataMode.Deflate;
            },
            cancellationToken);

    /// <summary>Keeps an idle control connection open (NOOP).</summary>
    public Task NoOpAsync(CancellationToken cancellationToken = default) =>
        RunAsync((session, _) => session.RequireAsync("NOOP").AsTask(), cancellationToken);

    /// <summary>Sends a command that moves no data, such as <c>SITE HELP</c>.</summary>
    /// <returns>Its last reply, a refusal too.</returns>
    public Task<FtpReply> ExecuteAsync(string command, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        var space = command.IndexOf(' ', StringComparison.Ordinal);
        var (verb, argument) = space < 0 ? (command, null) : (command[..space], command[(space + 1)..]);
        return RunAsync((session, _) => session.Control.ExecuteAsync(verb.ToUpperInvariant(), argument).AsTask(), cancellationToken);
    }

    /// <summary>Says goodbye and closes; an operation under way fails.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (_session is not { } session)
        {
            return;
        }

        if (Interlocked.Exchange(ref _busy, 1) == 0)
        {
            await session.Control.CloseAsync(GoodbyePatience).ConfigureAwait(false);
        }
        else
        {
            session.Control.Dispose();
        }
    }

    private Task<FtpUploadResult> RunUploadAsync(Func<long, FtpUploadSource> open, Stream? seekable, string path, FtpUploadOptions upload, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(upload.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(upload.RateLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(upload.Length ?? 0);
        FtpUpload? run = null;
        return RunAsync(
            async (session, token) =>
            {
                var target = session.Resolve(path);
                var wanted = upload.Resume ? await ResumeAsync(session, target, seekable, upload, token).ConfigureAwait(false) : upload;
                using var source = open(wanted.Offset);
                try
                {
                    run = new FtpUpload(session, source, target, wanted);
                    return await run.RunAsync(token).ConfigureAwait(false);
                }
                catch (FtpReplyException refusal) when (refusal.Code >= 500)
                {
                    // Its folder may be the reason: have it looked for again.
                    session.KnownFolders.Forget(FtpFolders.ParentOf(target));
                    throw;
                }
            },
            cancellationToken,
            (session, cause) => run!.ReconcileAsync(session, cause));
    }

    private static async Task<FtpUploadOptions> ResumeAsync(FtpSession session, string path, Stream? source, FtpUploadOptions upload, CancellationToken cancellationToken)
    {
        if (source is not { CanSeek: true })
        {
            throw new ArgumentException("a source that cannot seek cannot be resumed", nameof(source));
        }

        var offset = await FtpResume.FindUploadOffsetAsync(session, path, source, cancellationToken).ConfigureAwait(false);
        return upload with { Offset = offset, Length = upload.Length is { } length ? Math.Max(0, length - offset) : null };
    }

    private Task<FtpDownloadResult> RunDownloadAsync(
        Func<FtpSession, CancellationToken, Task<FtpDownloadOptions>> prepare, string path, Stream target, FtpDownloadOptions download, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(download.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(download.RateLimit);
        FtpDownload? run = null;
        return RunAsync(
            async (session, token) =>
            {
                var wanted = await prepare(session, token).ConfigureAwait(false);
                run = new FtpDownload(session, session.Resolve(path), target, wanted);
                return await run.RunAsync(token).ConfigureAwait(false);
            },
            cancellationToken,
            (session, cause) => run!.ReconcileAsync(session, cause));
    }

    /// <summary>
    /// Runs one operation on a session that is up. Cancelling drops the connection: that ends every wait at once, and
    /// leaves neither a socket nor a reply that the next operation would take for its own.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="reconcile">What to find out on a new connection when all data was moved and only the last reply did not come.</param>
    private async Task<T> RunAsync<T>(
        Func<FtpSession, CancellationToken, Task<T>> operation,
        CancellationToken cancellationToken,
        Func<FtpSession, FtpConnectionException, Task<T>>? reconcile = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            throw new InvalidOperationException($"The FTP client of {Options} is at work: it does one operation at a time.");
        }

        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                return await RunOnceAsync(operation, cancellationToken).ConfigureAwait(false);
            }
            catch (FtpMissingReplyException missing)
            {
                try
                {
                    return reconcile is null
                        ? throw missing.Cause
                        : await RunOnceAsync((session, _) => reconcile(session, missing.Cause), cancellationToken).ConfigureAwait(false);
                }
                catch (FtpReplyException)
                {
                    // A server that cannot be asked: then nothing is known but that the connection was lost.
                    throw missing.Cause;
                }
            }
        }
        finally
        {
            _lastUse = Options.TimeProvider.GetTimestamp();
            if (!_disposed)
            {
                Volatile.Write(ref _busy, 0);
            }
        }
    }

    private async Task<T> RunOnceAsync<T>(Func<FtpSession, CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        var session = await GetSessionAsync(cancellationToken).ConfigureAwait(false);
        using var cancelling = CloseOnCancellation(session.Control, cancellationToken);
        try
        {
            await session.SettleAsync().ConfigureAwait(false);
            return await operation(session, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            DropUnlessUsable(session.Control, exception);
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private async Task<FtpSession> GetSessionAsync(CancellationToken cancellationToken)
    {
        if (_session is { } session)
        {
            if (session.Control.Cause is null
                && (Options.TimeProvider.GetElapsedTime(_lastUse) < TrustedIdleTime || await IsStillThereAsync(session, cancellationToken).ConfigureAwait(false)))
            {
                return session;
            }

            session.Control.Dispose();
        }

        _session = null;
        var control = await FtpControlConnection.ConnectAsync(Options, cancellationToken).ConfigureAwait(false);
        using var cancelling = CloseOnCancellation(control, cancellationToken);
        try
        {
            _session = await FtpSignOn.RunAsync(control, Options).ConfigureAwait(false);
            _session.WorkingDirectory = _workingDirectory ?? _session.WorkingDirectory;
            return _session;
        }
        catch
        {
            control.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>A server that let an idle connection go has told so: no need to have an operation fail on it.</summary>
    private static async Task<bool> IsStillThereAsync(FtpSession session, CancellationToken cancellationToken)
    {
        using var cancelling = CloseOnCancellation(session.Control, cancellationToken);
        try
        {
            await session.SettleAsync().ConfigureAwait(false);
            return !session.Control.HasUnexpectedInput();
        }
        catch (Exception exception) when (exception is FtpConnectionException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private static CancellationTokenRegistration CloseOnCancellation(FtpControlConnection control, CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static (state, token) => ((FtpControlConnection)state!).Abort(new OperationCanceledException(token)), control);

    /// <summary>
    /// After a refusal the connection is good: replies still under way are read before the next command. After anything
    /// else that left a transfer or a reply open, starting anew is the one state that is known.
    /// </summary>
    private static void DropUnlessUsable(FtpControlConnection control, Exception exception)
    {
        if (exception is not FtpReplyException && (control.HasData || control.Unanswered > 0))
        {
            control.Abort(exception);
        }
    }
}
