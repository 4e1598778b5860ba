using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Fleet.History;

/// <summary>
/// The history as a SQLite file of its own beside the catalog: changes of health, when the archive ran, and what came in by the minute.
/// What is in it can be lost without harm to anything else; a file that cannot be read is set aside and begun anew. For one actor at a time.
/// </summary>
public sealed class FleetHistoryStore : IDisposable
{
    /// <summary>How long changes are kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>Changes kept of one agent at most: about 160 a day over 30 days.</summary>
    public const int MaxChangesOfAgent = 5000;

    private readonly SqliteConnection _connection;

    private FleetHistoryStore(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="SqliteException">It can be neither opened nor made.</exception>
    public static FleetHistoryStore Open(string file)
    {
        try
        {
            return Prepare(file);
        }
        catch (SqliteException damaged) when (damaged.SqliteErrorCode is 11 or 26)
        {
            File.Move(file, $"{file}.damaged-{DateTime.UtcNow.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture)}");
            File.Delete(file + "-wal");
            File.Delete(file + "-shm");
            return Prepare(file);
        }
    }

    /// <summary>Notes changes; those that are there already are left as they are.</summary>
    public void Add(IReadOnlyList<FleetProtocol.HealthChanged> changes) => InTransaction(() =>
    {
        foreach (var (agent, change) in changes)
        {
            Execute(
                "INSERT OR IGNORE INTO health (agent, at, health, reason) VALUES ($agent, $at, $health, $reason)",
                ("$agent", agent), ("$at", change.At.ToUnixTimeMilliseconds()), ("$health", change.Health.ToString()), ("$reason", change.Reason));
        }
    });

    /// <summary>Removes what is too old, and what is too much. Of each agent the last change before is kept: it tells how the time began.</summary>
    public void Sweep(DateTimeOffset now) => InTransaction(() =>
    {
        var before = (now - KeptFor).ToUnixTimeMilliseconds();
        Execute("DELETE FROM health WHERE at < $before AND at < (SELECT max(at) FROM health AS newer WHERE newer.agent = health.agent AND newer.at <= $before)", ("$before", before));
        Execute("DELETE FROM health WHERE at < (SELECT at FROM health AS newer WHERE newer.agent = health.agent ORDER BY at DESC LIMIT 1 OFFSET $most)", ("$most", MaxChangesOfAgent - 1));
        Execute("DELETE FROM runs WHERE ended < $before", ("$before", before));
        Execute("DELETE FROM minutes WHERE minute < $before", ("$before", (now - TimeSpan.FromHours(25)).ToUnixTimeSeconds() / 60));
    });

    /// <summary>Forgets an agent.</summary>
    public void Forget(string agentId) => Execute("DELETE FROM health WHERE agent = $agent", ("$agent", agentId));

    /// <summary>Notes that the archive runs.</summary>
    /// <param name="started">Since when.</param>
    /// <param name="now">Until when it is certain.</param>
    public void NoteRunning(DateTimeOffset started, DateTimeOffset now) => Execute(
        "INSERT INTO runs (started, ended) VALUES ($started, $ended) ON CONFLICT (started) DO UPDATE SET ended = excluded.ended",
        ("$started", started.ToUnixTimeMilliseconds()), ("$ended", now.ToUnixTimeMilliseconds()));

    /// <summary>An agent's changes up to a moment, oldest first.</summary>
    public IReadOnlyList<FleetProtocol.HealthChange> Changes(string agentId, DateTimeOffset from, DateTimeOffset to) => Query(
        """
        SELECT health, reason, at FROM health WHERE agent = $agent AND at <= $to
        AND at >= coalesce((SELECT max(at) FROM health WHERE agent = $agent AND at <= $from), 0) ORDER BY at
        """,
        row => new FleetProtocol.HealthChange(
            Enum.TryParse<FleetProtocol.AgentHealth>(row.GetString(0), out var health) ? health : FleetProtocol.AgentHealth.Unknown,
            row.GetString(1),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))),
        ("$agent", agentId), ("$from", from.ToUnixTimeMilliseconds()), ("$to", to.ToUnixTimeMilliseconds()));

    /// <summary>When the archive ran, oldest first.</summary>
    public IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> Runs() => Query(
        "SELECT started, ended FROM runs ORDER BY started",
        row => (DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))));

    /// <summary>Notes a minute; one that is there already is replaced.</summary>
    public void Put(FleetHistoryProtocol.MinutePoint minute) => Execute(
        "INSERT OR REPLACE INTO minutes (minute, bytes, files, backlog_bytes, backlog_files) VALUES ($minute, $bytes, $files, $backlogBytes, $backlogFiles)",
        ("$minute", minute.At.ToUnixTimeSeconds() / 60), ("$bytes", minute.Bytes), ("$files", minute.Files), ("$backlogBytes", minute.BacklogBytes), ("$backlogFiles", minute.BacklogFiles));

    /// <summary>Minutes from a moment on, oldest first.</summary>
    public IReadOnlyList<FleetHistoryProtocol.MinutePoint> Minutes(DateTimeOffset from) => Query(
        "SELECT minute, bytes, files, backlog_bytes, backlog_files FROM minutes WHERE minute >= $from ORDER BY minute",
        row => new FleetHistoryProtocol.MinutePoint(DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(0) * 60), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)),
        ("$from", from.ToUnixTimeSeconds() / 60));

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static FleetHistoryStore Prepare(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var store = new FleetHistoryStore(connection);
            store.Execute("PRAGMA journal_mode = WAL");
            store.Execute("PRAGMA synchronous = NORMAL");
            store.Execute("CREATE TABLE IF NOT EXISTS health (agent TEXT NOT NULL, at INTEGER NOT NULL, health TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (agent, at)) WITHOUT ROWID");
            store.Execute("CREATE TABLE IF NOT EXISTS runs (started INTEGER PRIMARY KEY, ended INTEGER NOT NULL)");
            store.Execute("CREATE TABLE IF NOT EXISTS minutes (minute INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, files INTEGER NOT NULL, backlog_bytes INTEGER NOT NULL, backlog_files INTEGER NOT NULL)");
            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void InTransaction(Action write)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            write();
            Execute("COMMIT");
        }
        catch
        {
            Execute("ROLLBACK");
            throw;
        }
    }

    private void Execute(string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object Value)[] values)
    {
        using var command = Command(sql, values);
        using var rows = command.ExecuteReader();
        var found = new List<T>();
        while (rows.Read())
        {
            found.Add(read(rows));
        }

        return found;
    }

    // All texts are constants of this class.
    private SqliteCommand Command(string sql, (string Name, object Value)[] values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
