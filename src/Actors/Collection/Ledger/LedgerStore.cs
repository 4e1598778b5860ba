using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using ActorLogArchive.Actors.Collection.Scanning;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What is to be written down of the ledger.</summary>
/// <param name="Sequence">The last event that is in it.</param>
/// <param name="Entries">Entries as they are now, by path; null for none any more.</param>
/// <param name="Stories">New chapters by path, oldest first.</param>
/// <param name="Notes">What else to remember, by key.</param>
public sealed record LedgerChanges(
    long Sequence,
    IReadOnlyList<(string Path, LedgerEntry? Entry)> Entries,
    IReadOnlyDictionary<string, List<StoryItem>> Stories,
    IReadOnlyDictionary<string, string> Notes);

/// <summary>
/// The ledger as rows of <c>ledger.db</c>, written behind the journal: a snapshot that changes by what has changed, instead of
/// one that is written whole. What it says of itself (<see cref="Sequence"/>) tells which events it has; the others are in
/// the journal. Commands read it while the agent runs, or does not. One writer; not for concurrent use.
/// </summary>
public sealed class LedgerStore : IDisposable
{
    private const string SequenceNote = "sequence";
    private const string VersionNote = "version";
    private const string Version = "1";
    private readonly SqliteConnection _connection;

    private LedgerStore(SqliteConnection connection) => _connection = connection;

    /// <summary>The last event that is in it; 0 for none.</summary>
    public long Sequence => long.Parse(Note(SequenceNote) ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Opens it, made when missing.</summary>
    /// <exception cref="IOException">It was written by a newer version.</exception>
    /// <exception cref="SqliteException">It is damaged, or locked.</exception>
    public static LedgerStore Open(string file)
    {
        var isNew = !File.Exists(file);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 20, Pooling = false }.ToString());
        try
        {
            connection.Open();
            if (isNew && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

            // FULL: events are deleted from the journal once they are here.
            Execute(connection, """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS roots (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
                CREATE TABLE IF NOT EXISTS files (
                  path TEXT PRIMARY KEY, root INTEGER NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL, born INTEGER NOT NULL,
                  size INTEGER NOT NULL, modified INTEGER NOT NULL, flags INTEGER NOT NULL, first INTEGER NOT NULL, hashes BLOB, rare TEXT) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS stories (path TEXT PRIMARY KEY, last INTEGER NOT NULL, items BLOB NOT NULL) WITHOUT ROWID;
                """);
            var store = new LedgerStore(connection);
            if (store.Note(VersionNote) is { } version && version != Version)
                throw new IOException($"{file} has version {version}, this agent knows {Version}: it was written by a newer agent");
            Execute(connection, $"INSERT OR IGNORE INTO notes VALUES ('{VersionNote}', '{Version}')");
            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens it to read, beside a running agent or without one. Null when there is none.</summary>
    /// <exception cref="SqliteException">It is damaged.</exception>
    public static LedgerStore? OpenToRead(string file)
    {
        if (!File.Exists(file))
            return null;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 20, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA query_only = ON");
        return new LedgerStore(connection);
    }

    /// <summary>All entries.</summary>
    public LedgerState Load()
    {
        var state = new LedgerState();
        var roots = new Dictionary<long, ushort>();
        foreach (var (id, path) in Roots())
            roots.Add(id, state.Table.RootOf(path));
        using var command = Command("SELECT path, root, device, inode, born, size, modified, flags, first, hashes, rare FROM files");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var packed = new EntryRow
            {
                Root = roots[reader.GetInt64(1)],
                Id = new FileId(unchecked((ulong)reader.GetInt64(2)), unchecked((ulong)reader.GetInt64(3)), reader.GetInt64(4)),
                Size = reader.GetInt64(5),
                Modified = reader.GetInt64(6),
                Flags = (EntryFlags)reader.GetInt64(7),
                First = reader.GetInt64(8),
            };

            // GetBytes of the reader asks anew for each row which column could be its number: half the time of a start with a million files.
            SetHashes(ref packed, raw.sqlite3_column_blob(reader.Handle, 9));
            state.Load(reader.GetString(0), packed, reader.IsDBNull(10) ? RareFields.None : Rare(reader.GetString(10)));
        }

        if (Note("last-archived-at") is { } at)
            state.LastArchivedAt = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture);
        state.LastArchivedPath = Note("last-archived-path");
        return state;
    }

