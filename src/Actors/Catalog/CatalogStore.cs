using System.Globalization;
using ActorLogArchive.Ftp.Protocol;
using LinqToDB;
using LinqToDB.DataProvider;
using LinqToDB.DataProvider.SQLite;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// The catalog's database: one file, WAL, many readers and one writer (<see cref="CatalogActor"/>). Everything in it can be
/// made again from the tree; a database that cannot be read is set aside, never deleted.
/// </summary>
public sealed class CatalogStore : IFirstArchivingTimes, IDisposable
{
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;
    private static readonly IDataProvider Provider = SQLiteTools.GetDataProvider(SQLiteProvider.Microsoft);
    private readonly CatalogOptions _options;
    private readonly string _connectionString;
    private volatile bool _rebuilding;

    private CatalogStore(CatalogOptions options)
    {
        _options = options;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = options.DatabaseFile }.ToString();
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

    /// <summary>Opens the database, or makes it; a damaged one, or one of another version, is set aside first.</summary>
    /// <exception cref="SqliteException">It can be neither opened nor made.</exception>
    public static CatalogStore Open(CatalogOptions options)
    {
        Directory.CreateDirectory(options.FilesDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.DatabaseFile))!);
        var store = new CatalogStore(options) { Rebuilding = true };
        if (File.Exists(options.DatabaseFile) && !store.IsSound())
        {
            store.SetAside();
        }

        store.CreateIfMissing();
        return store;
    }

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
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    /// <summary>Runs reads on one snapshot.</summary>
    /// <param name="prepare">Given the connection first, for functions of its own.</param>
    /// <param name="read">The reads.</param>
    internal T Read<T>(Action<SqliteConnection>? prepare, Func<CatalogDatabase, T> read)
    {
        using var connection = Connect();
        prepare?.Invoke(connection);

        // Deferred: linq2db's own transactions would take the write lock.
        using var transaction = connection.BeginTransaction(deferred: true);
        using var db = new CatalogDatabase(new DataOptions().UseTransaction(Provider, transaction));
        return read(db);
    }

    /// <summary>Runs changes in one transaction.</summary>
    internal T Write<T>(Func<CatalogBatch, T> write)
    {
        using var connection = Connect();
        using var transaction = connection.BeginTransaction(deferred: false);
        using var db = new CatalogDatabase(new DataOptions().UseTransaction(Provider, transaction));
        var batch = new CatalogBatch(db, Tree, _options.TimeProvider.GetUtcNow());
        var result = write(batch);
        batch.Flush();
        transaction.Commit();
        return result;
    }

    /// <summary>Whether an error means that the database itself is damaged.</summary>
    internal static bool IsDamage(Exception error) => error is SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase };

    /// <summary>Renames a database that cannot be used any more and makes an empty one.</summary>
    internal void SetAsideAndCreate()
    {
        Rebuilding = true;
        SetAside();
        CreateIfMissing();
    }

    private bool IsSound()
    {
        try
        {
            using var connection = Connect();
            return Scalar(connection, "PRAGMA user_version") is CatalogDatabase.SchemaVersion
                && Text(connection, "PRAGMA quick_check(1)") == "ok";
        }
        catch (SqliteException error) when (IsDamage(error))
        {
            return false;
        }
    }

    private void SetAside()
    {
        Dispose();
        var suffix = _options.TimeProvider.GetUtcNow().ToString("'.set-aside-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        foreach (var ending in (string[])["", "-wal", "-shm"])
        {
            var file = _options.DatabaseFile + ending;
            if (!File.Exists(file))
            {
                continue;
            }

            var target = _options.DatabaseFile + suffix + ending;
            for (var number = 2; File.Exists(target); number++)
            {
                target = $"{_options.DatabaseFile}{suffix}-{number}{ending}";
            }

            File.Move(file, target);
        }
    }

    private void CreateIfMissing()
    {
        using var connection = Connect();
        Execute(connection, "PRAGMA journal_mode = WAL");
        if (Scalar(connection, "PRAGMA user_version") == CatalogDatabase.SchemaVersion)
        {
            return;
        }

        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = CatalogDatabase.Schema;
        command.ExecuteNonQuery();
        transaction.Commit();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();

        // A power cut may lose the last changes, which the walk at the next start finds again; it cannot damage the file.
        Execute(connection, "PRAGMA synchronous = NORMAL");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static string? Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }
}
