using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>What the connections remember of the archive's folders.</summary>
public sealed class RemoteFoldersTests
{
    private readonly FakeArchive _archive = new();
    private readonly RemoteFolders _folders = new((_, _, _) => { }, TimeProvider.System);

    [Fact]
    public async Task A_folder_that_is_only_looked_into_is_not_made_and_one_that_is_written_to_is()
    {
        await using var transport = _archive.NewTransport();
        await transport.ConnectAsync(TestContext.Current.CancellationToken);

        Assert.Null((await _folders.LookAsync(transport, "/agent01/old", TestContext.Current.CancellationToken)).Find("app.log"));
        Assert.DoesNotContain(_archive.Log, entry => entry.StartsWith("mkdir", StringComparison.Ordinal));

        await _folders.OpenAsync(transport, "/agent01/old", TestContext.Current.CancellationToken);
        Assert.Contains("mkdir /agent01/old", _archive.Log);
    }

    [Fact]
    public async Task A_folder_is_listed_once_whichever_way_it_was_asked_for_first()
    {
        _archive.Put("/agent01/app.log", [1, 2, 3]);
        await using var transport = _archive.NewTransport();
        await transport.ConnectAsync(TestContext.Current.CancellationToken);

        Assert.Equal(3, (await _folders.LookAsync(transport, "/agent01", TestContext.Current.CancellationToken)).Find("app.log")!.Size);
        Assert.Equal(3, (await _folders.OpenAsync(transport, "/agent01", TestContext.Current.CancellationToken)).Find("app.log")!.Size);

        Assert.Single(_archive.Log, entry => entry == "list /agent01");
    }

    [Fact]
    public async Task What_one_connection_does_while_another_lists_counts_whatever_the_listing_tells()
    {
        _archive.Put("/agent01/app.log", [1, 2, 3]);
        _archive.Put("/agent01/web.log", [1]);
        RemoteFolders.Folder? folder = null;
        var folders = new RemoteFolders((_, _, _) => Rename(folder), TimeProvider.System);
        await using var transport = _archive.NewTransport();
        await transport.ConnectAsync(TestContext.Current.CancellationToken);
        folder = await folders.OpenAsync(transport, "/agent01", TestContext.Current.CancellationToken);
        folders.Forget("/agent01");

        var again = await folders.OpenAsync(transport, "/agent01", TestContext.Current.CancellationToken);

        Assert.Equal((null, 3L, 1L), (again.Find("app.log")?.Size, again.Find("app.~version~.log")?.Size, again.Find("web.log")?.Size));

        // The answer to the listing was on its way when the archive renamed.
        static void Rename(RemoteFolders.Folder? folder)
        {
            folder?.Remove("app.log");
            folder?.Put("app.~version~.log", 3, null);
        }
    }

    [Fact]
    public async Task What_is_done_in_a_folder_that_was_let_go_of_counts_where_it_is_known_anew()
    {
        _archive.Put("/agent01/app.log", [1, 2, 3]);
        await using var transport = _archive.NewTransport();
        await transport.ConnectAsync(TestContext.Current.CancellationToken);
        var folder = await _folders.OpenAsync(transport, "/agent01", TestContext.Current.CancellationToken);
        _folders.Clear();
        var again = await _folders.OpenAsync(transport, "/agent01", TestContext.Current.CancellationToken);

        folder.Remove("app.log");

        Assert.Null(again.Find("app.log"));
    }

    [Fact]
    public async Task A_listing_that_was_under_way_when_a_doubt_came_up_is_asked_for_again()
    {
        _archive.Put("/agent01/app.log", [1, 2, 3]);
        RemoteFolders folders = null!;
        var doubts = 1;
        folders = new RemoteFolders((path, _, _) => Doubt(path), TimeProvider.System);
        await using var transport = _archive.NewTransport();
        await transport.ConnectAsync(TestContext.Current.CancellationToken);

        var folder = await folders.OpenAsync(transport, "/agent01", TestContext.Current.CancellationToken);

        Assert.Equal(5, folder.Find("app.log")!.Size);
        Assert.Equal(2, _archive.Log.Count(entry => entry == "list /agent01"));

        void Doubt(string path)
        {
            if (doubts-- <= 0)
                return;
            folders.Forget(path);
            _archive.Put("/agent01/app.log", [1, 2, 3, 4, 5]);
        }
    }
}
