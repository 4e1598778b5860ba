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
