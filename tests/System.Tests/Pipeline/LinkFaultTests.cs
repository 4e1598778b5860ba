using ActorLogArchive.ForeignServers;
using ActorLogArchive.SystemTests.Nodes;
using Microsoft.Data.Sqlite;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>Faults between the two programs, and of the agent's own disk: what they do meanwhile, and that all is there once when the fault is gone.</summary>
public sealed class LinkFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static byte[] Random(int bytes, int seed)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return content;
    }

    private static string[] Over(FtpLink link, params string[] more) =>
        ["--set", $"log-archive.agent.ftp.port={link.Port}", "--set", "log-archive.agent.ftp.tls=off", .. more];

    [Fact]
    public async Task Connections_reset_in_mid_file_go_on_where_they_were()
    {
        const int Size = 40 << 20;
        await using var archive = await TestArchive.StartAsync("agent01");
        await using var link = new FtpLink(archive.FtpPort);
        var logs = archive.LogFolder("agent01");
        SampleLogs.Write(Path.Combine(logs, "large.log"), Random(Size, seed: 1));
        for (var i = 0; i < 20; i++)
            SampleLogs.Write(Path.Combine(logs, $"small-{i}.log"), Random(2000, seed: 2 + i));
        link.BreakAfter(Size / 2);

        // Paced: sent as fast as it goes, the sockets' buffers alone may hold half of the file, and a reset drops what they hold.
        var (exitCode, output) = await archive.RunAgentAsync("agent01", Over(link, "--once", "--set", "log-archive.agent.bandwidth=16MB/s"));

        Assert.True(exitCode == 0, output);
        Assert.Equal([], Trees.Differences(logs, archive.TreeOf("agent01")));

        // Half of the file had arrived: what is sent again is what was on its way at the reset.
        Assert.InRange(link.Bytes, Size, Size + (10 << 20));
    }

    [Fact]
    public async Task An_archive_killed_in_mid_file_gets_only_the_rest_when_it_is_back()
    {
        const int Size = 64 << 20;
        await using var archive = await TestArchive.StartAsync("agent01");
        await using var link = new FtpLink(archive.FtpPort);
        var logs = archive.LogFolder("agent01");
        var log = Path.Combine(logs, "large.log");
        SampleLogs.Write(log, Random(Size, seed: 1));
        SampleLogs.Write(Path.Combine(logs, "small.log"), Random(2000, seed: 2));

        // So slow that the archive dies in the middle on any machine.
        await using var agent = archive.StartAgent("agent01", Over(link, "--set", "log-archive.agent.bandwidth=16MB/s"));
        await TestArchive.UntilAsync(() => Task.FromResult(link.Bytes > Size / 4), Patience, () => agent.Output);
        await archive.KillArchiveAsync();
        link.BreakAfter(0); // as the kernel does for a process that died
        Assert.True(link.Bytes < Size, "the upload was over before the archive died");

        // Down until it was tried in vain more than once, and the agent says so.
        var explained = "";
        await TestArchive.UntilAsync(
            async () =>
            {
                (_, explained) = await archive.RunAgentAsync("agent01", ["explain", log]);
                return explained.Contains("firewall", StringComparison.Ordinal);
            },
            Patience,
            () => $"{explained}\n{agent.Output}");
        var arrived = new FileInfo(Path.Combine(archive.TreeOf("agent01"), "large.log")).Length;
        var before = link.Bytes;
        await archive.StartArchiveAsync();

        await TestArchive.UntilAsync(() => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0), Patience, () => agent.Output);

        // What the link took in after the archive's death never reached anybody, so it is the rest that counts.
        Assert.InRange(arrived, Size / 8, Size);
        Assert.InRange(link.Bytes - before, Size - arrived, Size - arrived + (1 << 20));
    }

    [Fact]
    public async Task A_link_that_stands_still_is_noticed_told_and_tried_again()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        await using var link = new FtpLink(archive.FtpPort);
        var logs = archive.LogFolder("agent01");
        var log = Path.Combine(logs, "large.log");
        SampleLogs.Write(log, Random(20 << 20, seed: 1));
        link.StandStill();
        await using var agent = archive.StartAgent("agent01", Over(link, "--set", "log-archive.agent.ftp.reply-timeout=2s"));

        var explained = "";
        await TestArchive.UntilAsync(
            async () =>
            {
                (_, explained) = await archive.RunAgentAsync("agent01", ["explain", log]);
                return explained.Contains("timeout", StringComparison.OrdinalIgnoreCase);
            },
            Patience,
            () => $"{explained}\n{agent.Output}");
        link.GoOn();

        await TestArchive.UntilAsync(() => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0), Patience, () => agent.Output);
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("ledger.db")]
    public async Task A_database_of_the_ledger_that_is_locked_for_a_while_loses_nothing_and_sends_nothing_twice(string database)
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        await using var link = new FtpLink(archive.FtpPort);
        var logs = archive.LogFolder("agent01");
        SampleLogs.Write(Path.Combine(logs, "before.log"), Random(2000, seed: 1));
        await using var agent = archive.StartAgent("agent01", Over(link));
        await TestArchive.UntilAsync(() => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0), Patience, () => agent.Output);

        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(archive.Folder, "agents", "agent01", database)};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var locking = connection.CreateCommand();
            locking.CommandText = "BEGIN EXCLUSIVE";
            await locking.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            for (var i = 0; i < 20; i++)
                SampleLogs.Write(Path.Combine(logs, $"meanwhile-{i}.log"), Random(100_000, seed: 2 + i));
            await File.AppendAllTextAsync(Path.Combine(logs, "before.log"), "one line more\n", TestContext.Current.CancellationToken);

            // The fault itself: so long does the other process keep it.
            await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        }

        await TestArchive.UntilAsync(() => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0), Patience, () => agent.Output);
        Assert.InRange(link.Bytes, 20 * 100_000, 30 * 100_000);
        Assert.False(agent.HasExited, agent.Output);
    }
}
