using System.Text;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Actors.Tests.Ftp;

public sealed class ArchiveStorageTests : IFirstArchivingTimes
{
    private static readonly FtpPath App = FtpPath.Parse("/app.log");
    private readonly MemoryStorage _tree = new();
    private readonly List<FtpServerProtocol.FileSetAside> _setAside = [];
    private readonly ArchiveStorage _storage;

    public ArchiveStorageTests() => _storage = new ArchiveStorage(_tree, this, _setAside.Add);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask<DateTimeOffset?> GetFirstArchivedAsync(FtpPath path, CancellationToken cancellationToken) =>
        ValueTask.FromResult<DateTimeOffset?>(new DateTimeOffset(2024, 7, 23, 11, 13, 25, TimeSpan.Zero));

    [Fact]
    public async Task Other_content_at_an_occupied_name_keeps_the_older_under_its_first_archiving()
    {
        await Store("first");
        await Store("second");
        await Store("third");

        Assert.Equal(["app.log=third", "app.~20240723T111325Z-2~.log=second", "app.~20240723T111325Z~.log=first"], await Tree());
        Assert.Equal(["/app.~20240723T111325Z~.log", "/app.~20240723T111325Z-2~.log"], _setAside.Select(version => version.To.Value));
    }

    [Theory]
    [InlineData("first", "first")]
    [InlineData("first", "first and more")]
    [InlineData("", "anything")]
    public async Task Content_that_the_new_one_begins_with_is_not_kept_twice(string older, string newer)
    {
        await Store(older);
        await Store(newer);

        Assert.Equal([$"app.log={newer}"], await Tree());
        AssertTakenBack();
    }

    [Fact]
    public async Task A_discarded_upload_leaves_the_older_content_where_it_was()
    {
        await Store("first");
        var writer = await _storage.OpenWriteAsync(App, FtpWriteMode.Replace, 0, 0, Cancel);
        await writer.WriteAsync(Encoding.UTF8.GetBytes("second"), Cancel);
        await writer.DiscardAsync(Cancel);
        await writer.DisposeAsync();

        Assert.Equal(["app.log=first"], await Tree());
        AssertTakenBack();
    }

    // Whatever was told to have got another name was told to have got it back.
    private void AssertTakenBack() =>
        Assert.Equal(_setAside.Where((_, index) => index % 2 == 0).Select(aside => (aside.To, aside.From)), _setAside.Where((_, index) => index % 2 == 1).Select(aside => (aside.From, aside.To)));

    [Fact]
    public async Task A_discarded_continuation_is_cut_where_it_began_and_a_new_file_is_gone()
    {
        await Store("first");
        foreach (var path in (FtpPath[])[App, FtpPath.Parse("/new.log")])
        {
            var writer = await _storage.OpenWriteAsync(path, FtpWriteMode.Append, 0, 0, Cancel);
            await writer.WriteAsync(Encoding.UTF8.GetBytes(" and more"), Cancel);
            await writer.DiscardAsync(Cancel);
            await writer.DisposeAsync();
        }

        Assert.Equal(["app.log=first"], await Tree());
    }

    [Fact]
    public async Task A_shorter_file_does_not_replace_a_longer_one_that_begins_with_it()
    {
        await Store("first and more");
        await Store("first");

        Assert.Equal(["app.log=first", "app.~20240723T111325Z~.log=first and more"], await Tree());
    }

    [Fact]
    public async Task An_empty_file_in_its_place_keeps_the_older_content()
    {
        await Store("first");
        await Store("");

        Assert.Equal(["app.log=", "app.~20240723T111325Z~.log=first"], await Tree());
    }

    [Fact]
    public async Task A_transfer_that_never_begins_moves_nothing()
    {
        await Store("first");
        await using (await _storage.OpenWriteAsync(App, FtpWriteMode.Replace, 0, 0, Cancel))
        {
        }

        Assert.Equal(["app.log=first"], await Tree());
    }

    [Fact]
    public async Task A_transfer_that_breaks_off_keeps_the_older_content()
    {
        await Store("first");
        await using (var writer = await _storage.OpenWriteAsync(App, FtpWriteMode.Replace, 0, 0, Cancel))
        {
            await writer.WriteAsync("sec"u8.ToArray(), Cancel);
        }

        Assert.Equal(["app.log=sec", "app.~20240723T111325Z~.log=first"], await Tree());
        Assert.Single(_setAside);
    }

    [Fact]
    public async Task Appending_and_resuming_at_the_end_make_no_version()
    {
        await Store("one ");
        await Store("two ", FtpWriteMode.Append);
        await Store("three", FtpWriteMode.Resume, 8);

        Assert.Equal(["app.log=one two three"], await Tree());
    }

    [Fact]
    public async Task Resuming_before_the_end_keeps_what_would_be_cut()
    {
        await Store("one two three");
        await Store("TWO", FtpWriteMode.Resume, 4);

        Assert.Equal(["app.log=one TWO", "app.~20240723T111325Z~.log=one two three"], await Tree());
    }