    /// <summary>The entry of a path, null when there is none.</summary>
    public LedgerEntry? Find(string path)
    {
        using var command = Command("SELECT root, device, inode, born, size, modified, flags, first, hashes, rare FROM files WHERE path = $path", ("$path", path));
        using var reader = command.ExecuteReader();
        if (!reader.Read())
            return null;
        var rows = new EntryRows();
        var packed = new EntryRow
        {
            Root = rows.RootOf(Roots().First(root => root.Id == reader.GetInt64(0)).Path),
            Id = new FileId(unchecked((ulong)reader.GetInt64(1)), unchecked((ulong)reader.GetInt64(2)), reader.GetInt64(3)),
            Size = reader.GetInt64(4),
            Modified = reader.GetInt64(5),
            Flags = (EntryFlags)reader.GetInt64(6),
            First = reader.GetInt64(7),
        };
        SetHashes(ref packed, raw.sqlite3_column_blob(reader.Handle, 8));

        return rows.EntryOf(rows.Put(path, packed, reader.IsDBNull(9) ? RareFields.None : Rare(reader.GetString(9))));
    }

    /// <summary>The story of a path, oldest first; empty when nothing is known.</summary>
    public IReadOnlyList<StoryItem> Story(string path)
    {
        using var command = Command("SELECT items FROM stories WHERE path = $path", ("$path", path));
        return command.ExecuteScalar() is byte[] items ? Items(items) : [];
    }

    /// <summary>What was remembered under a key.</summary>
    public string? Note(string key)
    {
        using var command = Command("SELECT value FROM notes WHERE key = $key", ("$key", key));
        return command.ExecuteScalar() as string;
    }

    /// <summary>All entries came by another way: the next event has this number plus one.</summary>
    public void ResetSequence(long sequence) => Execute(
        _connection, $"INSERT OR REPLACE INTO notes VALUES ('{SequenceNote}', '{sequence.ToString(CultureInfo.InvariantCulture)}')");

    /// <summary>Writes changes in one transaction.</summary>
    public void Write(LedgerChanges changes)
    {
        using var transaction = _connection.BeginTransaction();
        WriteEntries(changes.Entries);
        WriteStories(changes.Stories);
        using (var note = Command("INSERT OR REPLACE INTO notes VALUES ($key, $value)", ("$key", ""), ("$value", "")))
        {
            foreach (var (key, value) in changes.Notes.Append(KeyValuePair.Create(SequenceNote, changes.Sequence.ToString(CultureInfo.InvariantCulture))))
            {
                note.Parameters[0].Value = key;
                note.Parameters[1].Value = value;
                note.ExecuteNonQuery();
            }
        }

        transaction.Commit();
    }

