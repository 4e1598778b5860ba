using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Tests.Collection.Model;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>What shippers of logs stumble over when files are rotated, replaced and moved, each on its own.</summary>
public sealed class RotationCases : RotatedNode
{
    private const int HeadBytes = 4096;
    private static readonly string[] Others = [.. Enumerable.Range(0, 10).Select(i => $"other-{i}.log")];

    [Fact]
    public async Task A_new_file_with_the_inode_of_a_deleted_one_is_another_file()
    {
        var file = Node.Write("app.log", "content of the first file\n");
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
            Node.Write($"{i:000}.log", $"{header}line of {i:000}\n");
            expected.Add(($"{i:000}.log.1", $"{header}line of {i:000}\n"));
            expected.Add(($"{i:000}.log", $"{header}next of {i:000}\n"));
        }

        await ArchiveAsync(sent: 100 * (HeadBytes + 12));
        for (var i = 0; i < 100; i++)
        {
            Node.Move($"{i:000}.log", $"{i:000}.log.1");
            Node.Write($"{i:000}.log", $"{header}next of {i:000}\n");
        }

        await ArchiveAsync(sent: 100 * (HeadBytes + 12));

        AssertArchive([.. expected]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_written_over_then_rotated_and_back_at_its_name_takes_with_it_what_it_has_now(bool isItsNameTaken)
    {
        Node.Write("app.log", "what it had at first\n");
        await ArchiveAsync(sent: 21);
        Node.Write("app.log", "what it has now, so!\n");
        Node.Move("app.log", "app.log.1");
        await ArchiveAsync(sent: 21);
        AssertArchive(("app.log", "what it had at first\n"), ("app.log.1", "what it has now, so!\n"));
        Node.Move("app.log.1", "app.log");
        if (isItsNameTaken)
            Node.Write("app.log.1", "another\n");

        await ArchiveAsync(sent: isItsNameTaken ? 8 : 0);

        AssertHas(("app.log", "what it has now, so!\n"), ("app.~~.log", "what it had at first\n"));
        Assert.Equal(isItsNameTaken ? ["app.log", "app.log.1", "app.~~.log"] : ["app.log", "app.~~.log"], ArchivedFiles().Keys);
    }

    [Fact]
    public async Task Files_shorter_than_the_head_that_is_hashed_grow_beyond_it_and_are_rotated_at_once()
    {
        Node.Write("app.log", "a\n");
        Node.Write("web.log", "a\n");
        await ArchiveAsync(sent: 4);
        var more = new string('m', 2 * HeadBytes);
        Node.Append("app.log", more);
        Node.Append("web.log", "w\n");
        Node.Move("app.log", "app.log.1");
        Node.Move("web.log", "web.log.1");
        Node.Write("app.log", "a\n");
        Node.Write("web.log", "");

        await ArchiveAsync(sent: more.Length + 2 + 2);

        AssertArchive(("app.log", "a\n"), ("app.log.1", $"a\n{more}"), ("web.log", ""), ("web.log.1", "a\nw\n"));
    }

    [Fact]
    public async Task A_link_to_the_current_file_that_is_switched_to_the_next_one_keeps_both()
    {
        Node.Write("app-0301.log", "first day\n");
        File.CreateSymbolicLink(Path.Combine(Node.Path, "current"), "app-0301.log");
        await ArchiveAsync();
        Node.Write("app-0302.log", "second day\n");
        File.Delete(Path.Combine(Node.Path, "current"));
        File.CreateSymbolicLink(Path.Combine(Node.Path, "current"), "app-0302.log");
        await ArchiveAsync();
        Node.Append("app-0302.log", "goes on\n");

        await ArchiveAsync();

        // A name of its own in the archive for each name on the node; what the link showed before stays as its version.
        AssertArchive(
            ("app-0301.log", "first day\n"), ("app-0302.log", "second day\ngoes on\n"), ("current", "second day\ngoes on\n"), ("current.~~", "first day\n"));
    }

    [Fact]
    public async Task A_hard_link_grows_with_its_file_and_outlives_it()
    {
        Node.Write("app.log", "one\n");
        ForeignNames.Shell($"ln '{Node.Path}/app.log' '{Node.Path}/kept.log'");
        await ArchiveAsync(sent: 8);
        Node.Append("app.log", "two\n");
        await ArchiveAsync(sent: 8);
        File.Delete(Path.Combine(Node.Path, "app.log"));
        Node.Append("kept.log", "three\n");

        await ArchiveAsync(sent: 6);

        AssertArchive(("app.log", "one\ntwo\n"), ("kept.log", "one\ntwo\nthree\n"));
    }

    [Fact]
    public async Task Five_rotations_between_two_walks_with_lines_in_between_are_followed()
    {
        const int Rotations = 5;
        Node.Write("app.log", "0: seen by a walk\n");
        await ArchiveAsync(sent: 18);
        for (var rotation = 1; rotation <= Rotations; rotation++)
        {
            Node.Append("app.log", $"{rotation - 1}: written to the end\n");
            for (var i = rotation - 1; i >= 0; i--)
                Node.Move(i == 0 ? "app.log" : $"app.log.{i}", $"app.log.{i + 1}");
            Node.Write("app.log", $"{rotation}: a new file\n");
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
        Node.Write("app.log", content);
        WhenFirstSliceIsThere(() =>
        {
            Node.Move("app.log", "app.log.1");
            Node.Write("app.log", "new\n");
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
        var file = Node.Write("app.log", content);
        foreach (var name in Others)
            Node.Write(name, name);
        Agent = NewAgent(options => options with { Upload = options.Upload with { Connections = 1, MaxConnections = 1, SliceBytes = 32 << 10, BatchBytes = 1 } });
        var isGone = false;
        Archive.OnEvent = done =>
        {
            Count(done);
            if (isGone || done is not FtpTransferCompleted transfer || transfer.Path.ToString().EndsWith("app.log", StringComparison.Ordinal) || Received < 32 << 10)
                return;
            isGone = true;
            File.Delete(file);
            if (isReplaced)
                Node.Write("app.log", "new\n");

            // The ledger hears of it while the connection has another file in hand.
            Agent!.Scanner.Ask<CollectionProtocol.ScanFinished>(CollectionProtocol.ScanNow.Instance, TimeSpan.FromSeconds(20)).Wait();
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
        var file = Node.Write("app.log", content);
        WhenFirstSliceIsThere(() =>
        {
            File.Copy(file, file + ".1");
            File.WriteAllText(file, "new\n");
        });

        await ArchiveAsync(inSlices: true, runs: 3);

        var archive = ArchivedFiles();
        Assert.Equal("new\n", archive["app.log"]);
        Assert.True(archive["app.log.1"] == content, "the copy has other bytes");

        // What had arrived of the original before it was cut stays, and is its beginning.
        Assert.All(archive.Where(item => item.Key is not ("app.log" or "app.log.1")), item => Assert.StartsWith(item.Value, content, StringComparison.Ordinal));
        Assert.InRange(archive.Count, 2, 3);
    }

    [Fact]
    public async Task A_file_cut_and_filled_beyond_its_old_size_between_two_walks_keeps_the_old_content_as_a_version()
    {
        var file = Node.Write("app.log", "old line\n");
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
        var file = Node.Write("last.log", "begin\n");
        using (var stream = new FileStream(file, FileMode.Open))
            stream.SetLength(Hole);
        await ArchiveAsync(sent: Hole);
        Node.Append("last.log", "end\n");

        await ArchiveAsync(sent: 4);

        AssertArchive(("last.log", $"begin\n{new string('\0', Hole - 6)}end\n"));
    }

    [Fact]
    public async Task An_editor_that_puts_a_new_file_in_the_place_of_the_old_one_costs_only_what_it_added()
    {
        Node.Write("notes.txt", "as it was\n");
        await ArchiveAsync(sent: 10);
        Node.Write(".notes.txt.swp", "as it was\nand more\n");
        Node.Move(".notes.txt.swp", "notes.txt");
        await ArchiveAsync(sent: 9);
        AssertArchive(("notes.txt", "as it was\nand more\n"));
        Node.Write(".notes.txt.swp", "all rewritten\n");
        Node.Move(".notes.txt.swp", "notes.txt");

        await ArchiveAsync(sent: 14);

        AssertArchive(("notes.txt", "all rewritten\n"), ("notes.~~.txt", "as it was\nand more\n"));
    }

    [Fact]
    public async Task A_rotated_file_that_is_compressed_stays_as_it_was_beside_the_compressed_one()
    {
        Node.Write("app.log", "current\n");
        Node.Write("app.log.1", "rotated\n");
        await ArchiveAsync(sent: 16);
        Node.Move("app.log.1", "app.log.2");
        Node.Move("app.log", "app.log.1");
        Node.Write("app.log", "newest\n");
        using (var packed = new GZipStream(File.Create(Path.Combine(Node.Path, "app.log.2.gz")), CompressionLevel.Fastest))
            packed.Write("rotated\n"u8);
        File.Delete(Path.Combine(Node.Path, "app.log.2"));

        await ArchiveAsync();

        var archive = ArchivedFiles();
        Assert.Equal(["current\n", "newest\n", "rotated\n"], archive.Where(item => !item.Key.EndsWith(".gz", StringComparison.Ordinal)).Select(item => item.Value).Order(StringComparer.Ordinal));
        AssertHas(("app.log", "newest\n"), ("app.log.1", "current\n"));
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(Node.Path, "app.log.2.gz"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(Archive.TreeOf("agent01"), "app.log.2.gz"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_folder_renamed_as_a_whole_is_followed_with_all_below_it()
    {
        for (var i = 0; i < 20; i++)
            Node.Write($"today/{i % 4}/{i}.log", $"file {i:00}\n");
        await ArchiveAsync(sent: 20 * 8);
        Directory.Move(Path.Combine(Node.Path, "today"), Path.Combine(Node.Path, "yesterday"));
        Node.Append("yesterday/0/0.log", "late\n");
        Node.Write("today/0/0.log", "next\n");

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
        Node.Write("live/app.log", "moved\n");
        Node.Write("live/stays.log", "stays\n");
        Directory.CreateDirectory(Path.Combine(Node.Path, "done"));
        Agent = NewAgent(options => options with
        {
            Roots =
            [
                new WatchedRoot { Path = Path.Combine(Node.Path, "live"), Name = "a" },
                new WatchedRoot { Path = Path.Combine(Node.Path, "done"), Name = "b" },
            ],
        });
        await ArchiveAsync(sent: 12);
        Node.Move("live/app.log", "done/app.log");
        Node.Append("done/app.log", "and on\n");

        await ArchiveAsync(sent: 7);

        AssertArchive(("a/stays.log", "stays\n"), ("b/app.log", "moved\nand on\n"));
    }

    [Fact]
    public async Task A_file_moved_out_of_the_watched_folder_and_back_is_not_sent_again()
    {
        using var elsewhere = new TemporaryFolder();
        Node.Write("app.log", "one\n");
        await ArchiveAsync(sent: 4);
        var outside = Path.Combine(elsewhere.Path, "app.log");
        File.Move(Path.Combine(Node.Path, "app.log"), outside);
        await ArchiveAsync(sent: 0);
        await File.AppendAllTextAsync(outside, "two\n", TestContext.Current.CancellationToken);
        File.Move(outside, Path.Combine(Node.Path, "app.log"));

        await ArchiveAsync(sent: 4);

        AssertArchive(("app.log", "one\ntwo\n"));
    }

    // A walk that goes on while names are passed along a chain may see a file under neither its old name nor its new one. Its content is
    // set aside for the file that has its name now, and is to be found there.
    [Fact]
    public async Task A_rotated_file_that_a_walk_missed_is_renamed_when_it_turns_up()
    {
        using var elsewhere = new TemporaryFolder();
        Node.Write("app.log.1", "older\n");
        Node.Write("app.log", "old\n");
        await ArchiveAsync(sent: 10);
        var missed = Path.Combine(elsewhere.Path, "missed");
        File.Move(Path.Combine(Node.Path, "app.log.1"), missed);
        Node.Move("app.log", "app.log.1");
        Node.Write("app.log", "new\n");
        await ArchiveAsync(sent: 4);
        File.Move(missed, Path.Combine(Node.Path, "app.log.2"));
        Node.Append("app.log.2", "its end\n");

        await ArchiveAsync(sent: 8);

        AssertArchive(("app.log", "new\n"), ("app.log.1", "old\n"), ("app.log.2", "older\nits end\n"));
    }

    [Fact]
    public async Task Names_that_are_swapped_cost_no_second_copy()
    {
        Node.Write("a.log", "what was first in a\n");
        Node.Write("b.log", "what was first in b\n");
        await ArchiveAsync(sent: 40);
        Node.Move("a.log", "c.log");
        Node.Move("b.log", "a.log");
        Node.Move("c.log", "b.log");

        await ArchiveAsync(sent: 0);

        AssertArchive(("a.log", "what was first in b\n"), ("b.log", "what was first in a\n"));
    }

    // Whatever else is made and deleted on this file system may get the inode first: so many files are made until one has it.
    private bool TryCreateWithInode(ulong inode, string content)
    {
        using var beside = new TemporaryFolder();
        for (var i = 0; i < 2000; i++)
        {
            var candidate = Node.Write($"candidate-{i}", content);
            if (NodeFile.Probe(candidate).Id.Inode == inode)
            {
                Node.Move($"candidate-{i}", "app.log");
                return true;
            }

            File.Move(candidate, Path.Combine(beside.Path, $"{i}"));
        }

        return false;
    }

    /// <summary>What happens to the node while the rest of a big file is still to be sent.</summary>
    private void WhenFirstSliceIsThere(Action change)
    {
        var slices = 0;
        Archive.OnEvent = done =>
        {
            Count(done);
            if (done is FtpTransferCompleted { Kind: FtpTransferKind.Store or FtpTransferKind.Append } && Interlocked.Increment(ref slices) == 1)
                change();
        };
    }

    private static string Lines(int size)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < size; i++)
            text.Append($"{i:00000} a line that is not said twice\n");
        return text.ToString();
    }
}
