using System.Globalization;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider;
using LinqToDB.DataProvider.SQLite;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Audit;

/// <summary>
/// The audit log's database: one file, WAL, many readers and one writer (<see cref="AuditActor"/>). It can only grow; one that is
/// damaged is set aside, never deleted, and the new one begins by saying so.
/// </summary>
public sealed class AuditStore : IDisposable
{
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;
    private const int MaxTake = 1000;
    private static readonly IDataProvider Provider = SQLiteTools.GetDataProvider(SQLiteProvider.Microsoft);
    private readonly string _file;
    private readonly string _connectionString;

    private AuditStore(string file)
    {
        _file = file;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file }.ToString();
    }

    /// <summary>Opens the database, or makes it.</summary>
    /// <param name="file">The database.</param>
    /// <param name="now">For the name of a damaged one.</param>
    /// <exception cref="SqliteException">It can be neither opened nor made.</exception>
    public static AuditStore Open(string file, DateTimeOffset now)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var store = new AuditStore(file);
        var damage = File.Exists(file) ? store.Damage() : null;
        var aside = damage is null ? null : store.SetAside(now);
        store.CreateIfMissing();
        if (aside is not null)
        {
            store.Append([new AuditEntry(now, "", AuditBy.Archive, "", AuditActions.AuditSetAside, Path.GetFileName(aside), AuditOutcome.Failed, $"the log so far cannot be read: {damage}")]);
        }

        return store;
    }

    /// <summary>Adds entries, all or none; when it returns, they are on disk.</summary>
    public void Append(IReadOnlyList<AuditEntry> entries)
    {
        using var connection = Connect();
        using var transaction = connection.BeginTransaction(deferred: false);
        using var db = new AuditDatabase(new DataOptions().UseTransaction(Provider, transaction));
        foreach (var entry in entries)
        {
            db.Insert(AuditRow.Of(entry));
        }

        transaction.Commit();
    }

    /// <summary>A page of entries, newest first.</summary>
    public AuditPage Find(AuditQuery query)
    {
        var take = Math.Clamp(query.Take, 1, MaxTake);
        using var connection = Connect();
        using var transaction = connection.BeginTransaction(deferred: true);
        using var db = new AuditDatabase(new DataOptions().UseTransaction(Provider, transaction));
        var rows = Matching(db.Entries, query).OrderByDescending(row => row.Id).Take(take + 1).ToList();
        return new AuditPage([.. rows.Take(take).Select(row => row.ToEntry())], rows.Count > take ? rows[take - 1].Id : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private static IQueryable<AuditRow> Matching(IQueryable<AuditRow> rows, AuditQuery query)
    {
        if (query.Before is { } before)
        {
            rows = rows.Where(row => row.Id < before);
        }

        if (query.Who is { } who)
        {
            rows = rows.Where(row => row.Who == who);
        }

        if (query.Action is { } action)
        {
            // '/' is the character after '.': the family's names lie between.
            var (first, end) = (action + ".", action + "/");
            rows = rows.Where(row => row.Action == action || (row.Action.CompareTo(first) >= 0 && row.Action.CompareTo(end) < 0));
        }

        if (query.Subject is { } subject)
        {
            rows = rows.Where(row => Sql.Like(row.Subject, "%" + Literally(subject) + "%", '\\'));
        }

        if (query.Address is { } address)
        {
            rows = rows.Where(row => Sql.Like(row.Address, Literally(address) + "%", '\\'));
        }

        if (query.Outcome is { } outcome)
        {
            var name = AuditRow.Name(outcome);
            rows = rows.Where(row => row.Outcome == name);
        }

        if (query.From is { } from)
        {
            var first = from.ToUnixTimeMilliseconds();
            rows = rows.Where(row => row.At >= first);
        }

        if (query.To is { } to)
        {
            var end = to.ToUnixTimeMilliseconds();
            rows = rows.Where(row => row.At < end);
        }

        return rows;
    }

    private static string Literally(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private string? Damage()
    {
        try
        {
            using var connection = Connect();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM sqlite_master";
            command.ExecuteScalar();
            return null;
        }
        catch (SqliteException error) when (error.SqliteErrorCode is SqliteCorrupt or SqliteNotADatabase)
        {
            return error.Message;
        }
    }

    private string SetAside(DateTimeOffset now)
    {
        Dispose();
        var aside = _file + now.UtcDateTime.ToString("'.set-aside-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        foreach (var ending in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(_file + ending))
            {
                File.Move(_file + ending, aside + ending);
            }
        }

        return aside;
    }

    private void CreateIfMissing()
    {
        using var connection = Connect();
        Execute(connection, "PRAGMA journal_mode = WAL");
        using (var version = connection.CreateCommand())
        {
            version.CommandText = "PRAGMA user_version";
            if (Convert.ToInt64(version.ExecuteScalar(), CultureInfo.InvariantCulture) >= AuditDatabase.SchemaVersion)
            {
                return;
            }
        }

        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = AuditDatabase.Schema;
        command.ExecuteNonQuery();
        transaction.Commit();

        // Who was where and when is nobody else's business.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();

        // What was done must be known after a power cut too: nothing else remembers it.
        Execute(connection, "PRAGMA synchronous = FULL");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
