using System.Net;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Tests.Users;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Tests.Catalog;

/// <summary>A tree and its catalog in a folder of their own.</summary>
public sealed class CatalogFixture : IDisposable
{
    public static readonly DateTimeOffset Day = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 1);
    private readonly TemporaryFolder _folder = new();

    public CatalogFixture()
        : this(null)
    {
    }

    public CatalogFixture(string? postgres)
    {
        Options = new CatalogOptions { FilesDirectory = Path.Combine(_folder.Path, "files"), DatabaseFile = Path.Combine(_folder.Path, "catalog.db"), PostgresConnection = postgres };
        Store = CatalogStore.Open(Options);
    }

    public CatalogOptions Options { get; }

    public CatalogStore Store { get; private set; }

    public ICatalogQueries Queries => Store.Queries;

    public string DataDirectory => _folder.Path;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Reopen()
    {
        Store.Dispose();
        Store = CatalogStore.Open(Options);
    }

    public void Put(string path, string content, DateTimeOffset? modified = null)
    {
        var file = Disk(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        File.SetLastWriteTimeUtc(file, (modified ?? Day).UtcDateTime);
    }

    public string Disk(string path) => Path.Join(Options.FilesDirectory, path);

    public static FtpTransferCompleted Stored(string path, long size, FtpHash? hash = null, FtpTransferKind kind = FtpTransferKind.Store, long offset = 0, DateTimeOffset? at = null) =>
        new(at ?? Day, 1, Client, "agent01", kind, FtpPath.Parse(path), offset, size - offset, size, hash, TimeSpan.FromMilliseconds(1));

    public static FtpHashTold Compared(string path, long start, long end, string hex, DateTimeOffset? at = null) =>
        new(at ?? Day, 1, Client, "agent01", FtpPath.Parse(path), new FtpHash(FtpHashAlgorithm.Xxh128, start, end, hex), end);

    public static FtpTransferBegan Began(string path, long offset = 0) =>
        new(Day, 1, Client, "agent01", offset == 0 ? FtpTransferKind.Store : FtpTransferKind.Append, FtpPath.Parse(path), offset);

    public static FtpRenamed Renamed(string from, string to) => new(Day, 1, Client, "agent01", FtpPath.Parse(from), FtpPath.Parse(to));

    public static FtpDeleted Deleted(string path, bool isDirectory = false) => new(Day, 1, Client, "agent01", FtpPath.Parse(path), isDirectory);

    public static FtpDirectoryMade Made(string path) => new(Day, 1, Client, "agent01", FtpPath.Parse(path));

    public static FtpModifiedTimeSet ModifiedSet(string path) => new(Day, 1, Client, "agent01", FtpPath.Parse(path), Day);

    /// <summary>Writes what the events mean, in one transaction.</summary>
    public IReadOnlyList<CatalogFile> Apply(params IReadOnlyList<object> events) => Store.Write(batch =>
    {
        batch.Apply([.. events.Select(CatalogChange.Of).OfType<CatalogChange>()]);
        batch.Flush();
        return batch.Changed.ToList();
    });

    /// <summary>Walks the whole tree, as the actor does at its start.</summary>
    public void Walk()
    {
        var toWalk = new Stack<FtpPath>([FtpPath.Root]);
        while (toWalk.TryPop(out var folder))
        {
            foreach (var found in Store.Write(batch => batch.Reconcile(folder)))
            {
                toWalk.Push(found);
            }
        }
    }

    public async Task<IReadOnlyList<string>> AllFiles() =>
        [.. (await Queries.FindFilesAsync(new FileQuery(Take: 1000), Cancel)).Files.Select(file => $"{file.Path} {file.Size} {file.Modified:O}").Order(StringComparer.Ordinal)];

    /// <summary>Every folder with its totals, from the root down.</summary>
    public async Task<IReadOnlyList<string>> AllFolders(string path = "/")
    {
        var page = await Queries.GetFolderAsync(new FolderQuery(path), Cancel);
        var lines = new List<string> { $"{page!.Folder.Path} {page.Folder.Files} {page.Folder.Bytes}" };
        foreach (var child in page.Folders)
        {
            lines.AddRange(await AllFolders(child.Path));
        }

        return lines;
    }

    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }
}
