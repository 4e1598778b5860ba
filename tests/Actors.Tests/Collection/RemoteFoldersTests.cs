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
}
