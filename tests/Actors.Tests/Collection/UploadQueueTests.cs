using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class UploadQueueTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static QueuedFile File(string path, long size = 100, long modified = 0, string root = "/a", int priority = 0) => new(path, root, priority, size, modified);

    private static UploadQueue With(UploadOrder order, params QueuedFile[] files)
    {
        var queue = new UploadQueue(order);
        foreach (var file in files)
            queue.Offer(file, Now, Now);
        return queue;
    }

    private static List<string> TakeAll(UploadQueue queue)
    {
        var taken = new List<string>();
        while (queue.TryTake(out var path))
            taken.Add(path);
        Assert.Equal(0, queue.ReadyCount);
        return taken;
    }

    [Theory]
    [InlineData(UploadOrder.OldestFirst, "b c a d")]
    [InlineData(UploadOrder.NewestFirst, "d a b c")]
    [InlineData(UploadOrder.SmallFirst, "c d a b")]
    public void Files_of_a_root_go_by_the_order_asked_for_then_by_name(UploadOrder order, string expected)
    {
        var queue = With(order, File("d", 20, 9), File("c", 10, 1), File("b", 50, 1), File("a", 30, 5));

        Assert.Equal(expected, string.Join(' ', TakeAll(queue)));
    }

    [Fact]
    public void A_root_of_higher_priority_goes_first()
    {
        var queue = With(UploadOrder.OldestFirst, File("a", root: "/a"), File("z", root: "/z", priority: 5), File("m", root: "/m", priority: -1));

        Assert.Equal(["z", "a", "m"], TakeAll(queue));
    }

    [Fact]
    public void Roots_of_one_priority_get_the_same_number_of_bytes()
    {
        var queue = new UploadQueue();
        for (var i = 0; i < 1000; i++)
        {
            queue.Offer(File($"big/{i:0000}", 10_000_000, root: "/big"), Now, Now);
            queue.Offer(File($"small/{i:0000}", 1_000_000, root: "/small"), Now, Now);
        }

        var first = new List<string>();
        for (var i = 0; i < 550; i++)
        {
            Assert.True(queue.TryTake(out var path));
            first.Add(path);
        }

        Assert.InRange(first.Count(path => path.StartsWith("big/", StringComparison.Ordinal)), 48, 52);
    }

    [Fact]
    public void A_root_that_had_nothing_for_long_does_not_shut_out_the_others()
    {
        var queue = new UploadQueue();
        for (var i = 0; i < 100; i++)
            queue.Offer(File($"a/{i:000}", 1_000_000), Now, Now);
        for (var i = 0; i < 50; i++)
            queue.TryTake(out _);
        for (var i = 0; i < 50; i++)
            queue.Offer(File($"b/{i:000}", 1_000_000, root: "/b"), Now, Now);

        var next = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            queue.TryTake(out var path);
            next.Add(path);
        }

        Assert.Equal(10, next.Count(path => path.StartsWith("a/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Between_the_slices_of_a_big_file_small_ones_of_its_root_get_through()
    {
        const long Slice = 64 << 20;
        var queue = new UploadQueue(UploadOrder.OldestFirst, Slice);
        queue.Offer(File("huge", 50L << 30), Now, Now);
        for (var i = 0; i < 10_000; i++)
            queue.Offer(File($"small/{i:00000}", 20_000, modified: 1), Now, Now);

        var slices = 0;
        for (var left = 10_000; left > 0;)
        {
            Assert.True(queue.TryTake(out var path));
            if (path == "huge")
            {
                slices++;
                queue.Offer(File("huge", 50L << 30) with { IsContinued = true }, Now, Now);
            }
            else
            {
                left--;
            }
        }

        // 200 MB of small files, and as many bytes of the big one beside them.
        Assert.InRange(slices, 3, 8);
    }

    [Fact]
    public void A_big_file_that_grows_between_its_slices_keeps_its_place()
    {
        var queue = new UploadQueue(UploadOrder.NewestFirst, 1000);
        queue.Offer(File("big", 100_000) with { IsContinued = true }, Now, Now);
        queue.Offer(File("first", modified: 1), Now, Now);
        queue.Offer(File("big", 100_001, modified: 9), Now, Now);

        Assert.Equal(["first", "big"], TakeAll(queue));
    }

    [Fact]
    public void A_file_offered_again_is_handed_out_once()
    {
        var queue = new UploadQueue();
        for (var i = 0; i < 10_000; i++)
            queue.Offer(File("growing", size: i, modified: i), Now, Now);

        Assert.Equal(1, queue.ReadyCount);
        Assert.Equal(["growing"], TakeAll(queue));
    }

    [Fact]
    public void A_delayed_file_becomes_ready_at_its_latest_time()
    {
        var queue = new UploadQueue();
        queue.Offer(File("a"), Now.AddSeconds(5), Now);
        queue.Offer(File("a"), Now.AddSeconds(60), Now);
        Assert.Equal(Now.AddSeconds(60), queue.NextAt);

        queue.Advance(Now.AddSeconds(10));
        Assert.Empty(TakeAll(queue));
        queue.Advance(Now.AddSeconds(60));
        Assert.Equal(["a"], TakeAll(queue));
        Assert.Null(queue.NextAt);
    }

    [Fact]
    public void What_waits_for_another_file_comes_back_unless_it_was_offered_meanwhile()
    {
        var queue = With(UploadOrder.OldestFirst, File("a"), File("b"));
        TakeAll(queue);
        queue.Wait(File("a"));
        queue.Wait(File("b"));
        queue.Offer(File("b"), Now.AddSeconds(5), Now);

        queue.ReleaseWaiting();

        Assert.Equal(["a"], TakeAll(queue));
        queue.Advance(Now.AddSeconds(5));
        Assert.Equal(["b"], TakeAll(queue));
    }

    [Fact]
    public void A_million_files_cost_a_hundred_bytes_each_at_most()
    {
        var paths = Enumerable.Range(0, 1_000_000).Select(i => $"{i:0000000}").ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var queue = new UploadQueue();
        foreach (var path in paths)
            queue.Offer(File(path), Now, Now);

        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / paths.Length, 1, 120);
        Assert.True(queue.TryTake(out var first));
        Assert.Equal("0000000", first);
    }
}
