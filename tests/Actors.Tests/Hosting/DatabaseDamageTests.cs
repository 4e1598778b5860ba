using System.Runtime.Serialization;
using System.Text.Json;
using ActorLogArchive.Actors.Hosting;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Tests.Hosting;

public sealed class DatabaseDamageTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("ala-damage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_what_says_that_the_content_is_wrong_is_damage()
    {
        Assert.All<Exception>(
            [new SqliteException("malformed", 11), new SqliteException("not a database", 26), new JsonException(), new AggregateException(new IOException("", new JsonException()))],
            damage => Assert.True(DatabaseDamage.IsDamage(damage) && DatabaseDamage.IsUnreadable(damage)));
        Assert.All<Exception>(
            [new SerializationException("unknown manifest"), new SqliteException("no such column", 1), new InvalidOperationException("", new FormatException()), new KeyNotFoundException()],
            unreadable => Assert.True(!DatabaseDamage.IsDamage(unreadable) && DatabaseDamage.IsUnreadable(unreadable)));
        Assert.All<Exception>(
            [new SqliteException("busy", 5), new SqliteException("I/O error", 10), new SqliteException("full", 13), new SqliteException("cannot open", 14), new IOException(), new TimeoutException()],
            passing => Assert.False(DatabaseDamage.IsDamage(passing) || DatabaseDamage.IsUnreadable(passing)));
    }

    [Fact]
    public void What_was_found_damaged_is_set_aside_although_it_looks_sound()
    {
        foreach (var name in new[] { DatabaseDamage.Journal, DatabaseDamage.Ledger })
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, name)}.db;Pooling=False");
            connection.Open();
            using var create = connection.CreateCommand();
            create.CommandText = "CREATE TABLE t (c)";
            create.ExecuteNonQuery();
        }

        Assert.Empty(DatabaseDamage.SetAside(_folder, Now));
        var damaged = Assert.Single(DatabaseDamage.SetAside(_folder, Now, new Dictionary<string, string> { [DatabaseDamage.Journal] = "no event can be read", [DatabaseDamage.Snapshots] = "none" }));

        Assert.Equal((Path.Combine(_folder, "journal.db"), "no event can be read"), (damaged.File, damaged.Reason));
        Assert.True(File.Exists(damaged.SetAside) && !File.Exists(damaged.File) && File.Exists(Path.Combine(_folder, "ledger.db")));
    }
}
