using ActorLogArchive.SystemTests.Nodes;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.SystemTests.Pipeline;

public sealed class DamagedLedgerTests
{
    // SQLite finds nothing wrong with these.
    private const string NoEventCanBeRead = "UPDATE journal SET message = CAST(SUBSTR(message, 1, LENGTH(message) / 2) AS BLOB)";
    private const string NoRowCanBeRead = "UPDATE files SET rare = '{'";

    private const string NoTableOfRows = "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE files' WHERE name = 'files'; PRAGMA schema_version = 1000";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ledger.db")]
    [InlineData("journal.db")]
    public async Task A_damaged_database_is_set_aside_and_nothing_is_sent_twice(string database)
    {
        await using var archive = await WithTwentyFilesAsync();
        var data = DataOf(archive);
        foreach (var part in Directory.GetFiles(data, database + "-*"))
            File.Delete(part);
        using (var damaged = File.OpenWrite(Path.Combine(data, database)))
            damaged.Write(new byte[8192]);

        var (second, again) = await archive.RunAgentAsync("agent01", "--once");

        Assert.True(second == 0, again);
        Assert.Contains(" 0 bytes sent", again, StringComparison.Ordinal);
        AssertSetAside(archive, database, again);
    }

    [Fact]
    public async Task What_cannot_be_understood_in_sound_databases_is_set_aside_in_the_same_run()
    {
        await using var archive = await WithTwentyFilesAsync(isKilled: true);
        await MakeUnreadableAsync(archive);

        var (exitCode, output) = await archive.RunAgentAsync("agent01", "--once");

        Assert.True(exitCode == 0, output);
        Assert.Contains(" 6 bytes sent", output, StringComparison.Ordinal);
        AssertSetAside(archive, "journal.db", output);
        AssertSetAside(archive, "ledger.db", output);
    }

    [Fact]
    public async Task What_cannot_be_understood_in_sound_databases_is_set_aside_by_a_service_that_starts()
    {
        await using var archive = await WithTwentyFilesAsync(isKilled: true);
        await MakeUnreadableAsync(archive);

        await using var agent = archive.StartAgent("agent01");

        await UntilArchivedAsync(archive, agent);
        AssertSetAside(archive, "journal.db", agent.Output);
        AssertSetAside(archive, "ledger.db", agent.Output);
        await TestArchive.UntilAsync(async () => await archive.HealthOfAsync("agent01") == "online", TimeSpan.FromSeconds(60), () => agent.Output);
    }

    [Fact]
    public async Task Rows_that_are_damaged_while_the_agent_runs_are_set_aside_while_it_runs()
    {
        await using var archive = await WithTwentyFilesAsync();
        await using var agent = archive.StartAgent("agent01");
        await TestArchive.UntilAsync(async () => await archive.HealthOfAsync("agent01") == "online", TimeSpan.FromSeconds(60), () => agent.Output);
        await ChangeAsync(archive, "ledger.db", NoTableOfRows);
        await File.AppendAllTextAsync(Path.Combine(archive.LogFolder("agent01"), "7.log"), "grown\n", Stop);

        await TestArchive.UntilAsync(() => Task.FromResult(agent.Output.Contains("set aside", StringComparison.Ordinal)), TimeSpan.FromSeconds(60), () => agent.Output);
        await File.AppendAllTextAsync(Path.Combine(archive.LogFolder("agent01"), "8.log"), "grown, too\n", Stop);

        await UntilArchivedAsync(archive, agent);
        AssertSetAside(archive, "ledger.db", agent.Output);
    }

    private static string DataOf(TestArchive archive) => Path.Combine(archive.Folder, "agents", "agent01");

    // An agent that ends by itself leaves no events in the journal: all is in the rows then.
    private static async Task<TestArchive> WithTwentyFilesAsync(bool isKilled = false)
    {
        var archive = await TestArchive.StartAsync("agent01");
        for (var i = 0; i < 20; i++)
            await File.WriteAllTextAsync(Path.Combine(archive.LogFolder("agent01"), $"{i}.log"), $"content of {i}\n", Stop);
        if (isKilled)
        {
            await using var agent = archive.StartAgent("agent01");
            await UntilArchivedAsync(archive, agent);
            await TestArchive.UntilAsync(() => Task.FromResult(RowsOf(archive) == 20), TimeSpan.FromSeconds(60), () => agent.Output);
            await agent.KillAsync();
        }
        else
        {
            var (first, output) = await archive.RunAgentAsync("agent01", "--once");
            Assert.True(first == 0, output);
        }

        return archive;
    }

    private static long RowsOf(TestArchive archive)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(DataOf(archive), "ledger.db")};Pooling=False");
        connection.Open();
        using var count = connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM files WHERE hashes IS NOT NULL";
        return (long)count.ExecuteScalar()!;
    }

    private static async Task MakeUnreadableAsync(TestArchive archive)
    {
        await ChangeAsync(archive, "journal.db", NoEventCanBeRead);
        await ChangeAsync(archive, "ledger.db", NoRowCanBeRead);
        await File.AppendAllTextAsync(Path.Combine(archive.LogFolder("agent01"), "7.log"), "grown\n", Stop);
    }

    private static async Task ChangeAsync(TestArchive archive, string database, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(DataOf(archive), database)};Pooling=False");
        await connection.OpenAsync(Stop);
        await using var change = connection.CreateCommand();
        change.CommandText = sql;
        Assert.NotEqual(0, await change.ExecuteNonQueryAsync(Stop));
    }

    private static Task UntilArchivedAsync(TestArchive archive, NodeProcess agent) => TestArchive.UntilAsync(
        () => Task.FromResult(Trees.Differences(archive.LogFolder("agent01"), archive.TreeOf("agent01")).Count == 0), TimeSpan.FromSeconds(60), () => agent.Output);

    private static void AssertSetAside(TestArchive archive, string database, string output)
    {
        Assert.Contains("set aside", output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(DataOf(archive), database + ".damaged-*Z"));
        Assert.Equal(20, Directory.GetFiles(archive.TreeOf("agent01")).Length);
    }
}
