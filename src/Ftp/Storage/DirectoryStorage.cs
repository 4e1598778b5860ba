using System.Collections.Concurrent;
using ActorLogArchive.Ftp.Protocol;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>
/// A folder of the machine as the served tree. Nothing outside it can be reached, whatever links are in it: see
/// <see cref="IJail"/>. File operations are synchronous, as they go to the page cache; flushing runs beside the sessions.
/// </summary>
public sealed class DirectoryStorage : IFtpStorage, IDisposable
{
    private readonly IJail _jail;
    private readonly GroupCommit _commit;
    private readonly ConcurrentDictionary<FtpPath, bool> _changedFolders = new();
    private bool _flushedBefore;

    /// <summary>Serves <paramref name="root"/>, which is made when missing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public DirectoryStorage(string root)
        : this(OpenJail(root))
    {
        Root = Path.GetFullPath(root);
    }

    internal DirectoryStorage(IJail jail)
    {
        _jail = jail;
        _commit = new GroupCommit(Flush);
        Root = "";
    }

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <inheritdoc/>
    public ValueTask<FtpEntry?> GetEntryAsync(FtpPath path, CancellationToken cancellationToken) => ValueTask.FromResult(_jail.Find(path));

    /// <inheritdoc/>
    public async IAsyncEnumerable<FtpEntry> ListAsync(FtpPath directory, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        foreach (var entry in _jail.List(directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IFtpReader> OpenReadAsync(FtpPath path, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IFtpReader>(new FileReader(_jail.OpenRead(path)));

    /// <inheritdoc/>
    /// <remarks>
    /// New content for a file that is there and not empty is written beside it and put in its place when whole. One that is
    /// left unfinished stays, and is what <see cref="FtpWriteMode.Resume"/> continues, until the file is stored, appended to,
    /// renamed or removed. A new file is written in place.
    /// </remarks>
    public ValueTask<IFtpWriter> OpenWriteAsync(FtpPath path, FtpWriteMode mode, long offset, long sizeHint, CancellationToken cancellationToken)
    {
        var aside = UnfinishedName.For(path);
        if (mode == FtpWriteMode.Resume && _jail.Find(aside) is { IsDirectory: false } unfinished)
            return new(Continue(path, aside, offset, unfinished.Size));

        var file = _jail.OpenWrite(path, out var created);
        if (created)
            _changedFolders[path.Parent] = true;

        var length = created ? 0 : RandomAccess.GetLength(file);
        if (mode == FtpWriteMode.Replace && length > 0)
            return new(Aside(path, aside, file));

        // Whatever lies aside is part of a content that nobody will finish any more.
        if (_jail.Find(aside) is { IsDirectory: false })
            _jail.DeleteFile(aside);

        var position = mode switch
        {
            FtpWriteMode.Replace => 0,
            FtpWriteMode.Append => length,
            _ => offset,
        };
        if (position <= length)
            return new(new FileWriter(file, position, length, sizeHint, remove: created ? () => _jail.DeleteFile(path) : null));

        file.Dispose();
        if (created)
            _jail.DeleteFile(path);
        throw new FtpStorageException(FtpStorageError.InvalidOffset, $"The file has {length} bytes only.");
    }

    /// <summary>Begins the new content of a file that is there, beside it.</summary>
    private FileWriter Aside(FtpPath path, FtpPath aside, SafeFileHandle existing)
    {
        using (existing)
        {
            var file = _jail.OpenWrite(aside, out _);
            try
            {
#pragma warning disable CA1416 // on Windows a file has no such bits: the new one inherits its folder's rights, as the old one did
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(file, File.GetUnixFileMode(existing));
#pragma warning restore CA1416
            }
            catch (UnauthorizedAccessException)
            {
                // Another user's file in a folder of ours: replacing is allowed, giving away is not.
            }

            return new FileWriter(file, 0, RandomAccess.GetLength(file), 0, () => PutInPlace(aside, path), () => _jail.DeleteFile(aside));
        }
    }

    /// <summary>Goes on with a new content that was left unfinished. The old one is never mixed with it.</summary>
    private FileWriter Continue(FtpPath path, FtpPath aside, long offset, long length)
    {
        if (offset > length)
        {
            throw new FtpStorageException(
                FtpStorageError.InvalidOffset, $"An unfinished upload of {length} bytes is there: REST {length} continues it, STOR without REST begins anew.");
        }

        return new FileWriter(_jail.OpenWrite(aside, out _), offset, length, 0, () => PutInPlace(aside, path));
    }

    private void PutInPlace(FtpPath aside, FtpPath path)
    {
        _jail.Replace(aside, path);
        _changedFolders[path.Parent] = true;
    }

    /// <inheritdoc/>
    public ValueTask CreateDirectoryAsync(FtpPath path, CancellationToken cancellationToken)
    {
        _jail.CreateDirectory(path);
        _changedFolders[path.Parent] = true;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DeleteFileAsync(FtpPath path, CancellationToken cancellationToken)
    {
        _jail.DeleteFile(path);
        ForgetUnfinished(path);
        _changedFolders[path.Parent] = true;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DeleteDirectoryAsync(FtpPath path, CancellationToken cancellationToken)
    {
        _jail.DeleteDirectory(path);
        _changedFolders[path.Parent] = true;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RenameAsync(FtpPath from, FtpPath to, CancellationToken cancellationToken)
    {
        _jail.Rename(from, to);
        ForgetUnfinished(from);
        _changedFolders[from.Parent] = true;
        _changedFolders[to.Parent] = true;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SetModifiedAsync(FtpPath path, DateTimeOffset modified, CancellationToken cancellationToken)
    {
        _jail.SetModified(path, modified);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SetModeAsync(FtpPath path, UnixFileMode mode, CancellationToken cancellationToken)
    {
        _jail.SetMode(path, mode);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<long?> GetAvailableAsync(FtpPath path, CancellationToken cancellationToken) =>
        ValueTask.FromResult<long?>(Root.Length == 0 ? null : new DriveInfo(Root).AvailableFreeSpace);

    /// <inheritdoc/>
    public async ValueTask FlushAsync(IReadOnlyCollection<FtpPath> paths, CancellationToken cancellationToken)
    {
        if (paths.Count > 0)
            await _commit.FlushAsync(paths).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the root. Files open for reading or writing stay open.</summary>
    public void Dispose() => _jail.Dispose();

    private void ForgetUnfinished(FtpPath path)
    {
        var aside = UnfinishedName.For(path);
        if (_jail.Find(aside) is { IsDirectory: false })
            _jail.DeleteFile(aside);
    }

    private static IJail OpenJail(string root)
    {
        var full = Directory.CreateDirectory(root).FullName;
        return (IJail?)LinuxJail.TryOpen(full) ?? new PortableJail(full);
    }

    /// <summary>Makes one group of paths durable. Never runs twice at a time, see <see cref="GroupCommit"/>.</summary>
    private void Flush(IReadOnlyCollection<FtpPath> paths)
    {
        // One flush of the file system costs about as much as a few of single files. The first one also covers what a
        // former process of this program wrote and did not live to flush.
        const int FewFiles = 8;
        if ((!_flushedBefore || paths.Count > FewFiles) && FlushEverything())
            return;

        foreach (var path in paths)
        {
            // A path that is gone was renamed since, and its content with it.
            if (!_jail.Flush(path) && FlushEverything())
                return;
        }

        foreach (var folder in paths.SelectMany(Ancestors).Distinct())
            FlushFolder(folder);
    }

    private bool FlushEverything()
    {
        // Unmarked first: a change during the flush marks its folder again.
        var folders = _changedFolders.Keys.ToList();
        folders.ForEach(folder => _changedFolders.TryRemove(folder, out _));
        try
        {
            if (_jail.FlushAll())
            {
                _flushedBefore = true;
                return true;
            }
        }
        catch
        {
            folders.ForEach(folder => _changedFolders[folder] = true);
            throw;
        }

        folders.ForEach(folder => _changedFolders[folder] = true);
        return false;
    }

    /// <summary>Flushes the names in a folder, when they changed. Unmarked first: a change during the flush marks it again.</summary>
    private void FlushFolder(FtpPath folder)
    {
        if (!_changedFolders.TryRemove(folder, out _))
            return;

        try
        {
            _jail.Flush(folder);
        }
        catch
        {
            _changedFolders[folder] = true;
            throw;
        }
    }

    private static IEnumerable<FtpPath> Ancestors(FtpPath path)
    {
        for (var folder = path; !folder.IsRoot; folder = folder.Parent)
            yield return folder.Parent;
    }
}
