using System.Text;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class DeflateTests
{
    private static readonly byte[] Log = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40_000).Select(line => $"2026-01-01T00:00:{line % 60:00} INFO worker {line % 17} did something ordinary\n")));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_and_downloads_shrink_and_arrive_as_they_were()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE Z", 200);
        await client.StoreAsync("STOR app.log", Deflated.Of(Log));
        Assert.Equal(Log, await File.ReadAllBytesAsync(Path.Combine(server.Home, "app.log"), Token));

        var sent = await client.RetrieveAsync("RETR app.log");
        Assert.True(sent.Length < Log.Length / 8, $"{sent.Length} bytes were sent for {Log.Length}");
        Assert.Equal(Log, Deflated.Back(sent));
        await client.CommandAsync("OPTS MODE Z LEVEL 9", 200);
        Assert.True((await client.RetrieveAsync("RETR app.log")).Length < sent.Length);
        var completed = await server.EventAsync<FtpTransferCompleted>(done => done.Kind == FtpTransferKind.Retrieve);
        Assert.Equal(Log.Length, completed.Bytes);

        Assert.Contains("app.log", Encoding.UTF8.GetString(Deflated.Back(await client.RetrieveAsync("MLSD"))), StringComparison.Ordinal);
        await client.CommandAsync("MODE S", 200);
        Assert.Equal(Log, await client.RetrieveAsync("RETR app.log"));
    }

    [Fact]
    public async Task REST_counts_in_bytes_of_the_file()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", Log[..1000]);
        await client.CommandAsync("MODE Z", 200);
        await client.CommandAsync("REST 1000", 350);
        await client.StoreAsync("STOR f", Deflated.Of(Log[1000..]));
        await client.CommandAsync("REST 5000", 350);
        Assert.Equal(Log[5000..], Deflated.Back(await client.RetrieveAsync("RETR f")));
    }

    [Fact]
    public async Task Empty_files_travel_both_ways()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE Z", 200);
        await client.StoreAsync("STOR a", [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]);
        await client.StoreAsync("STOR b", []);
        var sent = await client.RetrieveAsync("RETR a");
        Assert.Equal(8, sent.Length);
        Assert.Empty(Deflated.Back(sent));
        Assert.All(Directory.GetFiles(server.Home), file => Assert.Equal(0, new FileInfo(file).Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5000)]
    public async Task A_stream_cut_short_is_told_and_is_no_file(int missing)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE Z", 200);
        var whole = Deflated.Of(Log);
        Assert.Contains("too early", await client.StoreAsync("STOR f", whole[..^missing], code: 426), StringComparison.Ordinal);
        await client.StoreAsync("STOR f", whole);
        Assert.Equal(Log, await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
    }

    [Fact]
    public async Task What_is_no_zlib_stream_is_told_and_the_session_lives_on()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE Z", 200);
        // Little, so that it is on its way before the server turns it away.
        Assert.Contains("zlib", await client.StoreAsync("STOR f", Log[..1000], code: 426), StringComparison.Ordinal);
        await client.CommandAsync("NOOP", 200);
    }
}
