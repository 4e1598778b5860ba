using System.Collections.Concurrent;
using ActorLogArchive.Ftp.Protocol;
using Akka.Actor;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// The catalog's database, with many readers and one writer (<see cref="CatalogActor"/>). Everything in it can be made again from the
/// tree.
/// </summary>
public sealed class CatalogStore : IFirstArchivingTimes, IDisposable
{
    private readonly CatalogOptions _options;
    private readonly ICatalogEngine _engine;
    private volatile bool _rebuilding;

    private CatalogStore(CatalogOptions options, ICatalogEngine engine)
    {
        _options = options;
        _engine = engine;
        Tree = new ArchiveTree(options.FilesDirectory);
        Queries = new CatalogQueries(this);
    }

    /// <summary>Reads the catalog; safe for concurrent use.</summary>
    public ICatalogQueries Queries { get; }

    /// <summary>Whether the catalog is being compared with the tree and may lack something.</summary>
    internal bool Rebuilding
    {
        get => _rebuilding;
        set => _rebuilding = value;
    }

    internal ArchiveTree Tree { get; }

    /// <summary>The writer; null while there is none, and nobody to wait for.</summary>
    internal IActorRef? Writer { get; set; }

    /// <summary>Files that clients are writing now.</summary>
    internal ConcurrentDictionary<string, bool> BeingWritten { get; } = new(StringComparer.Ordinal);

    /// <summary>Received at this moment (Unix milliseconds) or later, a file may still grow.</summary>
    internal long GrowsSince => (_options.TimeProvider.GetUtcNow() - _options.SealedAfter).ToUnixTimeMilliseconds();

    /// <summary>The database: <c>sqlite</c> or <c>postgresql</c>.</summary>
    internal string Provider => _engine.Name;

    /// <summary>Opens the database, or makes it; a damaged SQLite file, or one of a later version, is set aside first.</summary>
    /// <exception cref="System.Data.Common.DbException">It can be neither opened nor made.</exception>
    public static CatalogStore Open(CatalogOptions options)
    {
        Directory.CreateDirectory(options.FilesDirectory);
        var store = new CatalogStore(options, Engine(options)) { Rebuilding = true };
        store._engine.Prepare();
        return store;
    }

    /// <summary>Opens the database as it is, for a look: nothing is made or changed.</summary>
    /// <exception cref="System.Data.Common.DbException">It cannot be read.</exception>
    internal static CatalogStore OpenExisting(CatalogOptions options) => new(options, Engine(options));

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset?> GetFirstArchivedAsync(FtpPath path, CancellationToken cancellationToken)
    {
        var milliseconds = Read(null, db =>
            (from file in db.Files
             join folder in db.Folders on file.FolderId equals folder.Id
             where folder.Path == path.Parent.Value && file.Name == path.Name
             select (long?)file.FirstReceived).FirstOrDefault());
        return ValueTask.FromResult(milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : Tree.Look(path)?.Born);
    }

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    /// <summary>
    /// Ends when the catalog holds all that FTP clients were answered before the call, and this folder has been compared with the tree
    /// since the start; or when the writer takes too long, and what is there has to do.
    /// </summary>
    internal async Task SettleAsync(FtpPath? folder, CancellationToken cancellationToken)
    {
        if (Writer is not { } writer)
        {
            return;
        }

        try
        {
            await writer.Ask<CatalogProtocol.Settled>(new CatalogProtocol.Settle(folder), _options.ReaderPatience, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            // A database that cannot be written, or a folder that takes longer to list: the status says so.
        }
    }

    /// <summary>Runs reads on one snapshot.</summary>
    /// <param name="matches">The test of <see cref="CatalogMatch"/>; null for none.</param>
    /// <param name="read">The reads.</param>
    internal T Read<T>(Func<string, bool>? matches, Func<CatalogDatabase, T> read) => _engine.Read(matches, read);

    /// <summary>Runs changes in one transaction.</summary>
    internal T Write<T>(Func<CatalogBatch, T> write) => _engine.Write(db =>
    {
        var batch = new CatalogBatch(db, Tree, _options.TimeProvider.GetUtcNow(), GrowsSince);
        var result = write(batch);
        batch.Flush();
        return result;
    });

    /// <summary>Whether there is a catalog that this program can read.</summary>
    internal bool IsCurrent() => _engine.IsCurrent();

    /// <summary>Whether an error means that the database itself is damaged.</summary>
    internal bool IsDamage(Exception error) => _engine.IsDamage(error);

    /// <summary>Puts a database that cannot be used any more out of the way and makes an empty one.</summary>
    internal void SetAsideAndCreate()
    {
        Rebuilding = true;
        _engine.SetAsideAndCreate();
    }

    private static ICatalogEngine Engine(CatalogOptions options) =>
        options.PostgresConnection is { } postgres ? new PostgresCatalog(postgres) : new SqliteCatalog(options.DatabaseFile, options.TimeProvider);
}