    [Fact]
    public async Task Sending_again_what_is_there_already_from_the_middle_makes_no_version()
    {
        await Store("one two three");
        await Store("two three four", FtpWriteMode.Resume, 4);

        Assert.Equal(["app.log=one two three four"], await Tree());
    }

    [Fact]
    public async Task Resuming_beyond_the_end_is_refused_and_lets_the_next_one_in()
    {
        await Store("one");

        var refused = await Assert.ThrowsAsync<FtpStorageException>(async () => await _storage.OpenWriteAsync(App, FtpWriteMode.Resume, 9, 0, Cancel));

        Assert.Equal(FtpStorageError.InvalidOffset, refused.Error);
        await Store(" two", FtpWriteMode.Append);
        Assert.Equal(["app.log=one two"], await Tree());
    }

    [Fact]
    public async Task A_rename_onto_an_occupied_name_keeps_what_was_there()
    {
        await Store("older");
        await Store("newer", path: "/incoming");

        await _storage.RenameAsync(FtpPath.Parse("/incoming"), App, Cancel);

        Assert.Equal(["app.log=newer", "app.~20240723T111325Z~.log=older"], await Tree());
    }

    [Fact]
    public async Task A_rename_onto_an_empty_file_replaces_it()
    {
        await Store("");
        await Store("newer", path: "/incoming");

        await _storage.RenameAsync(FtpPath.Parse("/incoming"), App, Cancel);

        Assert.Equal(["app.log=newer"], await Tree());
    }

    [Fact]
    public async Task A_rename_of_nothing_moves_nothing_aside()
    {
        await Store("older");

        await Assert.ThrowsAsync<FtpStorageException>(async () => await _storage.RenameAsync(FtpPath.Parse("/none"), App, Cancel));

        Assert.Equal(["app.log=older"], await Tree());
    }

    [Fact]
    public async Task While_a_file_is_written_nobody_else_writes_renames_or_removes_it()
    {
        await Store("one");
        await using var writer = await _storage.OpenWriteAsync(App, FtpWriteMode.Append, 0, 0, Cancel);

        await Assert.ThrowsAsync<FtpStorageException>(async () => await _storage.OpenWriteAsync(App, FtpWriteMode.Replace, 0, 0, Cancel));
        await Assert.ThrowsAsync<FtpStorageException>(async () => await _storage.RenameAsync(App, FtpPath.Parse("/x"), Cancel));
        await Assert.ThrowsAsync<FtpStorageException>(async () => await _storage.RenameAsync(FtpPath.Parse("/x"), App, Cancel));
        var busy = await Assert.ThrowsAsync<FtpStorageException>(async () => await _storage.DeleteFileAsync(App, Cancel));
        Assert.Equal(FtpStorageError.Busy, busy.Error);
    }

    [Theory]
    [InlineData("app.log", 1, "app.~20240723T111325Z~.log")]
    [InlineData("app.log", 2, "app.~20240723T111325Z-2~.log")]
    [InlineData("app.log.5", 1, "app.log.~20240723T111325Z~.5")]
    [InlineData("noending", 1, "noending.~20240723T111325Z~")]
    [InlineData(".bashrc", 1, ".bashrc.~20240723T111325Z~")]
    public void Versions_are_named_after_their_file(string name, int number, string version) =>
        Assert.Equal(version, VersionName.Of(name, new DateTimeOffset(2024, 7, 23, 13, 13, 25, TimeSpan.FromHours(2)), number));

    [Fact]
    public void A_version_of_the_longest_name_still_fits_a_file_system()
    {
        var version = VersionName.Of(string.Concat(Enumerable.Repeat("😀", 62)) + ".log", DateTimeOffset.UnixEpoch, 12);

        Assert.InRange(Encoding.UTF8.GetByteCount(version), 240, 255);
        Assert.EndsWith("😀.~19700101T000000Z-12~.log", version, StringComparison.Ordinal);
    }

    private async Task Store(string content, FtpWriteMode mode = FtpWriteMode.Replace, long offset = 0, string path = "/app.log")
    {
        await using var writer = await _storage.OpenWriteAsync(FtpPath.Parse(path), mode, offset, 0, Cancel);
        if (content.Length > 0)
        {
            await writer.WriteAsync(Encoding.UTF8.GetBytes(content), Cancel);
        }

        await writer.CompleteAsync(Cancel);
    }

    private async Task<IReadOnlyList<string>> Tree()
    {
        var lines = new List<string>();
        await foreach (var entry in _tree.ListAsync(FtpPath.Root, Cancel))
        {
            await using var reader = await _tree.OpenReadAsync(FtpPath.Root.Combine(entry.Name), Cancel);
            var content = new byte[reader.Length];
            await reader.ReadAsync(content, 0, Cancel);
            lines.Add($"{entry.Name}={Encoding.UTF8.GetString(content)}");
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }
}
