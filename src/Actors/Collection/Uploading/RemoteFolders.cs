using System.Collections.Concurrent;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// What the archive has in the folders that were written to: each is listed once, then kept up to date by what the
/// connections do. Shared by all connections of the uploader, safe for concurrent use; that no two of them work on the
/// same path is the ledger's care. After a doubtful end a folder is forgotten, and so listed again.
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
    public void Forget(string path) => _folders.TryRemove(path, out _);

    /// <summary>Forgets all: another archive may have answered, or one that was put back to an older backup.</summary>
    public void Clear() => _folders.Clear();

    private async ValueTask<Folder> OpenAsync(IArchiveTransport transport, string path, bool make, CancellationToken cancellationToken)
    {
        if (_folders.Count > MaxFolders)
            _folders.Clear();

        var folder = _folders.GetOrAdd(path, _ => new Folder());
        if (folder.IsListed)
            return folder;

        await folder.Listing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (folder.IsListed)
                return folder;
            var at = clock.GetUtcNow();
            var items = await transport.ListAsync(path, cancellationToken).ConfigureAwait(false);
            listed(path, at, items ?? []);
            if (items is null && !make)
                return folder;
            if (items is null)
                await transport.EnsureFolderAsync(path, cancellationToken).ConfigureAwait(false);
            foreach (var item in items ?? [])
                folder.Items[item.Name] = item;
            folder.IsListed = true;
            return folder;
        }
        finally
        {
            folder.Listing.Release();
        }
    }

    /// <summary>A folder's files and sub-folders by name.</summary>
    internal sealed class Folder
    {
        private volatile bool _isListed;

        public ConcurrentDictionary<string, ArchiveItem> Items { get; } = new(1, 31, StringComparer.Ordinal);

        public SemaphoreSlim Listing { get; } = new(1, 1);

        public bool IsListed
        {
            get => _isListed;
            set => _isListed = value;
        }

        public ArchiveItem? Find(string name) => Items.GetValueOrDefault(name);

        public void Put(string name, long size, DateTimeOffset? modified) => Items[name] = new ArchiveItem(name, false, size, modified);

        public void Remove(string name) => Items.TryRemove(name, out _);
    }
}

/// <summary>Parts of a path in the archive.</summary>
internal static class RemotePath
{
    public static string Folder(string path) => path[..Math.Max(1, path.LastIndexOf('/'))];

    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string Join(string folder, string name) => folder == "/" ? "/" + name : $"{folder}/{name}";
}
