using Microsoft.Data.Sqlite;

namespace ActorLogArchive.Bench;

/// <summary>Walks over many archived files that find nothing new: their time, and the events they cost.</summary>
public static class WalkBench
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments args)
    {
        int files = args.Number("--files", 100_000), folders = args.Number("--folders", 5000);
        await using var nodes = await BenchNodes.StartAsync(connections: 4);
        for (var folder = 0; folder < folders; folder++)
        {
            PipelineBench.WriteFiles(Path.Combine(nodes.Logs, $"{folder / 100:00}", $"{folder:0000}"), files / folders, size: 100, seed: folder);
        }

        var (summary, time) = await nodes.RunOnceAsync();
        Console.WriteLine($"first pass: {summary.Files} files in {time.TotalSeconds:0.0} s, complete: {summary.IsComplete}");
        var events = EventsIn(nodes.Folder);
        for (var round = 0; round < args.Number("--rounds", 5); round++)
        {
            var scan = await nodes.ScanAsync();
            Console.WriteLine($"walk {round}: {scan.Files} files in {scan.Duration.TotalMilliseconds:0} ms, {EventsIn(nodes.Folder) - events} new events");
        }

        return 0;
    }

    /// <summary>Highest sequence number in the agent's journal: events deleted after a snapshot still count.</summary>
    private static long EventsIn(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "agent", "journal.db")};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COALESCE(MAX(sequence_number), 0) FROM journal";
        return (long)command.ExecuteScalar()!;
    }
}
