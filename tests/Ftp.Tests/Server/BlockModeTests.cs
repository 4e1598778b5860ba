using System.Net.Sockets;
using System.Text;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>MODE B (RFC 959, section 3.4.2), and the data connection that stays from file to file in it.</summary>
public sealed class BlockModeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_and_listings_go_over_one_data_connection()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE B", 200);
        using var data = await client.OpenDataAsync();
        var large = Enumerable.Range(0, 200_000).Select(number => (byte)(number * 7)).ToArray();
        await StoreAsync(client, data, "STOR small", Blocks(Encoding.ASCII.GetBytes("a line\n"), 3));
        await StoreAsync(client, data, "STOR empty", [64, 0, 0]);
        await StoreAsync(client, data, "STOR large", Blocks(large, 65_535));
        await StoreAsync(client, data, "APPE small", Blocks(Encoding.ASCII.GetBytes("one more\n"), 100));
        await client.CommandAsync("REST 7", 350);
        await StoreAsync(client, data, "STOR small", Blocks(Encoding.ASCII.GetBytes("the rest\n"), 100));
        Assert.Equal("a line\nthe rest\n", await File.ReadAllTextAsync(Path.Combine(server.Home, "small"), Token));
        Assert.Empty(await File.ReadAllBytesAsync(Path.Combine(server.Home, "empty"), Token));
        Assert.Equal(large, await File.ReadAllBytesAsync(Path.Combine(server.Home, "large"), Token));

        Assert.Contains("transfer MODE: Block", await client.CommandAsync("STAT", 211), StringComparison.Ordinal);
        Assert.Equal(large, await RetrieveAsync(client, data, "RETR large"));
        Assert.Empty(await RetrieveAsync(client, data, "RETR empty"));
        Assert.Equal(3, Encoding.ASCII.GetString(await RetrieveAsync(client, data, "NLST")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(server.Events.OfType<FtpTransferCompleted>().Where(done => done.Path.Name == "large"), done => Assert.Equal(large.Length, done.Bytes));
    }

    [Fact]
    public async Task A_last_block_may_hold_data_and_blocks_may_come_in_any_pieces()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE B", 200);
        using var data = await client.OpenDataAsync();
        data.NoDelay = true;
        await client.CommandAsync("STOR f", 150);
        byte[] sent = [0, 0, 2, (byte)'a', (byte)'b', 128, 0, 0, 64, 0, 1, (byte)'c'];
        foreach (var one in sent)
        {
            await client.CommandAsync("STAT", 211); // so that each comes by itself
            await data.GetStream().WriteAsync(new[] { one }, Token);
        }

        await client.ExpectAsync(250);
        Assert.Equal("abc", await File.ReadAllTextAsync(Path.Combine(server.Home, "f"), Token));
    }

    [Fact]
    public async Task A_connection_that_ends_before_the_last_block_has_brought_no_whole_file()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", Encoding.ASCII.GetBytes("as it was\n"));
        await client.CommandAsync("MODE B", 200);
        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR f", 150);
            await data.GetStream().WriteAsync(Blocks(Encoding.ASCII.GetBytes("cut off"), 7)[..^3], Token);
        }

        Assert.Contains("before the block that ends the file", await client.ExpectAsync(426), StringComparison.Ordinal);
        Assert.Equal("as it was\n", await File.ReadAllTextAsync(Path.Combine(server.Home, "f"), Token));
        await client.CommandAsync("STOR f", 425);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public async Task Blocks_whose_data_is_no_part_of_the_file_are_told(byte marks)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE B", 200);
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 150);
        await data.GetStream().WriteAsync(new byte[] { marks, 0, 1, 1, 64, 0, 0 }, Token);
        Assert.Contains($"marked {marks}", await client.ExpectAsync(426), StringComparison.Ordinal);
        await ExpectEndAsync(data);
    }

    [Theory]
    [InlineData("STOR folder", 550)]
    [InlineData("STOR", 501)] // refused before anybody looks at connections
    public async Task What_was_sent_with_an_upload_that_is_refused_is_not_taken_for_the_next_file(string refused, int code)
    {
        await using var server = await TestServer.StartAsync();
        Directory.CreateDirectory(Path.Combine(server.Home, "folder"));
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE B", 200);
        using var data = await client.OpenDataAsync();
        await StoreAsync(client, data, "STOR f", Blocks([1], 1));
        await data.GetStream().WriteAsync(Blocks(Encoding.ASCII.GetBytes("for the folder"), 100), Token);
        await client.CommandAsync(refused, code);
        await client.CommandAsync("STOR g", 425);
        await ExpectEndAsync(data);
        Assert.False(File.Exists(Path.Combine(server.Home, "g")));
    }

    [Theory]
    [InlineData("EPSV", 229)]
    [InlineData("ABOR", 226)]
    [InlineData("MODE S", 200)]
    [InlineData("MODE Z", 200)]
    [InlineData("REIN", 220)]
    [InlineData("QUIT", 221)]
    public async Task The_connection_ends_with_what_it_was_made_for(string command, int code)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE B", 200);
        using var data = await client.OpenDataAsync();
        await StoreAsync(client, data, "STOR f", Blocks([1], 1));
        await client.CommandAsync(command, code);
        await ExpectEndAsync(data);
    }

    [Fact]
    public async Task A_connection_in_clear_is_not_used_once_data_is_private()
    {
        using var folder = new TemporaryFolder();
        var tls = new FtpServerTls(FtpServerCertificate.SelfSigned(folder.At("server.pem"), "localhost"));
        await using var server = await TestServer.StartAsync(options => options with { Tls = tls });
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.UseTlsAsync(dataToo: false);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        await client.CommandAsync("MODE B", 200);
        using var data = await client.OpenDataAsync();
        await StoreAsync(client, data, "STOR f", Blocks([1], 1));
        await client.CommandAsync("PROT P", 200);
        await client.CommandAsync("STOR g", 425);
        await ExpectEndAsync(data);
    }

    [Fact]
    public async Task A_connection_that_nobody_uses_is_closed_after_a_while()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(options => options with { TimeProvider = clock, IdleTimeout = TimeSpan.FromHours(1) });
        using var client = await server.SignInAsync();
        await client.CommandAsync("MODE B", 200);
        using var data = await client.OpenDataAsync();
        await StoreAsync(client, data, "STOR f", Blocks([1], 1));
        for (var second = 0; second < 20; second++)
            clock.Advance(TimeSpan.FromSeconds(1));
        await ExpectEndAsync(data);
        await client.CommandAsync("STOR f", 425);
        Assert.Equal([1], await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
    }

    private static byte[] Blocks(byte[] content, int size) =>
        [.. content.Chunk(size).SelectMany(piece => (byte[])[0, (byte)(piece.Length >> 8), (byte)piece.Length, .. piece]), 64, 0, 0];

    private static async Task StoreAsync(RawFtpClient client, TcpClient data, string command, byte[] blocks)
    {
        await client.CommandAsync(command, 150);
        await data.GetStream().WriteAsync(blocks, Token);
        await client.ExpectAsync(250);
    }

    private static async Task<byte[]> RetrieveAsync(RawFtpClient client, TcpClient data, string command)
    {
        await client.CommandAsync(command, 150);
        var content = new List<byte>();
        var header = new byte[3];
        do
        {
            await data.GetStream().ReadExactlyAsync(header, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
            var piece = new byte[(header[1] << 8) | header[2]];
            await data.GetStream().ReadExactlyAsync(piece, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
            content.AddRange(piece);
        }
        while (header[0] != 64);
        await client.ExpectAsync(250);
        return [.. content];
    }

    private static async Task ExpectEndAsync(TcpClient data)
    {
        try
        {
            Assert.Equal(0, await data.GetStream().ReadAsync(new byte[1], Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));
        }
        catch (IOException)
        {
            // A reset, as something sent was not read any more.
        }
    }
}
