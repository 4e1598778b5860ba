using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class LedgerDecisionsTests
{
    private const string Root = "/logs";
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly BackoffTable Retry = BackoffTable.Uniform(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    private readonly JobsInHand _inHand = new();
    private int _walk;
    private LedgerState _state = new();

    private static FoundFile File(string path, ulong inode, long size, long modified = 1) => new(path, new FileId(1, inode, 1), size, modified, false);

    private IReadOnlyList<ILedgerEvent> Fold(IReadOnlyList<ILedgerEvent> events)
    {
        _state = events.Aggregate(_state, LedgerDecisions.Apply);
        return events;
    }

    private IReadOnlyList<ILedgerEvent> Scan(FoundFile[] found, string[]? vanished = null, bool baseline = false, string[]? unread = null) =>
        Fold(LedgerDecisions.Decide(_state, new RecordScan([new FoundFiles(Root, found)], vanished ?? [], baseline, unread ?? [], baseline ? Unnamed(found) : []), Now));

    private List<string> Unnamed(FoundFile[] found)
    {
        _state.Mark(found.Select(file => file.Path), ++_walk);
        return [.. _state.Unmarked(_walk)];
    }

    private FileChange? Change(FoundFile file) => Scan([file]).OfType<FilesSeen>().SelectMany(seen => seen.Files).SingleOrDefault()?.Change;

    private UploadJob? Job(string path) =>
        new JobSelection("agent", [new WatchedRoot { Path = Root }]).TrySelect(_state, _state.Find(path)!, _inHand, isSeal: false, isScanUnderWay: false, out _);

    private void Finish(UploadJob job, JobOutcome outcome, DateTimeOffset? at = null) =>
        Fold(LedgerDecisions.Decide(_state, new RecordOutcomes([new FinishedJob(job, outcome)], Retry), at ?? Now));

    private static JobOutcome Done(UploadJob job, bool continues = false) => new JobOutcome.Archived(
        new ArchivedContent(job.SeenId, job.SeenSize, job.SeenModified, "h", (int)job.SeenSize, null, 0), continues, job.MoveFrom.FirstOrDefault(), null, job.SeenSize);

    private void Archive(params FoundFile[] files)
    {
        Scan(files);
        foreach (var file in files)
            Finish(Job(file.Path)!, Done(Job(file.Path)!));
    }

    [Fact]
    public void What_is_archived_and_unchanged_gives_no_event()
    {
        Archive(File("a", 1, 10));

        Assert.Empty(Scan([File("a", 1, 10)]));
        Assert.Empty(Scan([File("a", 1, 10)], baseline: true));
        Assert.Equal(new LedgerTotals(1, 10, 0, 0, 0), _state.Totals);
    }

    [Fact]
    public void A_change_is_told_by_its_kind()
    {
        Assert.Equal(FileChange.New, Change(File("a", 1, 10)));
        Finish(Job("a")!, Done(Job("a")!));
        Assert.Equal(FileChange.Grew, Change(File("a", 1, 15, modified: 2)));
        Assert.Equal(5, _state.Totals.PendingBytes);
        Assert.Equal(FileChange.Touched, Change(File("a", 1, 15, modified: 3)));
        Assert.Equal(FileChange.Truncated, Change(File("a", 1, 5, modified: 4)));
        Assert.Equal(FileChange.Replaced, Change(File("a", 2, 50, modified: 5)));
        Assert.True(Job("a")!.Recheck);
    }

    [Fact]
    public void A_file_that_changed_while_it_was_sent_stays_pending()
    {
        Scan([File("a", 1, 10)]);
        var job = Job("a")!;
        Scan([File("a", 1, 4, modified: 2)]);

        Finish(job, Done(job));

        Assert.True(_state.Find("a")!.Pending);
        Assert.Equal(4, _state.Find("a")!.Size);
    }

    [Fact]
    public void Files_that_a_baseline_does_not_tell_are_gone_except_below_unread_folders()
    {
        Archive(File("a", 1, 1), File("locked/b", 2, 1), File("lockedout", 3, 1));

        Scan([], baseline: true, unread: ["locked"]);

        Assert.Equal(["a", "lockedout"], _state.GoneEntries.Select(entry => entry.Path).Order(StringComparer.Ordinal));
        Assert.Equal(3, _state.Totals.ArchivedFiles);
    }

    [Fact]
    public void Failures_wait_longer_each_time_and_keep_their_cause()
    {
        Scan([File("a", 1, 10)]);
        var waits = new List<double>();
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            Finish(Job("a")!, new JobOutcome.Failed(FailureCause.Refused, "550 no"));
            waits.Add((_state.Find("a")!.Failure!.NextAttempt - Now).TotalSeconds);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.InRange(waits[0], 0.75, 1.25);
        Assert.InRange(waits[^1], 225, 375);
        Assert.Equal((FailureCause.Refused, 12), (_state.Find("a")!.Failure!.Cause, _state.Find("a")!.Failure!.Attempts));
        Assert.Equal(1, _state.Totals.FailedFiles);
    }

    [Fact]
    public void A_renamed_file_is_moved_and_keeps_the_time_of_its_first_archiving()
    {
        Archive(File("a", 1, 10));
        Scan([File("b", 1, 12)], vanished: ["a"]);
        var job = Job("b")!;

        Finish(job, Done(job, continues: true), Now.AddDays(1));

        Assert.Equal("a", Assert.Single(job.MoveFrom).Path);
        Assert.Equal(Now.UtcTicks, _state.Find("b")!.Archived!.First);
        Assert.Null(_state.Find("a")!.Archived);
        Assert.Equal(1, _state.Totals.ArchivedFiles);
    }

    [Fact]
    public void A_rotation_chain_is_handed_out_from_its_oldest_end()
    {
        Archive(File("log", 1, 10), File("log.1", 2, 10), File("log.2", 3, 10));
        Scan([File("log", 9, 1), File("log.1", 1, 10), File("log.2", 2, 10), File("log.3", 3, 10)]);

        foreach (var (path, from) in new[] { ("log.3", "log.2"), ("log.2", "log.1"), ("log.1", "log"), ("log", null) })
        {
            Assert.All(new[] { "log", "log.1", "log.2" }.TakeWhile(other => other != path), other => Assert.Null(Job(other)));
            var job = Job(path)!;
            Assert.Equal(from, job.MoveFrom.SingleOrDefault()?.Path);
            Finish(job, Done(job, continues: from is not null));
        }

        Assert.Equal(0, _state.Totals.PendingFiles);
    }

    [Fact]
    public void A_ring_of_swapped_names_is_broken_at_its_first_name()
    {
        Archive(File("a", 1, 10), File("b", 2, 10));
        Scan([File("a", 2, 10), File("b", 1, 10)]);

        Assert.Null(Job("b"));
        Assert.Equal("b", Assert.Single(Job("a")!.MoveFrom).Path);
    }

    [Fact]
    public void A_file_that_was_rotated_and_linked_at_once_is_still_renamed_once()
    {
        Archive(File("log", 1, 10));

        Scan([File("log", 2, 3), File("log.1", 1, 10) with { HasOtherLinks = true }, File("link", 1, 10) with { HasOtherLinks = true }]);

        var moved = Job("log.1")!;
        Assert.Equal("log", Assert.Single(moved.MoveFrom).Path);
        Finish(moved, Done(moved, continues: true));
        Assert.Empty(Job("link")!.MoveFrom);
    }

    [Fact]
    public void A_file_renamed_after_an_upload_that_was_cut_off_is_looked_for_under_its_old_name()
    {
        Scan([File("log", 1, 10)]);
        Fold([new UploadsBegan(Now, ["log"])]);
        Finish(Job("log")!, new JobOutcome.HandedBack());
        Scan([File("log", 2, 3), File("log.1", 1, 12)]);

        Assert.Null(Job("log"));
        var job = Job("log.1")!;
        Assert.Equal(new MoveSource("log", "/agent/log", null), Assert.Single(job.MoveFrom));
        Finish(job, Done(job, continues: true));
        Assert.Empty(Job("log")!.MoveFrom);
        Assert.Null(_state.Find("log")!.Begun);
    }

    [Fact]
    public void A_name_whose_upload_was_cut_off_is_remembered_when_it_is_gone()
    {
        Scan([File("a", 1, 10), File("b", 2, 10)]);
        Fold([new UploadsBegan(Now, ["a"])]);
        Scan([], vanished: ["a", "b"]);
        Fold(LedgerDecisions.Decide(_state, new ForgetVanished(TimeSpan.FromDays(1), new HashSet<string>()), Now.AddHours(1)));

        Assert.NotNull(_state.Find("a"));
        Assert.Null(_state.Find("b"));
        Scan([File("c", 1, 10)]);
        Assert.Equal("a", Assert.Single(Job("c")!.MoveFrom).Path);
    }

    [Fact]
    public void A_linked_file_whose_old_name_went_to_another_one_is_renamed_from_there()
    {
        Archive(File("log.1", 1, 10), File("link", 1, 10) with { HasOtherLinks = true });

        Scan([File("log.1", 2, 3), File("log.2", 1, 10) with { HasOtherLinks = true }]);

        Assert.Equal("log.1", Assert.Single(Job("log.2")!.MoveFrom).Path);
    }

    [Fact]
    public void A_file_archived_empty_and_then_with_lines_is_renamed_with_its_lines()
    {
        Archive(File("a", 1, 0));
        Scan([File("b", 1, 10)], vanished: ["a"]);
        Finish(Job("b")!, Done(Job("b")!));

        Scan([File("b", 2, 3), File("c", 1, 10)]);

        Assert.Equal("b", Job("c")!.MoveFrom[0].Path);
    }

    [Fact]
    public void Two_names_of_a_file_that_both_changed_take_both_contents_with_them()
    {
        var linked = File("log", 1, 10) with { HasOtherLinks = true };
        Archive(linked, linked with { Path = "link" });

        Scan([File("log", 2, 3), linked with { Path = "log.1" }, linked with { Path = "other" }], vanished: ["link"]);

        Assert.Null(Job("log"));
        var first = Job("log.1")!;
        Finish(first, Done(first, continues: true));
        Assert.Null(Job("log"));
        var second = Job("other")!;
        Finish(second, Done(second, continues: true));
        Assert.Equal(["link", "log"], new[] { first.MoveFrom[0].Path, second.MoveFrom[0].Path });
        Assert.NotNull(Job("log"));
    }

    [Fact]
    public void What_a_cut_off_attempt_put_in_the_place_of_known_content_is_looked_for_too()
    {
        Archive(File("log", 1, 10));
        Scan([File("log", 1, 20)]);
        Fold([new UploadsBegan(Now, ["log"])]);

        Scan([File("log.1", 1, 20)], vanished: ["log"]);

        Assert.Equal([10L, null], Job("log.1")!.MoveFrom.Select(source => source.Content?.Length));
    }

    [Fact]
    public void A_file_that_is_back_at_its_name_may_have_been_renamed_in_the_archive_by_an_attempt_that_was_cut_off()
    {
        Archive(File("a", 1, 10));
        Scan([File("b", 1, 10)], vanished: ["a"]);
        Fold([new UploadsBegan(Now, ["b"])]);
        Finish(Job("b")!, new JobOutcome.HandedBack());

        Scan([File("a", 1, 20)], vanished: ["b"]);

        Assert.Equal(new MoveSource("b", "/agent/b", null), Assert.Single(Job("a")!.MoveFrom));
    }

    [Fact]
    public void A_name_made_a_link_after_it_was_seen_does_not_take_the_content_of_the_other_one()
    {
        Scan([File("a", 1, 10)]);
        Archive(File("b", 1, 10) with { HasOtherLinks = true });

        Assert.Empty(Job("a")!.MoveFrom);
    }

    [Fact]
    public void A_name_whose_content_was_renamed_although_it_is_still_there_is_archived_again()
    {
        Archive(File("a", 1, 10));
        Scan([File("b", 1, 10)]);
        var job = Job("b")!;
        Finish(job, Done(job, continues: true));

        Assert.Equal("a", Assert.Single(job.MoveFrom).Path);
        Assert.True(_state.Find("a")!.Pending);
    }

    [Fact]
    public void A_hard_link_is_a_copy_and_no_rename()
    {
        Archive(File("a", 1, 10));
        Scan([File("b", 1, 10) with { HasOtherLinks = true }]);

        Assert.Empty(Job("b")!.MoveFrom);
    }

    [Fact]
    public void A_file_in_hand_is_given_to_nobody_else_even_under_another_name()
    {
        Scan([File("a", 1, 10)]);
        _inHand.Add(Job("a")!);
        Scan([File("b", 1, 10)], vanished: ["a"]);

        Assert.Null(Job("b"));
    }

    [Fact]
    public void Vanished_files_are_forgotten_after_a_while_and_at_once_when_never_archived()
    {
        Archive(File("old", 1, 1));
        Scan([File("never", 2, 1)]);
        Scan([], vanished: ["old", "never"]);

        Fold(LedgerDecisions.Decide(_state, new ForgetVanished(TimeSpan.FromDays(7), new HashSet<string>()), Now.AddDays(1)));
        Assert.Equal(["old"], _state.Entries.Select(entry => entry.Path));
        Fold(LedgerDecisions.Decide(_state, new ForgetVanished(TimeSpan.FromDays(7), new HashSet<string>()), Now.AddDays(7)));

        Assert.Empty(_state.Entries);
        Assert.Equal(LedgerTotals.None, _state.Totals);
    }

    /// <summary>Random nodes against a model of the archive: after all jobs are done the archive has every file as it is on the node.</summary>
    [Fact]
    public void Random_histories_end_with_an_archive_that_mirrors_the_node()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            _state = new LedgerState();
            new LedgerModel(seed).Run(this, steps: 40);
        }
    }

    private sealed class LedgerModel(int seed)
    {
        private static readonly string[] Names = ["log", "log.1", "log.2", "other", "sub/x"];
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, FoundFile> _node = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (FileId Id, long Size)> _archive = new(StringComparer.Ordinal);
        private ulong _inode;
        private long _time;

        public void Run(LedgerDecisionsTests test, int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                for (var change = _random.Next(4); change > 0; change--)
                    ChangeNode();
                test.Scan([.. _node.Values], baseline: true);
                for (var jobs = _random.Next(6); jobs > 0; jobs--)
                    Work(test);
            }

            for (var round = 0; test._state.PendingCount > 0; round++)
            {
                Assert.True(round < 50, $"seed {seed}: nothing can be handed out, pending {string.Join(", ", test._state.Pending)}");
                Work(test);
            }

            foreach (var (path, file) in _node)
                Assert.True(_archive.TryGetValue(path, out var content) && content == (file.Id, file.Size), $"seed {seed}: {path} is {file}, archived {content}");
            var counted = LedgerState.FromSnapshot(new LedgerSnapshot([new LedgerSnapshot.Part(Root, [.. test._state.Entries])], null, null));
            Assert.Equal(counted.Totals, test._state.Totals);
            Assert.Equal(counted.Entries.OrderBy(entry => entry.Path, StringComparer.Ordinal), test._state.Entries.OrderBy(entry => entry.Path, StringComparer.Ordinal));
        }

        private void ChangeNode()
        {
            var name = Names[_random.Next(Names.Length)];
            var target = Names[_random.Next(Names.Length)];
            _time++;
            switch (_random.Next(5))
            {
                case 0 when !_node.ContainsKey(name):
                    _node[name] = new FoundFile(name, new FileId(1, ++_inode, 1), _random.Next(10), _time, false);
                    break;
                case 1 when _node.TryGetValue(name, out var file):
                    _node[name] = file with { Size = file.Size + 5, Modified = _time };
                    break;
                case 2 when name != target && _node.Remove(name, out var moved):
                    _node[target] = moved with { Path = target };
                    break;
                case 3:
                    _node.Remove(name);
                    break;
                case 4 when _node.TryGetValue(name, out var truncated):
                    _node[name] = truncated with { Size = truncated.Size / 2, Modified = _time };
                    break;
            }
        }

        // What a connection would do with a job, on a model of files without content.
        private void Work(LedgerDecisionsTests test)
        {
            var jobs = test._state.Pending.Select(test.Job).OfType<UploadJob>().ToList();
            if (jobs.Count == 0)
                return;
            var job = jobs[_random.Next(jobs.Count)];
            if (_random.Next(10) == 0)
            {
                test.Finish(job, new JobOutcome.HandedBack());
                return;
            }

            if (job.MoveFrom is [var move, ..])
            {
                Assert.True(_archive.Remove(move.Path, out var content), $"seed {seed}: {move.Path} is not in the archive");
                _archive[job.Path] = content;
            }

            var continues = _archive.TryGetValue(job.Path, out var there) && there.Id == job.SeenId && there.Size <= job.SeenSize;
            _archive[job.Path] = (job.SeenId, job.SeenSize);
            test.Finish(job, Done(job, continues));
        }
    }
}
