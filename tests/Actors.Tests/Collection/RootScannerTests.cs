using System.Diagnostics;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>Walks over real folders.</summary>
public sealed class RootScannerTests : IDisposable
{
    private readonly TemporaryFolder _node = new();

    public void Dispose() => _node.Dispose();

    private RootScanner NewScanner(params string[] exclude) => new(new WatchedRoot { Path = _node.Path, Exclude = exclude });

    private static ScanDifferences Scan(RootScanner scanner)
    {
        var differences = new ScanDifferences();
        scanner.ScanAll(differences, TestContext.Current.CancellationToken);
        return differences;
    }

    private static IEnumerable<string> Found(ScanDifferences differences) => differences.Found.SelectMany(group => group.Files).Select(file => file.Path).Order(StringComparer.Ordinal);

    [Fact]
    public void A_walk_over_100_000_unchanged_files_reports_nothing()
    {
        for (var folder = 0; folder < 100; folder++)
        {
            var path = Path.Combine(_node.Path, $"{folder}");
            Directory.CreateDirectory(path);
            for (var file = 0; file < 1000; file++)
                File.Create(Path.Combine(path, $"{file}.log")).Dispose();
        }

        var scanner = NewScanner();
        Assert.Equal(100_000, Scan(scanner).FoundCount);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();

        var second = Scan(scanner);

        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(started)}, {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        Assert.Equal(100_000, second.EntriesRead);
        Assert.Equal(0, second.FoundCount);
        Assert.Empty(second.Vanished);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000 * 20);
    }

    [Fact]
    public void Only_what_is_new_changed_or_gone_is_reported()
    {
        _node.Write("same.log", "1");
        _node.Write("grows.log", "1");
        _node.Write("sub/goes.log", "1");
        var scanner = NewScanner();
        Scan(scanner);
        _node.Append("grows.log", "2");
        _node.Write("sub/deeper/new.log", "1");
        File.Delete(Path.Combine(_node.Path, "sub/goes.log"));

        var differences = Scan(scanner);

        Assert.Equal(["grows.log", "sub/deeper/new.log"], Found(differences));
        Assert.Equal(["sub/goes.log"], differences.Vanished);
        Assert.Equal(3, scanner.FileCount);
    }

    [Fact]
    public async Task No_walk_misses_a_file_whose_name_is_passed_on_along_a_chain_meanwhile()
    {
        const int Files = 200;
        for (var i = 1; i <= Files; i++)
            _node.Write($"app.log.{i}", $"{i}");
        using var done = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var rotations = 0;
        var rotating = Task.Run(
            async () =>
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(60));
                while (!done.IsCancellationRequested)
                {
                    var first = Volatile.Read(ref rotations) + 1;
                    for (var i = first + Files - 1; i >= first; i--)
                        _node.Move($"app.log.{i}", $"app.log.{i + 1}");
                    Interlocked.Increment(ref rotations);
                    await timer.WaitForNextTickAsync(CancellationToken.None);
                }
            },
            TestContext.Current.CancellationToken);
        var scanner = NewScanner();
        var names = new Dictionary<string, FileId>(StringComparer.Ordinal);

        var missed = new List<int>();
        while (Volatile.Read(ref rotations) < 20)
        {
            var differences = Scan(scanner);
            foreach (var path in differences.Vanished)
                names.Remove(path);
            foreach (var file in differences.Found.SelectMany(group => group.Files))
                names[file.Path] = file.Id;
            missed.Add(Files - names.Values.Distinct().Count());
        }

        await done.CancelAsync();
        await rotating;
        Assert.True(missed.TrueForAll(count => count == 0), $"of {Files} files, {string.Join(", ", missed)} were missed");
    }

    [Fact]
    public void A_single_folder_is_read_with_the_folders_that_are_new_in_it()
    {
        _node.Write("a/1.log", "1");
        _node.Write("b/1.log", "1");
        var scanner = NewScanner();
        Scan(scanner);
        _node.Write("a/x/y/2.log", "1");
        _node.Write("b/2.log", "1");

        var differences = new ScanDifferences();
        scanner.ScanFolders(["a/x/y"], differences, TestContext.Current.CancellationToken);

        Assert.Equal(["a/x/y/2.log"], Found(differences));
    }

    [Fact]
    public void A_removed_folder_takes_all_below_it_along()
    {
        _node.Write("a/b/1.log", "1");
        _node.Write("a/2.log", "1");
        var scanner = NewScanner();
        Scan(scanner);
        Directory.Delete(Path.Combine(_node.Path, "a"), recursive: true);

        Assert.Equal(["a/2.log", "a/b/1.log"], Scan(scanner).Vanished.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_renamed_file_keeps_its_identity()
    {
        _node.Write("a.log", "1");
        var scanner = NewScanner();
        var before = Scan(scanner).Found[0].Files[0];
        _node.Move("a.log", "b.log");

        var differences = Scan(scanner);

        Assert.True(before.Id.IsKnown);
        Assert.Equal(before with { Path = "b.log" }, differences.Found[0].Files[0]);
        Assert.Equal(["a.log"], differences.Vanished);
    }

    [Fact]
    public void Excluded_files_and_what_is_no_file_are_left_out_and_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs symbolic links and FIFOs");
        _node.Write("a.log", "1");
        _node.Write("cache/x.log", "1");
        File.CreateSymbolicLink(Path.Combine(_node.Path, "dangling.log"), Path.Combine(_node.Path, "gone.log"));
        Directory.CreateSymbolicLink(Path.Combine(_node.Path, "loop"), _node.Path);
        using (var mkfifo = Process.Start("mkfifo", Path.Combine(_node.Path, "fifo")))
            mkfifo.WaitForExit();
        var scanner = NewScanner("cache/**");

        for (var walk = 1; walk <= 2; walk++)
        {
            var differences = Scan(scanner);
            Assert.Equal(walk == 1 ? ["a.log"] : [], Found(differences));
            Assert.Equal(3, differences.SkippedCount);
            Assert.Equal(0, differences.ProblemCount);
        }
    }

    [Fact]
    public void A_link_to_a_file_of_the_same_owner_is_archived_as_that_file_and_followed_as_it_grows()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs symbolic links");
        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("target.log", "1");
        File.CreateSymbolicLink(Path.Combine(_node.Path, "current.log"), Path.Combine(elsewhere.Path, "target.log"));
        var scanner = NewScanner();

        Assert.Equal(1, Scan(scanner).Found[0].Files[0].Size);
        Assert.Empty(Scan(scanner).Found);

        elsewhere.Write("target.log", "12");
        var grown = Scan(scanner).Found[0].Files[0];
        Assert.Equal((2, true), (grown.Size, grown.HasOtherLinks));
    }

    [Fact]
    public void A_link_made_by_another_than_the_owner_of_the_file_is_not_followed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "needs root, to give a link away");
        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("secret", "1");
        var link = Path.Combine(_node.Path, "app.log");
        File.CreateSymbolicLink(link, Path.Combine(elsewhere.Path, "secret"));
        using (var chown = Process.Start("chown", ["-h", "65534", link]))
            chown.WaitForExit();

        var differences = Scan(NewScanner());

        Assert.Empty(differences.Found);
        Assert.Equal(1, differences.SkippedCount);
    }

    [Fact]
    public void A_folder_without_files_is_told_once()
    {
        _node.Write("with/a.log", "1");
        Directory.CreateDirectory(Path.Combine(_node.Path, "empty", "deeper"));
        var scanner = NewScanner();

        Assert.Equal(["empty/deeper"], Scan(scanner).BareFolders);
        Assert.Empty(Scan(scanner).BareFolders);
    }

    [Fact]
    public void Trees_of_100_000_files_in_5_000_folders_are_found_and_a_name_costs_less_than_100_bytes()
    {
        for (var folder = 0; folder < 5000; folder++)
        {
            var path = Path.Combine(_node.Path, $"{folder / 100}", $"{folder}");
            Directory.CreateDirectory(path);
            for (var file = 0; file < 20; file++)
                File.Create(Path.Combine(path, $"app-2026-11-23.{file:000}.log")).Dispose();
        }

        var scanner = NewScanner();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var found = 0;
        var differences = new ScanDifferences(part => found += part.Found.Sum(group => group.Files.Count));
        scanner.ScanAll(differences, TestContext.Current.CancellationToken);
        found += differences.Found.Sum(group => group.Files.Count);
        differences = null;

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 100_000.0;
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes:0.0} bytes a name");
        Assert.Equal(100_000, found);
        Assert.Equal(100_000, scanner.FileCount);
        GC.KeepAlive(scanner);

        // Other specs allocate beside this one: the table itself is counted below, this is against a string or object a name.
        Assert.InRange(bytes, 0, 160);
    }

    [Fact]
    public void A_name_in_the_table_costs_less_than_100_bytes()
    {
        var table = new NameTable();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000_000; i++)
            table.Put(System.Text.Encoding.UTF8.GetBytes($"app-2026-11-23.{i:0000000}.log"), new SeenName { Size = i, Reading = 1 });
        Assert.Null(table.KeepOnly(1));

        TestContext.Current.TestOutputHelper?.WriteLine($"{table.MemoryBytes / 1e6:0.0} bytes a name");
        Assert.InRange(table.MemoryBytes, 0, 85_000_000);
        Assert.Equal(999_999, table[table.Find("app-2026-11-23.0999999.log"u8)].Size);
        Assert.True(table.Find("app-2026-11-23.1000000.log"u8) < 0);
    }

    [Fact]
    public void Names_that_were_not_seen_again_are_dropped_and_the_others_stay()
    {
        var table = new NameTable();
        for (var i = 0; i < 1000; i++)
            table.Put(System.Text.Encoding.UTF8.GetBytes($"{i}"), new SeenName { Size = i, Reading = i % 3 == 0 ? 1 : 2 });

        Assert.Equal(334, table.KeepOnly(2)!.Count);
        for (var i = 0; i < 1000; i++)
        {
            var at = table.Find(System.Text.Encoding.UTF8.GetBytes($"{i}"));
            Assert.Equal(i % 3 != 0, at >= 0);
            if (at >= 0)
                Assert.Equal(i, table[at].Size);
        }
    }

    [Fact]
    public void A_folder_that_became_a_file_or_a_link_takes_what_was_below_it_along_and_is_not_followed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs symbolic links");
        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("secret.log", "1");
        _node.Write("a/1.log", "1");
        _node.Write("b/1.log", "1");
        var scanner = NewScanner();
        Scan(scanner);
        Directory.Delete(Path.Combine(_node.Path, "a"), recursive: true);
        Directory.Delete(Path.Combine(_node.Path, "b"), recursive: true);
        _node.Write("a", "a file");
        Directory.CreateSymbolicLink(Path.Combine(_node.Path, "b"), elsewhere.Path);

        // By the folders alone, as if they had changed since their parent was read.
        var race = new ScanDifferences();
        scanner.ScanFolders(["a", "b"], race, TestContext.Current.CancellationToken);
        Assert.Empty(race.Found);
        Assert.Empty(race.UnreadFolders);

        var differences = Scan(scanner);
        Assert.Equal(["a"], Found(differences));
        Assert.Equal(["a/1.log", "b/1.log"], differences.Vanished.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_replaced_by_one_of_the_same_size_and_time_is_reported()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems' folders do not tell which file it is");
        var time = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_node.Write("a.log", "1"), time);
        var scanner = NewScanner();
        Scan(scanner);
        File.SetLastWriteTimeUtc(_node.Write("b", "2"), time);
        _node.Move("b", "a.log");

        Assert.Equal(["a.log"], Found(Scan(scanner)));
    }

    [Fact]
    public void A_FIFO_that_took_the_place_of_a_file_does_not_block_who_opens_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs FIFOs");
        ForeignNames.Shell($"mkfifo '{_node.Path}/fifo'");

        Assert.Null(NodeFile.OpenRead(Path.Combine(_node.Path, "fifo"), out var file));
        Assert.Equal(NodeFileKind.Special, file.Kind);
    }

    [Fact]
    public void A_missing_watch_is_told_with_what_to_do()
    {
        Assert.True(ChangeWatcher.IsWatchLimit(new IOException("The configured user limit (8192) on the number of inotify watches has been reached.")));
        Assert.False(ChangeWatcher.IsWatchLimit(new InternalBufferOverflowException("too many changes")));
        Assert.Contains("fs.inotify.max_user_watches", ChangeWatcher.WatchLimitText("/logs"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_that_is_missing_makes_nothing_vanish()
    {
        _node.Write("root/a.log", "1");
        var scanner = new RootScanner(new WatchedRoot { Path = Path.Combine(_node.Path, "root") });
        Scan(scanner);
        Directory.Move(Path.Combine(_node.Path, "root"), Path.Combine(_node.Path, "elsewhere"));

        var differences = Scan(scanner);

        Assert.Empty(differences.Vanished);
        Assert.Equal([""], differences.UnreadFolders);
    }
}
