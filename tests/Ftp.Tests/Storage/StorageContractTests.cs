using System.Text;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Storage;

public sealed class MemoryStorageTests : StorageContractTests
{
    protected override IFtpStorage Storage { get; } = new MemoryStorage();
}

public sealed class DirectoryStorageTests : StorageContractTests, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DirectoryStorageTests() => Storage = new DirectoryStorage(_folder.Path);

    protected override IFtpStorage Storage { get; }

    public void Dispose()
    {
        ((DirectoryStorage)Storage).Dispose();
        _folder.Dispose();
    }
}

public sealed class PortableJailStorageTests : StorageContractTests, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PortableJailStorageTests() => Storage = new DirectoryStorage(new PortableJail(_folder.Path));

    protected override IFtpStorage Storage { get; }

    public void Dispose() => _folder.Dispose();
}

/// <summary>What every storage does.</summary>
public abstract class StorageContractTests
{
    private static readonly FtpPath A = FtpPath.Parse("/a.log");
    private static readonly FtpPath Folder = FtpPath.Parse("/folder");

    protected abstract IFtpStorage Storage { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_written_is_read()
    {
        await WriteAsync(A, "hello");
        Assert.Equal("hello", await ReadAsync(A));
        var entry = await Storage.GetEntryAsync(A, Token);
        Assert.Equal(("a.log", false, 5L), (entry!.Name, entry.IsDirectory, entry.Size));
    }

    [Fact]
    public async Task Replacing_cuts_what_was_longer()
    {
        await WriteAsync(A, "long content");
        await WriteAsync(A, "new");
        Assert.Equal("new", await ReadAsync(A));
    }

    [Fact]
    public async Task Replacing_by_nothing_leaves_an_empty_file()
    {
        await WriteAsync(A, "content");
        await WriteAsync(A, "");
        Assert.Equal("", await ReadAsync(A));
    }

    [Fact]
    public async Task A_transfer_that_never_began_destroys_nothing()
    {
        await WriteAsync(A, "content");
        await (await Storage.OpenWriteAsync(A, FtpWriteMode.Replace, 0, 0, Token)).DisposeAsync();
        Assert.Equal("content", await ReadAsync(A));
    }

    [Fact]
    public async Task Appending_continues_at_the_end()
    {
        await WriteAsync(A, "abc", FtpWriteMode.Append);
        await WriteAsync(A, "def", FtpWriteMode.Append);
        Assert.Equal("abcdef", await ReadAsync(A));
    }

    [Fact]
    public async Task Resuming_cuts_what_follows_the_offset()
    {
        await WriteAsync(A, "abcdef");
        await WriteAsync(A, "X", FtpWriteMode.Resume, 2);
        Assert.Equal("abX", await ReadAsync(A));
    }

    [Fact]
    public async Task Resuming_beyond_the_end_is_refused_and_makes_no_file()
    {
        await RefusedAsync(FtpStorageError.InvalidOffset, async () => await Storage.OpenWriteAsync(A, FtpWriteMode.Resume, 1, 0, Token));
        Assert.Null(await Storage.GetEntryAsync(A, Token));
    }

    [Fact]
    public async Task What_an_interrupted_upload_wrote_stays()
    {
        var writer = await Storage.OpenWriteAsync(A, FtpWriteMode.Replace, 0, 0, Token);
        await writer.WriteAsync("half"u8.ToArray(), Token);
        await writer.DisposeAsync();
        Assert.Equal("half", await ReadAsync(A));
    }

    [Fact]
    public async Task A_missing_parent_is_not_found() =>
        await RefusedAsync(FtpStorageError.NotFound, async () => await Storage.OpenWriteAsync(Folder.Combine("x"), FtpWriteMode.Replace, 0, 0, Token));

    [Fact]
    public async Task A_file_is_no_parent()
    {
        await WriteAsync(A, "");
        await RefusedAsync(FtpStorageError.NotFound, async () => await Storage.OpenWriteAsync(A.Combine("x"), FtpWriteMode.Replace, 0, 0, Token));
        Assert.Null(await Storage.GetEntryAsync(A.Combine("x"), Token));
    }

    [Fact]
    public async Task A_folder_is_no_file()
    {
        await Storage.CreateDirectoryAsync(Folder, Token);
        await RefusedAsync(FtpStorageError.WrongKind, async () => await Storage.OpenWriteAsync(Folder, FtpWriteMode.Replace, 0, 0, Token));
        await RefusedAsync(FtpStorageError.WrongKind, async () => await Storage.OpenReadAsync(Folder, Token));
        await RefusedAsync(FtpStorageError.WrongKind, async () => await Storage.DeleteFileAsync(Folder, Token));
    }

    [Fact]
    public async Task Folders_list_their_own_entries_only()
    {
        await Storage.CreateDirectoryAsync(Folder, Token);
        await Storage.CreateDirectoryAsync(Folder.Combine("inner"), Token);
        await WriteAsync(Folder.Combine("inner").Combine("deep"), "");
        await WriteAsync(Folder.Combine("name with\nnewline, \"quotes\" and ü#"), "x");
        var names = new List<string>();
        await foreach (var entry in Storage.ListAsync(Folder, Token))
            names.Add($"{entry.Name}:{entry.IsDirectory}:{entry.Size}");
        Assert.Equal(["inner:True:0", "name with\nnewline, \"quotes\" and ü#:False:1"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Listing_what_is_no_folder_is_not_found()
    {
        await RefusedAsync(FtpStorageError.NotFound, async () =>
        {
            await foreach (var entry in Storage.ListAsync(Folder, Token))
                Assert.Fail(entry.Name);
        });
    }

    [Fact]
    public async Task A_folder_exists_once_and_goes_when_empty()
    {
        await Storage.CreateDirectoryAsync(Folder, Token);
        await RefusedAsync(FtpStorageError.AlreadyExists, async () => await Storage.CreateDirectoryAsync(Folder, Token));
        await WriteAsync(Folder.Combine("x"), "");
        await RefusedAsync(FtpStorageError.NotEmpty, async () => await Storage.DeleteDirectoryAsync(Folder, Token));
        await Storage.DeleteFileAsync(Folder.Combine("x"), Token);
        await Storage.DeleteDirectoryAsync(Folder, Token);
        Assert.Null(await Storage.GetEntryAsync(Folder, Token));
    }

    [Fact]
    public async Task Renaming_moves_a_folder_with_all_in_it_and_never_replaces()
    {
        await Storage.CreateDirectoryAsync(Folder, Token);
        await WriteAsync(Folder.Combine("x"), "1");
        await WriteAsync(A, "2");
        await RefusedAsync(FtpStorageError.AlreadyExists, async () => await Storage.RenameAsync(Folder.Combine("x"), A, Token));
        await Storage.RenameAsync(Folder, FtpPath.Parse("/moved"), Token);
        Assert.Equal("1", await ReadAsync(FtpPath.Parse("/moved/x")));
        Assert.Equal("2", await ReadAsync(A));
        Assert.Null(await Storage.GetEntryAsync(Folder, Token));
    }

    [Fact]
    public async Task The_modification_time_is_kept()
    {
        await WriteAsync(A, "");
        var time = new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await Storage.SetModifiedAsync(A, time, Token);
        Assert.Equal(time, (await Storage.GetEntryAsync(A, Token))!.Modified);
    }

    [Fact]
    public async Task Flushing_takes_files_folders_and_what_is_gone()
    {
        await Storage.CreateDirectoryAsync(Folder, Token);
        for (var i = 0; i < 20; i++)
            await WriteAsync(Folder.Combine($"{i}"), "x");
        await Storage.FlushAsync([.. Enumerable.Range(0, 20).Select(i => Folder.Combine($"{i}"))], Token);
        await WriteAsync(A, "x");
        await Storage.FlushAsync([A, Folder, FtpPath.Parse("/never/was")], Token);
        Assert.Equal("x", await ReadAsync(A));
    }

    [Fact]
    public async Task New_content_of_a_file_is_seen_when_it_is_whole()
    {
        await WriteAsync(A, "old content");
        await using (var writer = await Storage.OpenWriteAsync(A, FtpWriteMode.Replace, 0, 0, Token))
        {
            await writer.WriteAsync("new"u8.ToArray(), Token);
            Assert.Equal("old content", await ReadAsync(A));
            Assert.Equal(11, (await Storage.GetEntryAsync(A, Token))!.Size);
            await writer.WriteAsync(" content!"u8.ToArray(), Token);
            await writer.CompleteAsync(Token);
        }

        Assert.Equal("new content!", await ReadAsync(A));
        Assert.Equal(["a.log"], await NamesAsync());
    }

    [Fact]
    public async Task New_content_left_unfinished_can_be_continued_and_is_never_mixed_with_the_old()
    {
        await WriteAsync(A, "old content");
        await LeaveUnfinishedAsync(A, "new c");
        Assert.Equal("old content", await ReadAsync(A));
        await RefusedAsync(FtpStorageError.InvalidOffset, () => WriteAsync(A, "x", FtpWriteMode.Resume, 6));
        await WriteAsync(A, "CONTENT", FtpWriteMode.Resume, 4);
        Assert.Equal("new CONTENT", await ReadAsync(A));
        await WriteAsync(A, "!", FtpWriteMode.Resume, 11);
        Assert.Equal("new CONTENT!", await ReadAsync(A));
    }

    [Theory]
    [InlineData("store")]
    [InlineData("append")]
    [InlineData("delete")]
    [InlineData("rename")]
    public async Task What_was_left_unfinished_is_forgotten_once_the_file_is_changed_otherwise(string change)
    {
        await WriteAsync(A, "old content");
        await LeaveUnfinishedAsync(A, "unfinished content");
        switch (change)
        {
            case "store":
                await WriteAsync(A, "old content");
                break;
            case "append":
                await WriteAsync(A, "", FtpWriteMode.Append);
                break;
            case "delete":
                await Storage.DeleteFileAsync(A, Token);
                await WriteAsync(A, "old content");
                break;
            default:
                await Storage.RenameAsync(A, FtpPath.Parse("/b"), Token);
                await Storage.RenameAsync(FtpPath.Parse("/b"), A, Token);
                break;
        }

        Assert.Equal(["a.log"], await NamesAsync());
        await WriteAsync(A, "?", FtpWriteMode.Resume, 11);
        Assert.Equal("old content?", await ReadAsync(A));
    }

    [Fact]
    public async Task Names_as_long_as_they_may_be_are_replaced_too()
    {
        var path = FtpPath.Parse("/" + new string('n', 255));
        await WriteAsync(path, "old");
        await WriteAsync(path, "new");
        Assert.Equal("new", await ReadAsync(path));
    }

    private async Task LeaveUnfinishedAsync(FtpPath path, string text)
    {
        var writer = await Storage.OpenWriteAsync(path, FtpWriteMode.Replace, 0, 0, Token);
        await using (writer)
            await writer.WriteAsync(Encoding.UTF8.GetBytes(text), Token);
    }

    private async Task<List<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var entry in Storage.ListAsync(FtpPath.Root, Token))
            names.Add(entry.Name);
        return names;
    }

    private async Task WriteAsync(FtpPath path, string text, FtpWriteMode mode = FtpWriteMode.Replace, long offset = 0)
    {
        var writer = await Storage.OpenWriteAsync(path, mode, offset, 0, Token);
        await using (writer)
        {
            if (text.Length > 0)
                await writer.WriteAsync(Encoding.UTF8.GetBytes(text), Token);
            await writer.CompleteAsync(Token);
        }
    }

    private async Task<string> ReadAsync(FtpPath path)
    {
        await using var reader = await Storage.OpenReadAsync(path, Token);
        var buffer = new byte[reader.Length];
        Assert.Equal(buffer.Length, await reader.ReadAsync(buffer, 0, Token));
        Assert.Equal(0, await reader.ReadAsync(new byte[1], reader.Length, Token));
        return Encoding.UTF8.GetString(buffer);
    }

    private static async Task RefusedAsync(FtpStorageError error, Func<Task> operation) =>
        Assert.Equal(error, (await Assert.ThrowsAsync<FtpStorageException>(operation)).Error);
}
