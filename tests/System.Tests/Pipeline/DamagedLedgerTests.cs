using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

public sealed class DamagedLedgerTests
{
    [Theory]
    [InlineData("ledger.db")]
    [InlineData("journal.db")]
    public async Task A_damaged_database_is_set_aside_and_nothing_is_sent_twice(string database)
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        for (var i = 0; i < 20; i++)
            await File.WriteAllTextAsync(Path.Combine(archive.LogFolder("agent01"), $"{i}.log"), $"content of {i}\n", TestContext.Current.CancellationToken);
        var (first, output) = await archive.RunAgentAsync("agent01", "--once");
        Assert.True(first == 0, output);
        var data = Path.Combine(archive.Folder, "agents", "agent01");
        foreach (var part in Directory.GetFiles(data, database + "-*"))
            File.Delete(part);
        using (var damaged = File.OpenWrite(Path.Combine(data, database)))
            damaged.Write(new byte[8192]);

        var (second, again) = await archive.RunAgentAsync("agent01", "--once");

        Assert.True(second == 0, again);
        Assert.Contains(" 0 bytes sent", again, StringComparison.Ordinal);
        Assert.Contains("set aside", again, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(data, database + ".damaged-*"));
        Assert.Equal(20, Directory.GetFiles(archive.TreeOf("agent01")).Length);
    }
}