    /// <summary>Forgets stories that ended before a time, of paths that have no entry any more.</summary>
    public void ForgetStories(DateTimeOffset before)
    {
        using var command = Command("DELETE FROM stories WHERE last < $before AND path NOT IN (SELECT path FROM files)", ("$before", before.UtcTicks));
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private void WriteEntries(IReadOnlyList<(string Path, LedgerEntry? Entry)> entries)
    {
        var rows = new EntryRows();
        var roots = Roots().ToDictionary(root => root.Path, root => root.Id, StringComparer.Ordinal);
        using var remove = Command("DELETE FROM files WHERE path = $path", ("$path", ""));
        using var put = Command(
            "INSERT OR REPLACE INTO files VALUES ($path, $root, $device, $inode, $born, $size, $modified, $flags, $first, $hashes, $rare)",
            ("$path", ""), ("$root", 0L), ("$device", 0L), ("$inode", 0L), ("$born", 0L), ("$size", 0L), ("$modified", 0L), ("$flags", 0L), ("$first", 0L), ("$hashes", DBNull.Value), ("$rare", DBNull.Value));
        foreach (var (path, entry) in entries)
        {
            if (entry is null)
            {
                remove.Parameters[0].Value = path;
                remove.ExecuteNonQuery();
                continue;
            }

            if (!roots.TryGetValue(entry.Root, out var root))
                roots.Add(entry.Root, root = AddRoot(entry.Root));
            var row = rows.Put(entry);
            var packed = rows.At(row);
            var rare = rows.RareOf(row);
            object[] values =
            [
                path, root, unchecked((long)packed.Id.Device), unchecked((long)packed.Id.Inode), packed.Id.Born, packed.Size, packed.Modified, (long)packed.Flags, packed.First,
                packed.Has(EntryFlags.AsSeen) ? Hashes(in packed) : DBNull.Value,
                rare == RareFields.None ? DBNull.Value : JsonSerializer.Serialize(rare, LedgerStoreJson.Default.RareFields),
            ];
            for (var i = 0; i < values.Length; i++)
                put.Parameters[i].Value = values[i];
            put.ExecuteNonQuery();
        }
    }

    private void WriteStories(IReadOnlyDictionary<string, List<StoryItem>> stories)
    {
        using var get = Command("SELECT items FROM stories WHERE path = $path", ("$path", ""));
        using var put = Command("INSERT OR REPLACE INTO stories VALUES ($path, $last, $items)", ("$path", ""), ("$last", 0L), ("$items", Array.Empty<byte>()));
        foreach (var (path, items) in stories)
        {
            get.Parameters[0].Value = path;
            var story = get.ExecuteScalar() is byte[] known ? Items(known) : [];
            foreach (var item in items)
                FileStory.Add(story, item);
            put.Parameters[0].Value = path;
            put.Parameters[1].Value = story[^1].Last.UtcTicks;
            put.Parameters[2].Value = JsonSerializer.SerializeToUtf8Bytes(story, LedgerStoreJson.Default.ListStoryItem);
            put.ExecuteNonQuery();
        }
    }

    private long AddRoot(string path)
    {
        using var command = Command("INSERT INTO roots (path) VALUES ($path) RETURNING id", ("$path", path));
        return (long)command.ExecuteScalar()!;
    }

    private List<(long Id, string Path)> Roots()
    {
        var roots = new List<(long, string)>();
        using var command = Command("SELECT id, path FROM roots");
        using var reader = command.ExecuteReader();
        while (reader.Read())
            roots.Add((reader.GetInt64(0), reader.GetString(1)));
        return roots;
    }

    // Empty where the content is not that of the file last seen.
    private static void SetHashes(ref EntryRow packed, ReadOnlySpan<byte> hashes)
    {
        if (hashes.IsEmpty)
            return;
        packed.Head = BinaryPrimitives.ReadUInt128BigEndian(hashes);
        packed.Tail = hashes.Length == 32 ? BinaryPrimitives.ReadUInt128BigEndian(hashes[16..]) : default;
    }

    private static byte[] Hashes(ref readonly EntryRow packed)
    {
        var hashes = new byte[packed.Size > ArchivedContent.Span ? 32 : 16];
        BinaryPrimitives.WriteUInt128BigEndian(hashes, packed.Head);
        if (hashes.Length == 32)
            BinaryPrimitives.WriteUInt128BigEndian(hashes.AsSpan(16), packed.Tail);
        return hashes;
    }

    private static RareFields Rare(string json) => JsonSerializer.Deserialize(json, LedgerStoreJson.Default.RareFields)!;

    // A story that cannot be read begins anew: nothing but what is told depends on it.
    private static List<StoryItem> Items(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, LedgerStoreJson.Default.ListStoryItem) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
