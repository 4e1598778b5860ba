using Akka.Configuration;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>
/// A node's data folder: made when missing, held by one process at a time, and home of the journal and snapshot databases.
/// </summary>
public sealed class NodeDataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private NodeDataDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes the folder when missing and takes hold of it.</summary>
    /// <exception cref="IOException">Another process holds it, or it cannot be written.</exception>
    public static NodeDataDirectory Open(string path)
    {
        Directory.CreateDirectory(path);
        var lockFile = System.IO.Path.Combine(path, "in-use.lock");
        try
        {
            return new NodeDataDirectory(path, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            // Two writers under one persistence id would write two truths into the journal.
            throw new IOException($"data-dir {path} is in use by another running node, or cannot be locked: {exception.Message}", exception);
        }
    }

    /// <summary>Prepares the databases and returns the configuration that points Akka.Persistence at them.</summary>
    public static Config Persistence(string dataDir)
    {
        var journal = DatabaseFile(dataDir, "journal");
        var snapshots = DatabaseFile(dataDir, "snapshots");
        foreach (var file in new[] { journal, snapshots })
        {
            UseWriteAheadLog(file);
            KeepPrivate(file);
        }

        return ConfigurationFactory.ParseString($$"""
            akka.persistence.journal.sql.connection-string = {{Quote(ConnectionString(journal))}}
            akka.persistence.snapshot-store.sql.connection-string = {{Quote(ConnectionString(snapshots))}}
            """);
    }

    /// <summary>Where an agent's ledger is written down.</summary>
    public static string LedgerFile(string dataDir) => DatabaseFile(dataDir, "ledger");

    /// <summary>Where a running agent keeps its figures.</summary>
    public static string StatusFile(string dataDir) => System.IO.Path.Combine(dataDir, "status.json");

    /// <summary>Where an agent keeps which files grow steadily.</summary>
    public static string CadenceFile(string dataDir) => System.IO.Path.Combine(dataDir, "cadence.json");

    /// <summary>Whether a node has run with this folder before.</summary>
    public static bool HasDatabases(string dataDir) => File.Exists(DatabaseFile(dataDir, "journal"));

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static string DatabaseFile(string dataDir, string name) => System.IO.Path.Combine(dataDir, $"{name}.db");

    private static string ConnectionString(string file) => new SqliteConnectionStringBuilder { DataSource = file }.ToString();

    /// <summary>WAL lets readers read while the one writer writes; the mode stays with the file.</summary>
    private static void UseWriteAheadLog(string file)
    {
        using var connection = new SqliteConnection(ConnectionString(file));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
    }

    /// <summary>Password hashes and paths of the node are nobody else's business; SQLite gives its side files the same mode.</summary>
    private static void KeepPrivate(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
