using System.Collections.Concurrent;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// What the archive has in the folders that were written to: each is listed once, then kept up to date by what the
/// connections do. Shared by all connections of the uploader, safe for concurrent use; that no two of them work on the
/// same path is the ledger's care. After a doubtful end a folder is forgotten, and so listed again, while other connections go
/// on in it: what they do meanwhile counts, whatever the listing says.
/// </summary>
/// <param name="listed">Told of each listing, with when it was asked for; on any thread.</param>
/// <param name="clock">Tells when.</param>
internal sealed class RemoteFolders(Action<string, DateTimeOffset, IReadOnlyList<ArchiveItem>> listed, TimeProvider clock)
{
    // Bounds the memory for trees of very many folders; forgetting costs a listing, nothing else.
    private const int MaxFolders = 4096;

    private readonly ConcurrentDictionary<string, Folder> _folders = new(StringComparer.Ordinal);

    /// <summary>What a folder has; it is made when it does not exist.</summary>
    public ValueTask<Folder> OpenAsync(IArchiveTransport transport, string path, CancellationToken cancellationToken) =>
        OpenAsync(transport, path, make: true, cancellationToken);

    /// <summary>
    /// What a folder has, nothing when it does not exist. It is not made: where content is only looked for, the folder may have been renamed
    /// with all that was in it.
    /// </summary>
    public ValueTask<Folder> LookAsync(IArchiveTransport transport, string path, CancellationToken cancellationToken) =>
        OpenAsync(transport, path, make: false, cancellationToken);

    /// <summary>Forgets a folder: what is there is not certain any more.</summary>
    public void Forget(string path) => Current(path)?.Forget();

    /// <summary>Forgets all: another archive may have answered, or one that was put back to an older backup.</summary>
    public void Clear()
    {
        foreach (var folder in _folders.Values)
            folder.Forget();
        _folders.Clear();
    }

    private Folder? Current(string path) => _folders.GetValueOrDefault(path);

    private async ValueTask<Folder> OpenAsync(IArchiveTransport transport, string path, bool make, CancellationToken cancellationToken)
    {
        if (_folders.Count > MaxFolders)
            _folders.Clear();

        var folder = _folders.GetOrAdd(path, name => new Folder(this, name));
        if (folder.IsListed)
            return folder;

        await folder.Listing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (!folder.IsListed)
            {
                var listing = folder.BeginListing();
                var at = clock.GetUtcNow();
                var items = await transport.ListAsync(path, cancellationToken).ConfigureAwait(false);
                listed(path, at, items ?? []);
                if (items is null && make)
                    await transport.EnsureFolderAsync(path, cancellationToken).ConfigureAwait(false);
                folder.EndListing(listing, items ?? [], isThere: items is not null || make);
                if (items is null && !make)
                    break;
            }

            return folder;
        }
        finally
        {
            folder.Listing.Release();
        }
    }

    /// <summary>A folder's files and sub-folders by name.</summary>
    internal sealed class Folder(RemoteFolders owner, string path)
    {
        private readonly Lock _gate = new();
        private volatile ConcurrentDictionary<string, ArchiveItem> _items = new(1, 31, StringComparer.Ordinal);
        private volatile bool _isListed;
        private int _doubts;

        // What was done here since the listing under way was asked for: it may tell of the time before.
        private Dictionary<string, ArchiveItem?>? _sinceAsked;

        public SemaphoreSlim Listing { get; } = new(1, 1);

        public bool IsListed => _isListed;

        /// <summary>All files, in no order.</summary>
        public IEnumerable<ArchiveItem> Files => _items.Values.Where(item => !item.IsFolder);

        public ArchiveItem? Find(string name) => _items.GetValueOrDefault(name);

        public void Put(string name, long size, DateTimeOffset? modified) => Change(name, new ArchiveItem(name, false, size, modified));

        public void Remove(string name) => Change(name, null);

        /// <summary>A listing under way is not believed either: it may be older than what is in doubt.</summary>
        public void Forget()
        {
            lock (_gate)
            {
                _doubts++;
                _isListed = false;
            }
        }

        public int BeginListing()
        {
            lock (_gate)
            {
                _sinceAsked = new(StringComparer.Ordinal);
                return _doubts;
            }
        }

        public void EndListing(int begun, IReadOnlyList<ArchiveItem> items, bool isThere)
        {
            var found = new ConcurrentDictionary<string, ArchiveItem>(1, items.Count + 31, StringComparer.Ordinal);
            foreach (var item in items)
                found[item.Name] = item;
            lock (_gate)
            {
                foreach (var (name, item) in _sinceAsked!)
                    Set(found, name, item);
                (_items, _sinceAsked, _isListed) = (found, null, isThere && begun == _doubts);
            }
        }

        // A folder may be held as one while it is known anew as another: what is done is true of both.
        private void Change(string name, ArchiveItem? item)
        {
            Apply(name, item);
            if (owner.Current(path) is { } current && current != this)
                current.Apply(name, item);
        }

        private void Apply(string name, ArchiveItem? item)
        {
            lock (_gate)
            {
                Set(_items, name, item);
                if (_sinceAsked is { } since)
                    since[name] = item;
            }
        }

        private static void Set(ConcurrentDictionary<string, ArchiveItem> items, string name, ArchiveItem? item)
        {
            if (item is null)
                items.TryRemove(name, out _);
            else
                items[name] = item;
        }
    }
}

/// <summary>Parts of a path in the archive.</summary>
internal static class RemotePath
{
    public static string Folder(string path) => path[..Math.Max(1, path.LastIndexOf('/'))];

    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string Join(string folder, string name) => folder == "/" ? "/" + name : $"{folder}/{name}";
}
