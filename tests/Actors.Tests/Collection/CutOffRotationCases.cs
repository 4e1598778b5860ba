using ActorLogArchive.Actors.Tests.Collection.Model;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>Files that are rotated on after the agent was killed over them, at one operation after the other: nobody wrote down how it ended.</summary>
public sealed class CutOffRotationCases : RotatedNode
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_a_walk_missed_is_there_once_wherever_the_agent_was_killed_meanwhile(bool isBackBeforeTheNextAttempt)
    {
        using var elsewhere = new TemporaryFolder();
        var expected = new List<(string, string)>();
        for (var (operation, isKilled) = (0, true); isKilled; operation++)
        {
            var folder = $"case-{operation:00}";
            Node.Write($"{folder}/app.log.1", $"older of {operation}\n");
            await ArchiveAsync();
            await Agent!.DisposeAsync();
            var missed = Path.Combine(elsewhere.Path, folder);
            File.Move(Path.Combine(Node.Path, folder, "app.log.1"), missed);

            // As long as the other one: by its size it cannot be told from it.
            Node.Write($"{folder}/app.log.1", $"newer of {operation}\n");
            isKilled = await RunKilledAsync(operation);
            Agent = null;
            if (!isBackBeforeTheNextAttempt)
                await ArchiveAsync();
            File.Move(missed, Path.Combine(Node.Path, folder, "app.log.2"));

            await ArchiveAsync();

            expected.AddRange([($"{folder}/app.log.1", $"newer of {operation}\n"), ($"{folder}/app.log.2", $"older of {operation}\n")]);
            AssertArchive([.. expected]);
        }

        Assert.InRange(expected.Count, 8, 100);
    }

    [Fact]
    public async Task Two_files_that_walks_missed_are_there_once_although_the_agent_was_killed_over_one_of_them()
    {
        using var elsewhere = new TemporaryFolder();
        var expected = new List<(string, string)>();
        for (var (operation, isKilled) = (0, true); isKilled; operation++)
        {
            var folder = $"case-{operation:00}";
            string[] contents = [$"first of {operation}\n", $"other of {operation}\n", $"third of {operation}\n"];
            Node.Write($"{folder}/app.log.1", contents[0]);
            await ArchiveAsync();
            await Agent!.DisposeAsync();
            File.Move(Path.Combine(Node.Path, folder, "app.log.1"), Path.Combine(elsewhere.Path, $"{folder}.first"));
            Node.Write($"{folder}/app.log.1", contents[1]);
            isKilled = await RunKilledAsync(operation);
            Agent = null;
            File.Move(Path.Combine(Node.Path, folder, "app.log.1"), Path.Combine(elsewhere.Path, $"{folder}.other"));
            Node.Write($"{folder}/app.log.1", contents[2]);
            await ArchiveAsync();
            File.Move(Path.Combine(elsewhere.Path, $"{folder}.other"), Path.Combine(Node.Path, folder, "app.log.2"));
            File.Move(Path.Combine(elsewhere.Path, $"{folder}.first"), Path.Combine(Node.Path, folder, "app.log.3"));

            await ArchiveAsync();

            expected.AddRange([($"{folder}/app.log.1", contents[2]), ($"{folder}/app.log.2", contents[1]), ($"{folder}/app.log.3", contents[0])]);
            AssertArchive([.. expected]);
        }

        Assert.InRange(expected.Count, 12, 150);
    }

    // Where the content of a file is to go there is older content, which must not pass for it.
    [Fact]
    public async Task A_full_chain_that_is_rotated_on_after_the_agent_was_killed_over_a_rename_is_there_once()
    {
        const int Length = 4;
        var expected = new List<string>();

        // Each rename is an operation, with what sets aside before it and what is compared after it between.
        for (var operation = 9; operation <= 15; operation++)
        {
            var folder = $"case-{operation:00}";
            var count = 0;
            string Next()
            {
                expected.Add($"file {++count} of case {operation}\n");
                return expected[^1];
            }

            void Rotate()
            {
                File.Delete(Path.Combine(Node.Path, folder, $"app.log.{Length}"));
                for (var number = Length - 1; number > 0; number--)
                    Node.Move($"{folder}/app.log.{number}", $"{folder}/app.log.{number + 1}");
                Node.Write($"{folder}/app.log.1", Next());
            }

            for (var number = Length; number > 0; number--)
                Node.Write($"{folder}/app.log.{number}", Next());
            await ArchiveAsync();
            await Agent!.DisposeAsync();
            Rotate();
            Assert.True(await RunKilledAsync(operation));
            Agent = null;
            Rotate();

            await ArchiveAsync();

            Assert.Equal(expected.Order(StringComparer.Ordinal), ArchivedTexts());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_walks_missed_is_there_once_although_the_agent_was_killed_over_it_and_over_what_took_its_name(bool isBackBeforeTheNextAttempt)
    {
        // Connect, two listings, the comparison, the rename: what comes then is cut off.
        const int AfterRename = 5;
        using var elsewhere = new TemporaryFolder();
        var expected = new List<(string, string)>();
        for (var (operation, isKilled) = (AfterRename - 1, true); isKilled; operation++)
        {
            var folder = $"case-{operation:00}";
            Node.Write($"{folder}/app.log.1", $"first of {operation}\n");
            await ArchiveAsync();
            await Agent!.DisposeAsync();
            Node.Move($"{folder}/app.log.1", $"{folder}/app.log.2");
            Assert.True(await RunKilledAsync(AfterRename));
            Assert.True(File.Exists(Path.Combine(Archive.TreeOf("agent01"), folder, "app.log.2")));
            var missed = Path.Combine(elsewhere.Path, folder);
            File.Move(Path.Combine(Node.Path, folder, "app.log.2"), missed);
            Node.Write($"{folder}/app.log.2", $"other of {operation}\n");
            isKilled = await RunKilledAsync(operation);
            Agent = null;
            if (!isBackBeforeTheNextAttempt)
                await ArchiveAsync();
            File.Move(missed, Path.Combine(Node.Path, folder, "app.log.3"));

            await ArchiveAsync();

            expected.AddRange([($"{folder}/app.log.2", $"other of {operation}\n"), ($"{folder}/app.log.3", $"first of {operation}\n")]);
            AssertArchive([.. expected]);
        }
    }

    /// <summary>Runs an agent that dies before an operation. False when it was done before.</summary>
    private async Task<bool> RunKilledAsync(int operation)
    {
        var faults = new Faults();
        faults.KillAt(operation);
        await using var agent = NewAgent(transport: () => new FaultyTransport(NewTransport, faults));
        var run = agent.RunOnceAsync();
        var isKilled = await Task.WhenAny(run, faults.KillReached) != run;
        await faults.DieAsync();
        return isKilled;
    }
}
