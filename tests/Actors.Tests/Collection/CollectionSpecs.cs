using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Uploading;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class CollectionSpecs : IDisposable
{
    private readonly TemporaryFolder _node = new();
    private readonly FakeArchive _archive = new();

    public void Dispose() => _node.Dispose();

    private AgentUnderTest Start() => AgentUnderTest.Start(AgentUnderTest.Options(_node.Path), _archive);

    private void AssertArchived(params (string Path, string Content)[] expected) => Assert.Equal(
        expected.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => $"/agent01/{file.Path}: {file.Content}"),
        _archive.Files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key}: {Encoding.UTF8.GetString(file.Value)}"));

    [Fact]
    public async Task New_files_are_archived_below_the_agents_folder()
    {
        _node.Write("a.log", "one");
        _node.Write("Logs/20240723/PWS UI #1.txt", "two");
        _node.Write("empty", "");
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal(3, summary.Files);
        Assert.Equal(6, summary.BytesSent);
        AssertArchived(("a.log", "one"), ("Logs/20240723/PWS UI #1.txt", "two"), ("empty", ""));
    }

    [Fact]
    public async Task A_second_run_sends_nothing()
    {
        _node.Write("a.log", "one");
        await using var agent = Start();
        await agent.RunOnceAsync();
        _archive.Log.Clear();

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete);
        Assert.Equal(0, summary.Files);
        Assert.Empty(_archive.Log);
    }

    [Fact]
    public async Task A_file_that_grew_is_appended()
    {
        _node.Write("a.log", "one");
        await using var agent = Start();
        await agent.RunOnceAsync();
        _node.Append("a.log", " two");

        var summary = await agent.RunOnceAsync();

        Assert.Equal(4, summary.BytesSent);
        Assert.Equal(7, _archive.BytesReceived);
        AssertArchived(("a.log", "one two"));
    }

    [Fact]
    public async Task A_rotation_chain_is_followed_by_renames_and_nothing_is_sent_again()
    {
        _node.Write("app.log", "third");
        _node.Write("app.log.1", "second");
        _node.Write("app.log.2", "first");
        await using var agent = Start();
        await agent.RunOnceAsync();
        _node.Append("app.log", " end");
        _node.Move("app.log.2", "app.log.3");
        _node.Move("app.log.1", "app.log.2");
        _node.Move("app.log", "app.log.1");
        _node.Write("app.log", "fourth");

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal(" end".Length + "fourth".Length, summary.BytesSent);
        AssertArchived(("app.log", "fourth"), ("app.log.1", "third end"), ("app.log.2", "second"), ("app.log.3", "first"));
    }

    [Fact]
    public async Task The_oldest_of_a_rotation_chain_stays_as_a_version()
    {
        _node.Write("app.log", "new");
        _node.Write("app.log.1", "old");
        await using var agent = Start();
        await agent.RunOnceAsync();
        _node.Move("app.log", "app.log.1");
        _node.Write("app.log", "newest");

        await agent.RunOnceAsync();

        var files = _archive.Files.ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value));
        Assert.Equal(3, files.Count);
        Assert.Equal("newest", files["/agent01/app.log"]);
        Assert.Equal("new", files["/agent01/app.log.1"]);
        Assert.Equal("old", Assert.Single(files, file => file.Key.StartsWith("/agent01/app.log.~", StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task Swapped_names_lose_nothing()
    {
        _node.Write("a.log", "content of a");
        _node.Write("b.log", "content of b!");
        await using var agent = Start();
        await agent.RunOnceAsync();
        _node.Move("a.log", "t");
        _node.Move("b.log", "a.log");
        _node.Move("t", "b.log");

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        var files = _archive.Files.ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value));
        Assert.Equal("content of b!", files["/agent01/a.log"]);
        Assert.Equal("content of a", files["/agent01/b.log"]);
    }

    [Fact]
    public async Task A_truncated_file_keeps_its_older_content_as_a_version()
    {
        _node.Write("app.log", "long content");
        await using var agent = Start();
        await agent.RunOnceAsync();
        _node.Write("app.log", "short");

        await agent.RunOnceAsync();

        var files = _archive.Files.ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value));
        Assert.Equal("short", files["/agent01/app.log"]);
        Assert.Equal("long content", Assert.Single(files, file => file.Key.StartsWith("/agent01/app.~", StringComparison.Ordinal) && file.Key.EndsWith("Z~.log", StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task Content_rewritten_in_place_becomes_a_version()
    {
        _node.Write("app.log", "content A");
        await using var agent = Start();
        await agent.RunOnceAsync();
        _node.Write("app.log", "content B");

        await agent.RunOnceAsync();

        Assert.Equal(2, _archive.Files.Count);
        Assert.Equal("content B", Encoding.UTF8.GetString(_archive.Files["/agent01/app.log"]));
    }

    [Fact]
    public async Task A_touched_file_is_compared_and_not_sent_again()
    {
        var file = _node.Write("app.log", "content");
        await using var agent = Start();
        await agent.RunOnceAsync();
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-1));

        var summary = await agent.RunOnceAsync();

        Assert.Equal(0, summary.BytesSent);
        AssertArchived(("app.log", "content"));
    }

    [Fact]
    public async Task A_local_deletion_changes_nothing_in_the_archive()
    {
        var file = _node.Write("app.log", "content");
        await using var agent = Start();
        await agent.RunOnceAsync();
        File.Delete(file);

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete);
        AssertArchived(("app.log", "content"));
    }

    [Fact]
    public async Task A_prefix_left_by_an_earlier_life_is_continued()
    {
        _archive.Put("/agent01/app.log", "first half,"u8.ToArray());
        _archive.Put("/agent01/same.log", "all of it"u8.ToArray());
        _archive.Put("/agent01/other.log", "something else"u8.ToArray());
        _node.Write("app.log", "first half, second half");
        _node.Write("same.log", "all of it");
        _node.Write("other.log", "unlike what is there");
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.Equal(" second half".Length + "unlike what is there".Length, summary.BytesSent);
        Assert.Equal(4, _archive.Files.Count);
        Assert.Equal("first half, second half", Encoding.UTF8.GetString(_archive.Files["/agent01/app.log"]));
        Assert.Equal("unlike what is there", Encoding.UTF8.GetString(_archive.Files["/agent01/other.log"]));
        Assert.Equal("something else", Encoding.UTF8.GetString(_archive.Files["/agent01/other.~19700101T000000Z~.log"]));
    }

    [Fact]
    public async Task What_arrived_damaged_is_never_marked_and_is_sent_anew()
    {
        _node.Write("app.log", "content");
        var damaged = 0;
        _archive.OnArrival = (_, bytes) => Interlocked.Increment(ref damaged) == 1 ? [.. bytes[..^1], (byte)'!'] : bytes;
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal("content", Encoding.UTF8.GetString(_archive.Files["/agent01/app.log"]));
        Assert.Equal(2, _archive.Files.Count);
    }

    [Fact]
    public async Task A_lost_connection_drops_no_job()
    {
        for (var i = 0; i < 300; i++)
            _node.Write($"{i % 7}/{i:000}.log", $"content {i}");
        var operations = 0;
        _archive.OnOperation = (_, _) =>
        {
            if (Interlocked.Increment(ref operations) % 40 == 39)
                throw FakeArchive.Lost();
        };
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal(300, _archive.Files.Count);
        Assert.All(_archive.Files, file => Assert.Equal($"content {int.Parse(file.Key[^7..^4])}", Encoding.UTF8.GetString(file.Value)));
    }

    [Fact]
    public async Task A_flush_that_fails_marks_nothing()
    {
        _node.Write("a.log", "content");
        var flushes = 0;
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "flush" && Interlocked.Increment(ref flushes) == 1)
                throw FakeArchive.Lost();
        };
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        Assert.Equal(2, flushes);
        Assert.Equal("content".Length, _archive.BytesReceived);
    }

    [Fact]
    public async Task A_refused_file_is_reported_with_its_cause_while_others_go_on()
    {
        _node.Write("bad.log", "x");
        _node.Write("good.log", "y");
        _archive.OnOperation = (operation, path) =>
        {
            if (operation == "send" && path.EndsWith("bad.log", StringComparison.Ordinal))
                throw new ArchiveException(ArchiveFault.Refused, "STOR was answered 553 name not allowed");
        };
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.False(summary.IsComplete);
        Assert.Equal(1, summary.Files);
        Assert.Contains("553", Assert.Single(summary.Left).Reason);
        var status = await agent.StatusAsync();
        Assert.Equal(3, Assert.Single(status.Failed).Failure.Attempts);
        Assert.Contains("553", status.LastError);
        Assert.Equal(1, status.Totals.PendingFiles);
    }

    [Fact]
    public async Task A_crash_of_a_connection_loses_no_job()
    {
        _node.Write("a.log", "content");
        var crashes = 0;
        _archive.OnOperation = (operation, _) =>
        {
            if (operation == "send" && Interlocked.Increment(ref crashes) == 1)
                throw new InvalidOperationException("a mistake of ours");
        };
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        AssertArchived(("a.log", "content"));
    }

    [Fact]
    public async Task An_unreachable_archive_ends_a_single_run_with_the_reason()
    {
        _node.Write("a.log", "content");
        _archive.OnOperation = (_, _) => throw new ArchiveException(ArchiveFault.SignIn, "530 sign-in refused");
        await using var agent = Start();

        var summary = await agent.RunOnceAsync();

        Assert.False(summary.IsComplete);
        Assert.Contains("530", summary.Reason);
        Assert.Equal(1, summary.LeftCount);
        Assert.Contains("530", (await agent.StatusAsync()).LastError);
    }

    [Fact]
    public async Task An_error_is_told_no_more_once_things_work()
    {
        _node.Write("a.log", "content");
        _archive.OnOperation = (_, _) => throw FakeArchive.Lost();
        await using var agent = Start();
        await agent.RunOnceAsync();
        Assert.NotNull((await agent.StatusAsync()).LastError);
        _archive.OnOperation = (_, _) => { };

        await agent.RunOnceAsync();

        var status = await agent.StatusAsync();
        Assert.Null(status.LastError);
        Assert.Equal(1, status.Totals.ArchivedFiles);
        Assert.Equal("a.log", status.LastUploadPath);
    }

    [Fact]
    public async Task Without_hashes_on_the_archive_a_doubtful_file_becomes_a_version()
    {
        _archive.HasHashes = false;
        _archive.Put("/agent01/a.log", "con"u8.ToArray());
        _node.Write("a.log", "content");
        await using var agent = Start();

        await agent.RunOnceAsync();

        Assert.Equal(2, _archive.Files.Count);
        Assert.Equal("content", Encoding.UTF8.GetString(_archive.Files["/agent01/a.log"]));
    }

    [Fact]
    public async Task A_new_file_under_a_name_that_is_being_renamed_in_the_archive_is_archived_after_it()
    {
        _node.Write("app.log", "first");
        await using var agent = AgentUnderTest.Start(AgentUnderTest.Options(_node.Path), _archive);
        await agent.RunOnceAsync();
        using var renaming = new SemaphoreSlim(0);
        using var hold = new ManualResetEventSlim();
        _archive.OnOperation = (operation, _) =>
        {
            if (operation != "rename")
                return;
            renaming.Release();
            hold.Wait(TimeSpan.FromSeconds(30));
        };
        _node.Move("app.log", "app.log.1");
        var run = agent.RunOnceAsync();
        Assert.True(await renaming.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        _node.Write("app.log", "second");
        await agent.Scanner.Ask<CollectionProtocol.ScanFinished>(CollectionProtocol.ScanNow.Instance, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        hold.Set();
        var summary = await run;

        Assert.True(summary.IsComplete, summary.ToString());
        AssertArchived(("app.log", "second"), ("app.log.1", "first"));
    }

    [Fact]
    public async Task What_a_rule_leaves_out_does_not_keep_a_single_run_from_being_complete()
    {
        _node.Write("a.log", "one");
        _node.Write("large.log", "too large for the rule");
        File.CreateSymbolicLink(Path.Combine(_node.Path, "link"), "/");
        var options = AgentUnderTest.Options(_node.Path);
        await using var agent = AgentUnderTest.Start(options with { Roots = [options.Roots[0] with { MaxFileSize = 10 }] }, _archive);

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        AssertArchived(("a.log", "one"));
    }
}
