using System.Collections.Concurrent;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>
/// Makes a served tree append-only: what would overwrite or cut a file first renames the older content to a
/// <see cref="VersionName"/>, where it stays. Content that the new one begins with is not older but the same, and is not
/// kept twice. Deleting stays a matter of the account's permissions. One writer a file; others are refused as busy.
/// </summary>
/// <param name="inner">The tree.</param>
/// <param name="times">When content was archived first.</param>
/// <param name="onSetAside">Told of each renaming that keeps older content, and of its way back; must return at once.</param>
public sealed class ArchiveStorage(IFtpStorage inner, IFirstArchivingTimes times, Action<FtpServerProtocol.FileSetAside> onSetAside) : IFtpStorage
{
    private readonly IFtpStorage _inner = inner;
    private readonly Action<FtpServerProtocol.FileSetAside> _onSetAside = onSetAside;
    private readonly ConcurrentDictionary<FtpPath, bool> _writing = new();

    /// <inheritdoc/>
    public ValueTask<FtpEntry?> GetEntryAsync(FtpPath path, CancellationToken cancellationToken) => _inner.GetEntryAsync(path, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<FtpEntry> ListAsync(FtpPath directory, CancellationToken cancellationToken) => _inner.ListAsync(directory, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IFtpReader> OpenReadAsync(FtpPath path, CancellationToken cancellationToken) => _inner.OpenReadAsync(path, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IFtpWriter> OpenWriteAsync(FtpPath path, FtpWriteMode mode, long offset, long sizeHint, CancellationToken cancellationToken)
    {
        if (!_writing.TryAdd(path, true))
        {
            throw Busy(path);
        }

        try
        {
            var entry = await _inner.GetEntryAsync(path, cancellationToken).ConfigureAwait(false);
            var start = mode switch
            {
                FtpWriteMode.Replace => 0,
                FtpWriteMode.Resume => offset,
                _ => entry?.Size ?? 0,
            };
            if (entry is { IsDirectory: false, Size: > 0 } && start < entry.Size)
            {
                return new ReplacingWriter(this, path, start, sizeHint);
            }

            return new ClaimedWriter(this, path, await _inner.OpenWriteAsync(path, mode, offset, sizeHint, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            Release(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask CreateDirectoryAsync(FtpPath path, CancellationToken cancellationToken) => _inner.CreateDirectoryAsync(path, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteFileAsync(FtpPath path, CancellationToken cancellationToken)
    {
        RefuseWhileWritten(path);
        return _inner.DeleteFileAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DeleteDirectoryAsync(FtpPath path, CancellationToken cancellationToken) => _inner.DeleteDirectoryAsync(path, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask RenameAsync(FtpPath from, FtpPath to, CancellationToken cancellationToken)
    {
        RefuseWhileWritten(from);
        if (!_writing.TryAdd(to, true))
        {
            throw Busy(to);
        }

        try
        {
            if (from != to)
            {
                await MakeRoomAsync(from, to, cancellationToken).ConfigureAwait(false);
            }

            await _inner.RenameAsync(from, to, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Release(to);
        }
    }

    /// <inheritdoc/>
    public ValueTask SetModifiedAsync(FtpPath path, DateTimeOffset modified, CancellationToken cancellationToken) =>
        _inner.SetModifiedAsync(path, modified, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SetModeAsync(FtpPath path, UnixFileMode mode, CancellationToken cancellationToken) => _inner.SetModeAsync(path, mode, cancellationToken);

    /// <inheritdoc/>
    public bool KeepsReplaced => true;

    /// <inheritdoc/>
    public ValueTask<long?> GetAvailableAsync(FtpPath path, CancellationToken cancellationToken) => _inner.GetAvailableAsync(path, cancellationToken);

    /// <inheritdoc/>
    public ValueTask FlushAsync(IReadOnlyCollection<FtpPath> paths, CancellationToken cancellationToken) => _inner.FlushAsync(paths, cancellationToken);

    private async ValueTask MakeRoomAsync(FtpPath from, FtpPath to, CancellationToken cancellationToken)
    {
        if (await _inner.GetEntryAsync(from, cancellationToken).ConfigureAwait(false) is not { IsDirectory: false }
            || await _inner.GetEntryAsync(to, cancellationToken).ConfigureAwait(false) is not { IsDirectory: false } occupied)
        {
            return;
        }

        if (occupied.Size == 0)
        {
            await _inner.DeleteFileAsync(to, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _onSetAside(new FtpServerProtocol.FileSetAside(to, await SetAsideAsync(to, cancellationToken).ConfigureAwait(false)));
        }
    }

    private async ValueTask<FtpPath> SetAsideAsync(FtpPath path, CancellationToken cancellationToken)
    {
        var firstArchived = await times.GetFirstArchivedAsync(path, cancellationToken).ConfigureAwait(false)
            ?? (await _inner.GetEntryAsync(path, cancellationToken).ConfigureAwait(false))?.Modified
            ?? throw new FtpStorageException(FtpStorageError.NotFound, $"{path} is gone.");
        for (var number = 1; ; number++)
        {
            var version = path.Parent.Combine(VersionName.Of(path.Name, firstArchived, number));
            if (await _inner.GetEntryAsync(version, cancellationToken).ConfigureAwait(false) is null)
            {
                await _inner.RenameAsync(path, version, cancellationToken).ConfigureAwait(false);
                return version;
            }
        }
    }

    private void RefuseWhileWritten(FtpPath path)
    {
        foreach (var written in _writing.Keys)
        {
            if (path.Contains(written))
            {
                throw Busy(written);
            }
        }
    }

    private void Release(FtpPath path) => _writing.TryRemove(path, out _);

    private static FtpStorageException Busy(FtpPath path) => new(FtpStorageError.Busy, $"Another session is writing {path}.");

    /// <summary>A writer that harms nothing: the file is new, empty, or continued at its end.</summary>
    private sealed class ClaimedWriter(ArchiveStorage storage, FtpPath path, IFtpWriter writer) : IFtpWriter
    {
        public long Position => writer.Position;

        public Microsoft.Win32.SafeHandles.SafeFileHandle? File => writer.File;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => writer.WriteAsync(data, cancellationToken);

        public ValueTask CompleteAsync(CancellationToken cancellationToken) => writer.CompleteAsync(cancellationToken);

        public ValueTask DiscardAsync(CancellationToken cancellationToken) => writer.DiscardAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await writer.DisposeAsync().ConfigureAwait(false);
            storage.Release(path);
        }
    }

    /// <summary>
    /// A writer over older content. It moves nothing before the first byte is there (or the upload ends without any): a
    /// transfer that never begins leaves the file where it was.
    /// </summary>
    private sealed class ReplacingWriter(ArchiveStorage storage, FtpPath path, long start, long sizeHint) : IFtpWriter
    {
        private IFtpWriter? _writer;
        private FtpPath? _version;

        public long Position => _writer?.Position ?? start;

        // None: the file that will be written to is not there yet.
        public Microsoft.Win32.SafeHandles.SafeFileHandle? File => null;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            var writer = _writer ?? await BeginAsync(cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        }

        public async ValueTask CompleteAsync(CancellationToken cancellationToken)
        {
            var writer = _writer ?? await BeginAsync(cancellationToken).ConfigureAwait(false);
            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            if (_version is { } version && await FileComparison.StartsWithAsync(storage._inner, path, version, cancellationToken).ConfigureAwait(false))
            {
                await storage._inner.DeleteFileAsync(version, cancellationToken).ConfigureAwait(false);

                // Not older after all: what was known of it holds for the name again.
                storage._onSetAside(new FtpServerProtocol.FileSetAside(version, path));
                _version = null;
            }
        }

        /// <summary>The older content comes back under its name.</summary>
        public async ValueTask DiscardAsync(CancellationToken cancellationToken)
        {
            if (_writer is null || _version is not { } version)
            {
                return;
            }

            await _writer.DiscardAsync(cancellationToken).ConfigureAwait(false);
            await storage._inner.RenameAsync(version, path, cancellationToken).ConfigureAwait(false);
            storage._onSetAside(new FtpServerProtocol.FileSetAside(version, path));
            _version = null;
        }

        public async ValueTask DisposeAsync()
        {
            if (_writer is not null)
            {
                await _writer.DisposeAsync().ConfigureAwait(false);
            }

            storage.Release(path);
        }

        private async ValueTask<IFtpWriter> BeginAsync(CancellationToken cancellationToken)
        {
            if (_version is null)
            {
                _version = await storage.SetAsideAsync(path, cancellationToken).ConfigureAwait(false);

                // At once, not when the transfer ends: the catalog must not show the older content under a name that has other bytes.
                storage._onSetAside(new FtpServerProtocol.FileSetAside(path, _version.Value));
            }

            _writer = await storage._inner.OpenWriteAsync(path, FtpWriteMode.Replace, 0, sizeHint, cancellationToken).ConfigureAwait(false);
            await FileComparison.CopyStartAsync(storage._inner, _version.Value, _writer, start, cancellationToken).ConfigureAwait(false);
            return _writer;
        }
    }
}
