using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Tests.Collection.Model;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>
/// What shippers of logs stumble over when files are rotated, replaced and moved, each on its own, against the real FTP server and
/// with the ledger on SQLite. The whole archive is compared each time, so content that is there twice shows as well as what lacks.
/// </summary>
public sealed partial class RotationCases : IAsyncLifetime
{
    private const int HeadBytes = 4096;
    private static readonly string[] Others = [.. Enumerable.Range(0, 10).Select(i => $"other-{i}.log")];

    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _data = new();
    private ModelArchive _archive = null!;
    private AgentUnderTest? _agent;
    private long _received;

    public async ValueTask InitializeAsync()
    {
        _archive = await ModelArchive.StartAsync();
        _archive.OnEvent = Count;
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        await _archive.DisposeAsync();
        _node.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task A_new_file_with_the_inode_of_a_deleted_one_is_another_file()
    {
        var file = _node.Write("app.log", "content of the first file\n");
        await ArchiveAsync(sent: 26);
        var first = NodeFile.Probe(file).Id.Inode;
        File.Delete(file);
        Assert.SkipUnless(TryCreateWithInode(first, "content of the other file, which is longer\n"), "this file system does not use inodes again");

        await ArchiveAsync(sent: 43);

        AssertArchive(("app.log", "content of the other file, which is longer\n"), ("app.~~.log", "content of the first file\n"));
    }

    [Fact]
    public async Task A_hundred_files_with_the_same_header_are_rotated_and_each_keeps_its_own_lines()
    {
        var header = new string('#', HeadBytes - 1) + "\n";
        var expected = new List<(string, string)>();
        for (var i = 0; i < 100; i++)
        {
            _node.Write($"{i:000}.log", $"{header}line of {i:000}\n");
            expected.Add(($"{i:000}.log.1", $"{header}line of {i:000}\n"));
            expected.Add(($"{i:000}.log", $"{header}next of {i:000}\n"));
        }

        await ArchiveAsync(sent: 100 * (HeadBytes + 12));
        for (var i = 0; i < 100; i++)
        {
            _node.Move($"{i:000}.log", $"{i:000}.log.1");
            _node.Write($"{i:000}.log", $"{header}next of {i:000}\n");
        }

        await ArchiveAsync(sent: 100 * (HeadBytes + 12));

        AssertArchive([.. expected]);
    }

    [Fact]
    public async Task Files_shorter_than_the_head_that_is_hashed_grow_beyond_it_and_are_rotated_at_once()
    {
        _node.Write("app.log", "a\n");
        _node.Write("web.log", "a\n");
        await ArchiveAsync(sent: 4);
        var more = new string('m', 2 * HeadBytes);
        _node.Append("app.log", more);
        _node.Append("web.log", "w\n");
        _node.Move("app.log", "app.log.1");
        _node.Move("web.log", "web.log.1");
        _node.Write("app.log", "a\n");
        _node.Write("web.log", "");

        await ArchiveAsync(sent: more.Length + 2 + 2);

        AssertArchive(("app.log", "a\n"), ("app.log.1", $"a\n{more}"), ("web.log", ""), ("web.log.1", "a\nw\n"));
    }

    [Fact]
    public async Task A_link_to_the_current_file_that_is_switched_to_the_next_one_keeps_both()
    {
        _node.Write("app-0301.log", "first day\n");
        File.CreateSymbolicLink(Path.Combine(_node.Path, "current"), "app-0301.log");
        await ArchiveAsync();
        _node.Write("app-0302.log", "second day\n");
        File.Delete(Path.Combine(_node.Path, "current"));
        File.CreateSymbolicLink(Path.Combine(_node.Path, "current"), "app-0302.log");
        await ArchiveAsync();
        _node.Append("app-0302.log", "goes on\n");

        await ArchiveAsync();

        // A name of its own in the archive for each name on the node; what the link showed before stays as its version.
        AssertArchive(
            ("app-0301.log", "first day\n"), ("app-0302.log", "second day\ngoes on\n"), ("current", "second day\ngoes on\n"), ("current.~~", "first day\n"));
    }

    [Fact]
    public async Task A_hard_link_grows_with_its_file_and_outlives_it()
    {
        _node.Write("app.log", "one\n");
        ForeignNames.Shell($"ln '{_node.Path}/app.log' '{_node.Path}/kept.log'");
        await ArchiveAsync(sent: 8);
        _node.Append("app.log", "two\n");
        await ArchiveAsync(sent: 8);
        File.Delete(Path.Combine(_node.Path, "app.log"));
        _node.Append("kept.log", "three\n");

        await ArchiveAsync(sent: 6);

        AssertArchive(("app.log", "one\ntwo\n"), ("kept.log", "one\ntwo\nthree\n"));
    }

    [Fact]
    public async Task Five_rotations_between_two_walks_with_lines_in_between_are_followed()
    {
        const int Rotations = 5;
        _node.Write("app.log", "0: seen by a walk\n");
        await ArchiveAsync(sent: 18);
        for (var rotation = 1; rotation <= Rotations; rotation++)
        {
            _node.Append("app.log", $"{rotation - 1}: written to the end\n");
            for (var i = rotation - 1; i >= 0; i--)
                _node.Move(i == 0 ? "app.log" : $"app.log.{i}", $"app.log.{i + 1}");
            _node.Write("app.log", $"{rotation}: a new file\n");
        }

        await ArchiveAsync(sent: (Rotations * 22) + (Rotations * 14));

        AssertArchive(
            [
                ("app.log", "5: a new file\n"),
                .. Enumerable.Range(1, Rotations - 1).Select(i => ($"app.log.{i}", $"{Rotations - i}: a new file\n{Rotations - i}: written to the end\n")),
                ("app.log.5", "0: seen by a walk\n0: written to the end\n"),
            ]);
    }

    [Fact]
    public async Task A_big_file_rotated_while_its_slices_are_sent_is_there_once_under_its_new_name()
    {
        var content = Lines(1 << 20);
        _node.Write("app.log", content);
        WhenFirstSliceIsThere(() =>
        {
            _node.Move("app.log", "app.log.1");
            _node.Write("app.log", "new\n");
        });

        await ArchiveAsync(inSlices: true, runs: 2);

        AssertArchive(("app.log", "new\n"), ("app.log.1", content));
        await AssertReceivedAsync(content.Length + 4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_big_file_deleted_between_its_slices_is_read_to_its_end(bool isReplaced)
    {
        var content = Lines(1 << 20);
        var file = _node.Write("app.log", content);
        foreach (var name in Others)
            _node.Write(name, name);
        Start(options => options with { Upload = options.Upload with { Connections = 1, MaxConnections = 1, SliceBytes = 32 << 10, BatchBytes = 1 } });
        var isGone = false;
        _archive.OnEvent = done =>
        {
            Count(done);
            if (isGone || done is not FtpTransferCompleted transfer || transfer.Path.ToString().EndsWith("app.log", StringComparison.Ordinal) || Interlocked.Read(ref _received) < 32 << 10)
                return;
            isGone = true;
            File.Delete(file);
            if (isReplaced)
                _node.Write("app.log", "new\n");

            // The ledger hears of it while the connection has another file in hand.
            _agent!.Scanner.Ask<CollectionProtocol.ScanFinished>(CollectionProtocol.ScanNow.Instance, TimeSpan.FromSeconds(20)).Wait();
        };

        await ArchiveAsync(runs: 2);

        (string, string)[] archived = isReplaced ? [("app.log", "new\n"), ("app.~~.log", content)] : [("app.log", content)];
        Assert.True(isGone);
        AssertArchive([.. archived, .. Others.Select(name => (name, name))]);
        await AssertReceivedAsync(archived.Sum(item => item.Item2.Length) + Others.Sum(name => name.Length));
    }

    [Fact]
    public async Task A_big_file_cut_by_copytruncate_while_its_slices_are_sent_is_whole_in_its_copy()
    {
        var content = Lines(1 << 20);
        var file = _node.Write("app.log", content);
        WhenFirstSliceIsThere(() =>
        {
            File.Copy(file, file + ".1");
            File.WriteAllText(file, "new\n");
        });

        await ArchiveAsync(inSlices: true, runs: 3);

        var archive = Archive();
        Assert.Equal("new\n", archive["app.log"]);
        Assert.True(archive["app.log.1"] == content, "the copy has other bytes");

        // What had arrived of the original before it was cut stays, and is its beginning.
        Assert.All(archive.Where(item => item.Key is not ("app.log" or "app.log.1")), item => Assert.StartsWith(item.Value, content, StringComparison.Ordinal));
        Assert.InRange(archive.Count, 2, 3);
    }

    [Fact]
    public async Task A_file_cut_and_filled_beyond_its_old_size_between_two_walks_keeps_the_old_content_as_a_version()
    {
        var file = _node.Write("app.log", "old line\n");
        await ArchiveAsync(sent: 9);
        using (var stream = new FileStream(file, FileMode.Truncate))
            stream.Write("new line, and the next one\n"u8);

        await ArchiveAsync(sent: 27);

        AssertArchive(("app.log", "new line, and the next one\n"), ("app.~~.log", "old line\n"));
    }

    [Fact]
    public async Task A_sparse_file_is_archived_with_its_holes_and_what_is_written_behind_them_appended()
    {
        const int Hole = 3 << 20;
        var file = _node.Write("last.log", "begin\n");
        using (var stream = new FileStream(file, FileMode.Open))
            stream.SetLength(Hole);
        await ArchiveAsync(sent: Hole);
        _node.Append("last.log", "end\n");

        await ArchiveAsync(sent: 4);

        AssertArchive(("last.log", $"begin\n{new string('\0', Hole - 6)}end\n"));
    }

    [Fact]
    public async Task An_editor_that_puts_a_new_file_in_the_place_of_the_old_one_costs_only_what_it_added()
    {
        _node.Write("notes.txt", "as it was\n");
        await ArchiveAsync(sent: 10);
        _node.Write(".notes.txt.swp", "as it was\nand more\n");
        _node.Move(".notes.txt.swp", "notes.txt");
        await ArchiveAsync(sent: 9);
        AssertArchive(("notes.txt", "as it was\nand more\n"));
        _node.Write(".notes.txt.swp", "all rewritten\n");
        _node.Move(".notes.txt.swp", "notes.txt");

        await ArchiveAsync(sent: 14);

        AssertArchive(("notes.txt", "all rewritten\n"), ("notes.~~.txt", "as it was\nand more\n"));
    }

    [Fact]
    public async Task A_rotated_file_that_is_compressed_stays_as_it_was_beside_the_compressed_one()
    {
        _node.Write("app.log", "current\n");
        _node.Write("app.log.1", "rotated\n");
        await ArchiveAsync(sent: 16);
        _node.Move("app.log.1", "app.log.2");
        _node.Move("app.log", "app.log.1");
        _node.Write("app.log", "newest\n");
        using (var packed = new GZipStream(File.Create(Path.Combine(_node.Path, "app.log.2.gz")), CompressionLevel.Fastest))
            packed.Write("rotated\n"u8);
        File.Delete(Path.Combine(_node.Path, "app.log.2"));

        await ArchiveAsync();

        var archive = Archive();
        Assert.Equal(["current\n", "newest\n", "rotated\n"], archive.Where(item => !item.Key.EndsWith(".gz", StringComparison.Ordinal)).Select(item => item.Value).Order(StringComparer.Ordinal));
        AssertHas(("app.log", "newest\n"), ("app.log.1", "current\n"));
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(_node.Path, "app.log.2.gz"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(_archive.TreeOf("agent01"), "app.log.2.gz"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_folder_renamed_as_a_whole_is_followed_with_all_below_it()
    {
        for (var i = 0; i < 20; i++)
            _node.Write($"today/{i % 4}/{i}.log", $"file {i:00}\n");
        await ArchiveAsync(sent: 20 * 8);
        Directory.Move(Path.Combine(_node.Path, "today"), Path.Combine(_node.Path, "yesterday"));
        _node.Append("yesterday/0/0.log", "late\n");
        _node.Write("today/0/0.log", "next\n");

        await ArchiveAsync(sent: 10);

        AssertArchive(
            [
                ("today/0/0.log", "next\n"),
                .. Enumerable.Range(0, 20).Select(i => ($"yesterday/{i % 4}/{i}.log", i == 0 ? "file 00\nlate\n" : $"file {i:00}\n")),
            ]);
    }

    [Fact]
    public async Task A_file_moved_from_one_watched_folder_to_another_is_renamed_and_goes_on_there()
    {
        _node.Write("live/app.log", "moved\n");
        _node.Write("live/stays.log", "stays\n");
        Directory.CreateDirectory(Path.Combine(_node.Path, "done"));
        Start(options => options with
        {
            Roots =
            [
                new WatchedRoot { Path = Path.Combine(_node.Path, "live"), Name = "a" },
                new WatchedRoot { Path = Path.Combine(_node.Path, "done"), Name = "b" },
            ],
        });
        await ArchiveAsync(sent: 12);
        _node.Move("live/app.log", "done/app.log");
        _node.Append("done/app.log", "and on\n");

        await ArchiveAsync(sent: 7);

        AssertArchive(("a/stays.log", "stays\n"), ("b/app.log", "moved\nand on\n"));
    }

    [Fact]
    public async Task A_file_moved_out_of_the_watched_folder_and_back_is_not_sent_again()
    {
        using var elsewhere = new TemporaryFolder();
        _node.Write("app.log", "one\n");
        await ArchiveAsync(sent: 4);
        var outside = Path.Combine(elsewhere.Path, "app.log");
        File.Move(Path.Combine(_node.Path, "app.log"), outside);
        await ArchiveAsync(sent: 0);
        await File.AppendAllTextAsync(outside, "two\n", TestContext.Current.CancellationToken);
        File.Move(outside, Path.Combine(_node.Path, "app.log"));

        await ArchiveAsync(sent: 4);

        AssertArchive(("app.log", "one\ntwo\n"));
    }

    // A walk that goes on while names are passed along a chain may see a file under neither its old name nor its new one. Its content is
    // set aside for the file that has its name now, and is to be found there.
    [Fact]
    public async Task A_rotated_file_that_a_walk_missed_is_renamed_when_it_turns_up()
    {
        using var elsewhere = new TemporaryFolder();
        _node.Write("app.log.1", "older\n");
        _node.Write("app.log", "old\n");
        await ArchiveAsync(sent: 10);
        var missed = Path.Combine(elsewhere.Path, "missed");
        File.Move(Path.Combine(_node.Path, "app.log.1"), missed);
        _node.Move("app.log", "app.log.1");
        _node.Write("app.log", "new\n");
        await ArchiveAsync(sent: 4);
        File.Move(missed, Path.Combine(_node.Path, "app.log.2"));
        _node.Append("app.log.2", "its end\n");

        await ArchiveAsync(sent: 8);

        AssertArchive(("app.log", "new\n"), ("app.log.1", "old\n"), ("app.log.2", "older\nits end\n"));
    }

    [Fact]
    public async Task Names_that_are_swapped_cost_no_second_copy()
    {
        _node.Write("a.log", "what was first in a\n");
        _node.Write("b.log", "what was first in b\n");
        await ArchiveAsync(sent: 40);
        _node.Move("a.log", "c.log");
        _node.Move("b.log", "a.log");
        _node.Move("c.log", "b.log");

        await ArchiveAsync(sent: 0);

        AssertArchive(("a.log", "what was first in b\n"), ("b.log", "what was first in a\n"));
    }

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
            _node.Write($"{folder}/app.log.1", $"older of {operation}\n");
            await ArchiveAsync();
            await _agent!.DisposeAsync();
            var missed = Path.Combine(elsewhere.Path, folder);
            File.Move(Path.Combine(_node.Path, folder, "app.log.1"), missed);

            // As long as the other one: by its size it cannot be told from it.
            _node.Write($"{folder}/app.log.1", $"newer of {operation}\n");
            isKilled = await RunKilledAsync(operation);
            _agent = null;
            if (!isBackBeforeTheNextAttempt)
                await ArchiveAsync();
            File.Move(missed, Path.Combine(_node.Path, folder, "app.log.2"));

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
            _node.Write($"{folder}/app.log.1", contents[0]);
            await ArchiveAsync();
            await _agent!.DisposeAsync();
            File.Move(Path.Combine(_node.Path, folder, "app.log.1"), Path.Combine(elsewhere.Path, $"{folder}.first"));
            _node.Write($"{folder}/app.log.1", contents[1]);
            isKilled = await RunKilledAsync(operation);
            _agent = null;
            File.Move(Path.Combine(_node.Path, folder, "app.log.1"), Path.Combine(elsewhere.Path, $"{folder}.other"));
            _node.Write($"{folder}/app.log.1", contents[2]);
            await ArchiveAsync();
            File.Move(Path.Combine(elsewhere.Path, $"{folder}.other"), Path.Combine(_node.Path, folder, "app.log.2"));
            File.Move(Path.Combine(elsewhere.Path, $"{folder}.first"), Path.Combine(_node.Path, folder, "app.log.3"));

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
                File.Delete(Path.Combine(_node.Path, folder, $"app.log.{Length}"));
                for (var number = Length - 1; number > 0; number--)
                    _node.Move($"{folder}/app.log.{number}", $"{folder}/app.log.{number + 1}");
                _node.Write($"{folder}/app.log.1", Next());
            }

            for (var number = Length; number > 0; number--)
                _node.Write($"{folder}/app.log.{number}", Next());
            await ArchiveAsync();
            await _agent!.DisposeAsync();
            Rotate();
            Assert.True(await RunKilledAsync(operation));
            _agent = null;
            Rotate();

            await ArchiveAsync();

            Assert.Equal(expected.Order(StringComparer.Ordinal), Contents());
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
        for (var operation = AfterRename + 1; operation <= 2 * AfterRename; operation++)
        {
            var folder = $"case-{operation:00}";
            _node.Write($"{folder}/app.log.1", $"first of {operation}\n");
            await ArchiveAsync();
            await _agent!.DisposeAsync();
            _node.Move($"{folder}/app.log.1", $"{folder}/app.log.2");
            Assert.True(await RunKilledAsync(AfterRename));
            Assert.True(File.Exists(Path.Combine(_archive.TreeOf("agent01"), folder, "app.log.2")));
            var missed = Path.Combine(elsewhere.Path, folder);
            File.Move(Path.Combine(_node.Path, folder, "app.log.2"), missed);
            _node.Write($"{folder}/app.log.2", $"other of {operation}\n");
            await RunKilledAsync(operation);
            _agent = null;
            if (!isBackBeforeTheNextAttempt)
                await ArchiveAsync();
            File.Move(missed, Path.Combine(_node.Path, folder, "app.log.3"));

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
        await using var agent = AgentUnderTest.Start(Options(), () => new FaultyTransport(() => _archive.NewTransport("agent01"), faults), AgentUnderTest.Sqlite(_data.Path));
        var run = agent.RunOnceAsync();
        var isKilled = await Task.WhenAny(run, faults.KillReached) != run;
        await faults.DieAsync();
        return isKilled;
    }

    // Whatever else is made and deleted on this file system may get the inode first: so many files are made until one has it.
    private bool TryCreateWithInode(ulong inode, string content)
    {
        using var beside = new TemporaryFolder();
        for (var i = 0; i < 2000; i++)
        {
            var candidate = _node.Write($"candidate-{i}", content);
            if (NodeFile.Probe(candidate).Id.Inode == inode)
            {
                _node.Move($"candidate-{i}", "app.log");
                return true;
            }

            File.Move(candidate, Path.Combine(beside.Path, $"{i}"));
        }

        return false;
    }

    private CollectionOptions Options() => AgentUnderTest.Options(_node.Path) with { LedgerFile = Path.Combine(_data.Path, "ledger.db") };

    private void Start(Func<CollectionOptions, CollectionOptions>? change = null)
    {
        var options = Options();
        _agent = AgentUnderTest.Start(change?.Invoke(options) ?? options, () => _archive.NewTransport("agent01"), AgentUnderTest.Sqlite(_data.Path));
    }

    /// <summary>Runs the agent until all is archived. <paramref name="sent"/>: bytes that the archive must have received for it.</summary>
    private async Task ArchiveAsync(long? sent = null, bool inSlices = false, int runs = 1)
    {
        if (_agent is null)
            Start(inSlices ? options => options with { Upload = options.Upload with { Connections = 1, MaxConnections = 1, SliceBytes = 32 << 10 } } : null);
        var before = Interlocked.Read(ref _received);
        RunSummary summary;
        do
            summary = await _agent!.RunOnceAsync();
        while (--runs > 0);
        Assert.True(summary.IsComplete, $"{summary} {string.Join(", ", summary.Left)} {string.Join(", ", summary.Problems)}");
        if (sent is { } more)
            await AssertReceivedAsync(before + more);
    }

    /// <summary>The server tells of a transfer beside it: its word may come after that of the agent.</summary>
    private async Task AssertReceivedAsync(long expected)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (Interlocked.Read(ref _received) < expected && TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(10))
            await Task.Yield();
        Assert.Equal(expected, Interlocked.Read(ref _received));
    }

    /// <summary>What happens to the node while the rest of a big file is still to be sent.</summary>
    private void WhenFirstSliceIsThere(Action change)
    {
        var slices = 0;
        _archive.OnEvent = done =>
        {
            Count(done);
            if (done is FtpTransferCompleted { Kind: FtpTransferKind.Store or FtpTransferKind.Append } && Interlocked.Increment(ref slices) == 1)
                change();
        };
    }

    private void Count(FtpServerEvent done)
    {
        if (done is FtpTransferCompleted { Kind: FtpTransferKind.Store or FtpTransferKind.Append } transfer)
            Interlocked.Add(ref _received, transfer.Bytes);
    }

    private void AssertArchive(params (string Path, string Content)[] expected)
    {
        Assert.Equal(expected.Select(file => file.Path).Order(StringComparer.Ordinal), Archive().Keys);
        AssertHas(expected);
    }

    private void AssertHas(params (string Path, string Content)[] expected)
    {
        var archive = Archive();
        Assert.All(expected, file => Assert.True(archive[file.Path] == file.Content, $"{file.Path} has {archive[file.Path].Length} bytes, or others than {file.Content.Length}"));
    }

    /// <summary>Content by path, the time in the name of a version left out: <c>app.~~.log</c>.</summary>
    private SortedDictionary<string, string> Archive()
    {
        var tree = _archive.TreeOf("agent01");
        return new SortedDictionary<string, string>(
            Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories)
                .ToDictionary(file => VersionStamp().Replace(Path.GetRelativePath(tree, file), "~~"), file => Encoding.UTF8.GetString(File.ReadAllBytes(file))),
            StringComparer.Ordinal);
    }

    /// <summary>What all files of the archive have, whatever their names.</summary>
    private IEnumerable<string> Contents() =>
        Directory.EnumerateFiles(_archive.TreeOf("agent01"), "*", SearchOption.AllDirectories).Select(File.ReadAllText).Order(StringComparer.Ordinal);

    private static string Lines(int size)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < size; i++)
            text.Append($"{i:00000} a line that is not said twice\n");
        return text.ToString();
    }

    [GeneratedRegex(@"~\d{8}T\d{6}Z(-\d+)?~")]
    private static partial Regex VersionStamp();
}
