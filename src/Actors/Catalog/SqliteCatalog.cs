using System.Globalization;
using ActorLogArchive.Actors.Ftp;
using LinqToDB;
using LinqToDB.DataProvider;
using LinqToDB.DataProvider.SQLite;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>One file in WAL mode. A file that cannot be read is set aside, never deleted.</summary>
internal sealed class SqliteCatalog(string file, TimeProvider clock) : ICatalogEngine
{
    /// <summary>Raised with every change of the schema; <see cref="Migrate"/> brings older ones up to date, a newer one is set aside.</summary>
    public const int SchemaVersion = 3;

    // One index an order that a folder can be shown in: a page of a folder of 100,000 files reads a page, not the folder.
    private const string Schema = """
        CREATE TABLE folders(
            id INTEGER PRIMARY KEY,
            parent_id INTEGER NOT NULL,
            path TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            agent TEXT NOT NULL,
            below_agent TEXT NOT NULL,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            last_received INTEGER);
        CREATE INDEX folders_parent ON folders(parent_id, name);
        CREATE INDEX folders_agent ON folders(agent);
        CREATE TABLE files(
            id INTEGER PRIMARY KEY,
            folder_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            received INTEGER NOT NULL,
            first_received INTEGER NOT NULL,
            hash TEXT,
            UNIQUE(folder_id, name));
        CREATE INDEX files_folder_size ON files(folder_id, size);
        CREATE INDEX files_folder_modified ON files(folder_id, modified);
        CREATE INDEX files_folder_received ON files(folder_id, received);
        CREATE INDEX files_name ON files(name);
        CREATE INDEX files_modified ON files(modified);
        INSERT INTO folders(id, parent_id, path, name, agent, below_agent, files, bytes) VALUES(1, 0, '/', '', '', '', 0, 0);
        PRAGMA user_version = 1;
        """;

    private const string SecondVersion = """
        ALTER TABLE files ADD COLUMN hash_algorithm TEXT;
        ALTER TABLE files ADD COLUMN verified INTEGER;
        ALTER TABLE files ADD COLUMN verified_size INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE files ADD COLUMN version_of TEXT;
        UPDATE files SET hash_algorithm = 'XXH128' WHERE hash IS NOT NULL;
        UPDATE files SET version_of = version_of_name(name) WHERE name LIKE '%.~%Z%~%';
        CREATE INDEX files_versions ON files(folder_id, version_of) WHERE version_of IS NOT NULL;
        PRAGMA user_version = 2;
        """;

    private const string ThirdVersion = """
        ALTER TABLE files ADD COLUMN hashed_size INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE files ADD COLUMN tail_checksum INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE files ADD COLUMN known_size INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE files ADD COLUMN rotated INTEGER NOT NULL DEFAULT 0;
        UPDATE files SET hashed_size = size, known_size = size WHERE hash IS NOT NULL;
        PRAGMA user_version = 3;
        """;

    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;
    private static readonly IDataProvider Provider = SQLiteTools.GetDataProvider(SQLiteProvider.Microsoft);
    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = file }.ToString();

    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public void Prepare()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (File.Exists(file) && !IsSound())
        {
            SetAside();
        }

        Migrate();
    }

    /// <inheritdoc/>
    public bool IsCurrent()
    {
        if (!File.Exists(file))
        {
            return false;
        }

        using var connection = Connect();
        return Scalar(connection, "PRAGMA user_version") == SchemaVersion;
    }

    /// <inheritdoc/>
    public T Read<T>(Func<string, bool>? matches, Func<CatalogDatabase, T> read)
    {
        using var connection = Connect();
        if (matches is not null)
        {
            connection.CreateFunction(CatalogMatch.Function, matches, isDeterministic: true);
        }

        // Deferred: linq2db's own transactions would take the write lock.
        using var transaction = connection.BeginTransaction(deferred: true);
        using var db = new CatalogDatabase(new DataOptions().UseTransaction(Provider, transaction));
        return read(db);
    }

    /// <inheritdoc/>
    public T Write<T>(Func<CatalogDatabase, T> write)
    {
        using var connection = Connect();
        using var transaction = connection.BeginTransaction(deferred: false);
        using var db = new CatalogDatabase(new DataOptions().UseTransaction(Provider, transaction));
        var result = write(db);
        transaction.Commit();
        return result;
    }

    /// <inheritdoc/>
    public bool IsDamage(Exception error) => error is SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase };

    /// <inheritdoc/>
    public void SetAsideAndCreate()
    {
        SetAside();
        Migrate();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private bool IsSound()
    {
        try
        {
            using var connection = Connect();
            return Scalar(connection, "PRAGMA user_version") is >= 0 and <= SchemaVersion && Text(connection, "PRAGMA quick_check(1)") == "ok";
        }
        catch (SqliteException error) when (IsDamage(error))
        {
            return false;
        }
    }

    private void SetAside()
    {
        Dispose();
        var suffix = clock.GetUtcNow().ToString("'.set-aside-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        foreach (var ending in (string[])["", "-wal", "-shm"])
        {
            if (!File.Exists(file + ending))
            {
                continue;
            }

            var target = file + suffix + ending;
            for (var number = 2; File.Exists(target); number++)
            {
                target = $"{file}{suffix}-{number}{ending}";
            }

            File.Move(file + ending, target);
        }
    }

    private void Migrate()
    {
        using var connection = Connect();
        Execute(connection, null, "PRAGMA journal_mode = WAL");
        connection.CreateFunction("version_of_name", (string name) => VersionName.OriginalOf(name), isDeterministic: true);

        // Each step is a transaction: killed in between, the next start goes on from where it was.
        foreach (var (from, step) in ((long, string)[])[(0, Schema), (1, SecondVersion), (2, ThirdVersion)])
        {
            if (Scalar(connection, "PRAGMA user_version") == from)
            {
                using var transaction = connection.BeginTransaction();
                Execute(connection, transaction, step);
                transaction.Commit();
            }
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();

        // A power cut may lose the last changes, which the walk at the next start finds again; it cannot damage the file.
        Execute(connection, null, "PRAGMA synchronous = NORMAL");
        return connection;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
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
