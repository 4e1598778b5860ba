using System.Collections.Concurrent;
using System.IO.Hashing;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>An archive in memory, with faults on demand. One for all transports of a spec.</summary>
internal sealed class FakeArchive
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal) { "/" };

    /// <summary>Called before each operation with its name and path; what it throws is the fault.</summary>
    public Action<string, string> OnOperation { get; set; } = (_, _) => { };

    /// <summary>Changes what arrives.</summary>
    public Func<string, byte[], byte[]> OnArrival { get; set; } = (_, bytes) => bytes;

    public bool HasHashes { get; set; } = true;

    public long BytesReceived { get; private set; }

    public ConcurrentQueue<string> Log { get; } = new();

    public IReadOnlyDictionary<string, byte[]> Files
    {
        get
        {
            lock (_lock)
                return new Dictionary<string, byte[]>(_files);
        }
    }

    public void Put(string path, byte[] content)
    {
        lock (_lock)
        {
            _files[path] = content;
            for (var folder = RemotePath.Folder(path); folder != "/"; folder = RemotePath.Folder(folder))
                _folders.Add(folder);
        }
    }

    public void Remove(string path)
    {
        lock (_lock)
            Assert.True(_files.Remove(path));
    }

    public IArchiveTransport NewTransport() => new Transport(this);

    public static ArchiveException Lost() => new(ArchiveFault.Connection, "connection reset");

    private T Run<T>(string operation, string path, Func<T> action)
    {
        OnOperation(operation, path);
        lock (_lock)
        {
            Log.Enqueue($"{operation} {path}");
            return action();
        }
    }

    private sealed class Transport(FakeArchive archive) : IArchiveTransport
    {
        private bool _isConnected;

        public Task ConnectAsync(CancellationToken cancellationToken)
        {
            archive.Run("connect", "", () => true);
            _isConnected = true;
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<ArchiveItem>?> ListAsync(string folder, CancellationToken cancellationToken) => Do<IReadOnlyList<ArchiveItem>?>("list", folder, () =>
            archive._folders.Contains(folder)
                ? [.. archive._files.Where(file => RemotePath.Folder(file.Key) == folder)
                    .Select(file => new ArchiveItem(RemotePath.Name(file.Key), false, file.Value.Length, DateTimeOffset.UnixEpoch))]
                : null);

        public Task EnsureFolderAsync(string folder, CancellationToken cancellationToken) => Do("mkdir", folder, () =>
        {
            for (var path = folder; path != "/"; path = RemotePath.Folder(path))
                archive._folders.Add(path);
            return true;
        });

        public async Task<SentContent> SendAsync(Stream source, string path, long offset, long length, DateTimeOffset modified, IProgress<long>? progress, CancellationToken cancellationToken)
        {
            var buffer = new byte[length];
            source.Position = offset;
            var read = await source.ReadAtLeastAsync(buffer, (int)length, throwOnEndOfStream: false, cancellationToken);
            return await Do("send", path, () =>
            {
                var sent = buffer[..read];
                var arrived = archive.OnArrival(path, sent);
                var before = archive._files.GetValueOrDefault(path) ?? [];
                if (!archive._folders.Contains(RemotePath.Folder(path)))
                    throw new ArchiveException(ArchiveFault.Refused, $"STOR was answered 550 {path}: no such folder");
                if (offset != before.Length)
                    throw new ArchiveException(ArchiveFault.Refused, $"STOR was answered 554 {path} has {before.Length} bytes, not {offset}");
                archive._files[path] = [.. before, .. arrived];
                archive.BytesReceived += arrived.Length;
                return new SentContent(read, sent.AsSpan().SequenceEqual(arrived));
            });
        }

        public Task<bool?> HasPrefixAsync(string path, FileStream local, long length, CancellationToken cancellationToken) => Do<bool?>("hash", path, () =>
        {
            if (!archive.HasHashes)
                return null;
            if (!archive._files.TryGetValue(path, out var remote) || remote.Length < length)
                throw new ArchiveException(ArchiveFault.Refused, $"HASH was answered 550 {path}: no such range");
            var own = new byte[length];
            return RandomAccess.Read(local.SafeFileHandle, own, 0) == length
                && XxHash128.Hash(own).AsSpan().SequenceEqual(XxHash128.Hash(remote.AsSpan(0, (int)length)));
        });

        public Task RenameAsync(string from, string to, CancellationToken cancellationToken) => Do("rename", $"{from} {to}", () =>
        {
            Assert.False(archive._files.ContainsKey(to), $"{to} would be overwritten");
            if (!archive._files.Remove(from, out var content))
                throw new ArchiveException(ArchiveFault.Refused, $"RNFR was answered 550 {from}: no such file");
            archive._files.Add(to, content);
            return true;
        });

        public Task FlushAsync(CancellationToken cancellationToken) => Do("flush", "", () => true);

        public Task KeepAliveAsync(CancellationToken cancellationToken) => Do("noop", "", () => true);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Task<T> Do<T>(string operation, string path, Func<T> action)
        {
            if (!_isConnected)
                throw new ArchiveException(ArchiveFault.Connection, "not connected");
            try
            {
                return Task.FromResult(archive.Run(operation, path, action));
            }
            catch (ArchiveException e) when (e.EndsConnection)
            {
                _isConnected = false;
                throw;
            }
        }
    }
}
