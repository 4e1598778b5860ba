using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Tests.Users;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Actors.Tests.Audit;

public sealed class AuditStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "audit.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("UPDATE audit SET who = 'nobody'")]
    [InlineData("DELETE FROM audit")]
    [InlineData("INSERT OR REPLACE INTO audit(id, at, who, by, address, action, subject, outcome, detail) VALUES(1, 0, '', '', '', '', '', 'done', '')")]
    public void What_is_written_can_be_neither_changed_nor_removed(string sql)
    {
        using var store = AuditStore.Open(File, Start);
        store.Append([Entry("ann")]);

        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;

        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => command.ExecuteNonQuery()).Message, StringComparison.Ordinal);
        Assert.Equal("ann", Assert.Single(store.Find(AuditQuery.All).Entries).Who);
    }

    [Fact]
    public void An_entry_comes_back_as_it_was_also_after_a_restart()
    {
        var entry = new AuditEntry(Start, "ann", AuditBy.Token, "2001:db8::1", AuditActions.FileDownload, "/a/'b' %_\\.log", AuditOutcome.Aborted, "the client left");
        using (var store = AuditStore.Open(File, Start))
            store.Append([entry]);

        using var again = AuditStore.Open(File, Start);
        Assert.Equal(entry with { Id = 1 }, Assert.Single(again.Find(AuditQuery.All).Entries));
    }

    [Fact]
    public void Each_filter_narrows_and_none_reads_its_value_as_a_pattern()
    {
        using var store = AuditStore.Open(File, Start);
        store.Append(
        [
            Entry("ann", AuditActions.AccountAdd, "100%_done"),
            Entry("ann", AuditActions.AccountChange, "100x1done", "10.0.0.1"),
            Entry("ben", AuditActions.SignIn, "", "10.0.0.22", AuditOutcome.Refused),
            Entry("ben", AuditActions.AgentCommand, "Agent01", "10.1.0.1") with { At = Start.AddDays(1) },
        ]);

        Assert.Equal([2, 1], Ids(new AuditQuery { Who = "ann" }));
        Assert.Equal([2, 1], Ids(new AuditQuery { Action = "account" }));
        Assert.Equal([1], Ids(new AuditQuery { Action = AuditActions.AccountAdd }));
        Assert.Equal([1], Ids(new AuditQuery { Subject = "0%_d" }));
        Assert.Equal([4], Ids(new AuditQuery { Subject = "agent" }));
        Assert.Equal([3, 2], Ids(new AuditQuery { Address = "10.0.0." }));
        Assert.Equal([3], Ids(new AuditQuery { Outcome = AuditOutcome.Refused }));
        Assert.Equal([4], Ids(new AuditQuery { From = Start.AddDays(1) }));
        Assert.Equal([3, 2, 1], Ids(new AuditQuery { To = Start.AddDays(1) }));
        Assert.Equal([1], Ids(new AuditQuery { Who = "ann", Before = 2 }));

        long[] Ids(AuditQuery query) => [.. store.Find(query).Entries.Select(entry => entry.Id)];
    }

    [Fact]
    public void Pages_follow_one_another_without_gap_while_the_log_grows()
    {
        using var store = AuditStore.Open(File, Start);
        store.Append([.. Enumerable.Range(1, 25).Select(i => Entry($"u{i}"))]);

        var first = store.Find(new AuditQuery { Take = 10 });
        store.Append([Entry("later")]);
        var second = store.Find(new AuditQuery { Take = 10, Before = first.Next });
        var third = store.Find(new AuditQuery { Take = 10, Before = second.Next });

        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(i => (long)i), first.Entries.Concat(second.Entries).Concat(third.Entries).Select(entry => entry.Id));
        Assert.Null(third.Next);
    }

    [Fact]
    public void A_damaged_log_is_set_aside_and_the_new_one_says_so()
    {
        System.IO.File.WriteAllText(File, new string('x', 8192));

        using var store = AuditStore.Open(File, Start);

        var entry = Assert.Single(store.Find(AuditQuery.All).Entries);
        Assert.Equal((AuditActions.AuditSetAside, "audit.db.set-aside-20261123T100000Z", AuditOutcome.Failed), (entry.Action, entry.Subject, entry.Outcome));
        Assert.StartsWith("xxxx", System.IO.File.ReadAllText(File + ".set-aside-20261123T100000Z"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_its_owners_alone()
    {
        using var store = AuditStore.Open(File, Start);

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    private static AuditEntry Entry(
        string who, string action = AuditActions.SignOut, string subject = "", string address = "192.0.2.1", AuditOutcome outcome = AuditOutcome.Done) =>
        new(Start, who, AuditBy.Cookie, address, action, subject, outcome);
}
