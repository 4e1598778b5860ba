using System.Globalization;
using System.Runtime.Serialization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>A database that was found damaged.</summary>
/// <param name="File">Its name.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="SetAside">Where it lies now.</param>
public sealed record DamagedDatabase(string File, string Reason, string SetAside);

/// <summary>
/// Finds databases of a data folder that cannot be read any more, and sets them aside: never deleted, for somebody may still
/// get something out of them.
/// </summary>
public static class DatabaseDamage
{
    private const int Error = 1; // of a statement: the tables are not those that were made
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    // Reading every page of a bigger one would hold up the start; what is wrong with it shows when it is read.
    private const long CheckedBytes = 256L << 20;

    /// <summary>Name of the database of events.</summary>
    public const string Journal = "journal";

    /// <summary>Name of the database of snapshots.</summary>
    public const string Snapshots = "snapshots";

    /// <summary>Name of the database of the ledger's rows.</summary>
    public const string Ledger = "ledger";

    private static readonly string[] Names = [Journal, Snapshots, Ledger];
    private static readonly string[] Parts = ["", "-wal", "-shm"];

    /// <summary>Whether an error, or one that it came from, says that a database is damaged.</summary>
    public static bool IsDamage(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } => true,
        JsonException => true,
        AggregateException several => several.InnerExceptions.Any(IsDamage),
        _ => error.InnerException is { } inner && IsDamage(inner),
    };

    /// <summary>Whether an error while reading says so: also where the database is sound, and what was kept in it cannot be understood.</summary>
    public static bool IsUnreadable(Exception error) => IsDamage(error) || error switch
    {
        SqliteException { SqliteErrorCode: Error } => true,
        SerializationException or FormatException or InvalidCastException or OverflowException or InvalidDataException or KeyNotFoundException or ArgumentException => true,
        AggregateException several => several.InnerExceptions.Any(IsUnreadable),
        _ => error.InnerException is { } inner && IsUnreadable(inner),
    };

    /// <summary>Looks at all databases of a folder that nobody has open, and sets aside those that are damaged.</summary>
    /// <param name="dataDir">The folder, held by this process.</param>
    /// <param name="now">The time, for the name.</param>
    /// <param name="found">Databases that were found damaged when they were used, by name, and what is wrong: they are set aside whatever a look at them says.</param>
    public static IReadOnlyList<DamagedDatabase> SetAside(string dataDir, DateTimeOffset now, IReadOnlyDictionary<string, string>? found = null)
    {
        // What is kept open for the next use would go on with a file that has been moved away.
        SqliteConnection.ClearAllPools();
        var damaged = new List<DamagedDatabase>();
        foreach (var name in Names)
        {
            var file = Path.Combine(dataDir, $"{name}.db");
            if (File.Exists(file) && (found?.GetValueOrDefault(name) ?? ProblemOf(file)) is { } problem)
                damaged.Add(new DamagedDatabase(file, problem, Move(file, now)));
        }

        return damaged;
    }

    private static string? ProblemOf(string file)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = new FileInfo(file).Length <= CheckedBytes ? "PRAGMA quick_check(1)" : "SELECT COALESCE(MAX(name), 'ok') FROM sqlite_master WHERE 0";
            var answer = command.ExecuteScalar() as string;
            return answer == "ok" ? null : answer ?? "it does not answer";
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            return e.Message;
        }
    }

    private static string Move(string file, DateTimeOffset now)
    {
        var aside = string.Create(CultureInfo.InvariantCulture, $"{file}.damaged-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        for (var number = 2; File.Exists(aside); number++)
            aside = string.Create(CultureInfo.InvariantCulture, $"{file}.damaged-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{number}");
        foreach (var part in Parts)
        {
            if (File.Exists(file + part))
                File.Move(file + part, aside + part);
        }

        return aside;
    }
}
