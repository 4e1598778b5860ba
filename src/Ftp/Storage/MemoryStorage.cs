using ActorLogArchive.Ftp.Protocol;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>A tree that lives in memory, for tests and for programs that take files in without keeping them. A file may be up to 2 GB.</summary>
public sealed class MemoryStorage(TimeProvider? clock = null) : IFtpStorage
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly Dictionary<FtpPath, Node> _nodes = new() { [FtpPath.Root] = new Node(null, DateTimeOffset.UnixEpoch) };

    /// <inheritdoc/>
    public ValueTask<FtpEntry?> GetEntryAsync(FtpPath path, CancellationToken cancellationToken)
    {
        lock (_lock)
            return ValueTask.FromResult(_nodes.TryGetValue(path, out var node) ? node.ToEntry(path) : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FtpEntry> ListAsync(FtpPath directory, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        List<FtpEntry> entries;
        lock (_lock)
        {
            FolderAt(directory);
            entries = [.. _nodes.Where(node => !node.Key.IsRoot && node.Key.Parent == directory).Select(node => node.Value.ToEntry(node.Key))];
        }

        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IFtpReader> OpenReadAsync(FtpPath path, CancellationToken cancellationToken)
    {
        lock (_lock)
            return ValueTask.FromResult<IFtpReader>(new Reader(FileAt(path)));
    }

    /// <inheritdoc/>
    public ValueTask<IFtpWriter> OpenWriteAsync(FtpPath path, FtpWriteMode mode, long offset, long sizeHint, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var length = _nodes.ContainsKey(path) ? FileAt(path).Length : 0;
            if (length > 0 && (mode == FtpWriteMode.Replace || (mode == FtpWriteMode.Resume && _nodes[path].Unfinished is not null)))
                return ValueTask.FromResult<IFtpWriter>(Aside(_nodes[path], mode == FtpWriteMode.Resume ? offset : 0));

            var position = mode switch
            {
                FtpWriteMode.Replace => 0,
                FtpWriteMode.Append => length,
                _ => offset,
            };
            if (position > length)
                throw new FtpStorageException(FtpStorageError.InvalidOffset, $"The file has {length} bytes only.");

            FolderAt(path.Parent);
            var made = !_nodes.TryGetValue(path, out var node);
            if (node is null)
                _nodes[path] = node = new Node(new MemoryStream(), _clock.GetUtcNow());
            node.Unfinished = null;
            return ValueTask.FromResult<IFtpWriter>(new Writer(node, node.Content!, position, _clock, made ? () => Remove(path) : null));
        }
    }

    /// <inheritdoc/>
    public ValueTask CreateDirectoryAsync(FtpPath path, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            FolderAt(path.Parent);
            if (!_nodes.TryAdd(path, new Node(null, _clock.GetUtcNow())))
                throw new FtpStorageException(FtpStorageError.AlreadyExists, "File exists.");
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DeleteFileAsync(FtpPath path, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            FileAt(path);
            _nodes.Remove(path);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DeleteDirectoryAsync(FtpPath path, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (path.IsRoot)
                throw new FtpStorageException(FtpStorageError.Denied, "The root cannot be changed.");
            FolderAt(path);
            if (_nodes.Keys.Any(other => other != path && path.Contains(other)))
                throw new FtpStorageException(FtpStorageError.NotEmpty, "Directory not empty.");
            _nodes.Remove(path);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RenameAsync(FtpPath from, FtpPath to, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            NodeAt(from);
            FolderAt(to.Parent);
            if (from.IsRoot || (from.Contains(to) && from != to))
                throw new FtpStorageException(FtpStorageError.NameNotAllowed, "A folder cannot be moved into itself.");
            if (_nodes.ContainsKey(to))
                throw new FtpStorageException(FtpStorageError.AlreadyExists, "File exists.");
            foreach (var path in _nodes.Keys.Where(from.Contains).ToList())
            {
                _nodes.Remove(path, out var node);
                node!.Unfinished = null;
                _nodes[path == from ? to : FtpPath.Parse(to.Value + path.Value[from.Value.Length..])] = node;
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SetModifiedAsync(FtpPath path, DateTimeOffset modified, CancellationToken cancellationToken)
    {
        lock (_lock)
            NodeAt(path).Modified = modified;
        return ValueTask.CompletedTask;
    }

    /// <summary>Does nothing: memory is never durable.</summary>
    public ValueTask FlushAsync(IReadOnlyCollection<FtpPath> paths, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private void Remove(FtpPath path)
    {
        lock (_lock)
            _nodes.Remove(path);
    }

    /// <summary>New content for a file that is there: it takes the place of the old one when it is whole.</summary>
    private Writer Aside(Node node, long offset)
    {
        var unfinished = node.Unfinished ??= new MemoryStream();
        return offset <= unfinished.Length
            ? new Writer(node, unfinished, offset, _clock, offset == 0 ? () => node.Unfinished = null : null)
            : throw new FtpStorageException(FtpStorageError.InvalidOffset, $"An unfinished upload of {unfinished.Length} bytes is there.");
    }

    private Node NodeAt(FtpPath path) =>
        _nodes.TryGetValue(path, out var node) ? node : throw new FtpStorageException(FtpStorageError.NotFound, "No such file or directory.");

    private MemoryStream FileAt(FtpPath path) =>
        NodeAt(path).Content ?? throw new FtpStorageException(FtpStorageError.WrongKind, "Is a directory.");

    private void FolderAt(FtpPath path)
    {
        if (NodeAt(path).Content is not null)
            throw new FtpStorageException(FtpStorageError.NotFound, "Not a directory.");
    }

    private sealed class Node(MemoryStream? content, DateTimeOffset modified)
    {
        public MemoryStream? Content { get; set; } = content;

        /// <summary>New content that is not whole yet.</summary>
        public MemoryStream? Unfinished { get; set; }

        public DateTimeOffset Modified { get; set; } = modified;

        public FtpEntry ToEntry(FtpPath path) => new(path.Name, Content is null, Content?.Length ?? 0, Modified);
    }

    private sealed class Reader(MemoryStream content) : IFtpReader
    {
        public long Length { get; } = content.Length;

        public SafeFileHandle? File => null;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            lock (content)
            {
                content.Position = Math.Min(offset, content.Length);
                return ValueTask.FromResult(content.Read(buffer.Span));
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Writer(Node node, MemoryStream content, long position, TimeProvider clock, Action? remove) : IFtpWriter
    {
        private readonly long _start = position;
        private bool _cut = true;

        public long Position { get; private set; } = position;

        public SafeFileHandle? File => null;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            lock (content)
            {
                Cut();
                content.Position = Position;
                content.Write(data.Span);
            }

            Position += data.Length;
            if (content == node.Content)
                node.Modified = clock.GetUtcNow();
            return ValueTask.CompletedTask;
        }

        public ValueTask CompleteAsync(CancellationToken cancellationToken)
        {
            lock (content)
                Cut();
            if (content != node.Content)
                (node.Content, node.Unfinished) = (content, null);
            node.Modified = clock.GetUtcNow();
            return ValueTask.CompletedTask;
        }

        public ValueTask DiscardAsync(CancellationToken cancellationToken)
        {
            if (_cut && content.Length > 0)
                return ValueTask.CompletedTask; // nothing was written: the content is what it was
            if (remove is not null)
            {
                remove();
                return ValueTask.CompletedTask;
            }

            lock (content)
                content.SetLength(_start);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Cut()
        {
            if (_cut)
                content.SetLength(Position);
            _cut = false;
        }
    }
}
